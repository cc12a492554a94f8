"""Records about keeping order: network bans, switches, and what operators did."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.core.access import ranks
from hubbub.core.apply.users import drop_session, remove
from hubbub.core.outcomes import Afterwards, Banned, Notify, Outcome, Refused, SessionEnded
from hubbub.core.policy.privileges import CLASSES, OWNER
from hubbub.core.records.entries import Entry
from hubbub.core.records.moderation import (
    NetworkBanAdded,
    NetworkBanRemoved,
    OperatorActed,
    SwitchSet,
)
from hubbub.core.world.bans import ADDRESS, GONE, NetworkBan
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message

Outcomes = list[Outcome]


def _held(
    world: World, record: NetworkBanAdded | NetworkBanRemoved | SwitchSet, privilege: str
) -> frozenset[str] | None:
    """Return the privileges of who asked, if the one that it takes is among them, or None."""
    if record.console:
        return CLASSES[OWNER]
    user = world.sessions.get(record.origin.session)
    if user is None or not user.holds(privilege):
        return None
    return user.wielded


def network_ban_added(world: World, record: NetworkBanAdded, entry: Entry) -> Outcomes:
    """Keep somebody out from now on, and end who is here and meant.

    Operators who may do what the one that asked may not stay.
    """
    held = _held(world, record, "ban-network")
    if held is None:
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    now = entry.seconds
    if not ranks.may_lift(held, world.bans.get(record.kind, record.target, now)):
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    if not world.bans.has_room(record.kind, record.target, now):
        return [Refused(record.origin, numerics.ERR_UNKNOWNERROR, ("UBAN", "Too many bans"))]
    ban = NetworkBan(
        record.kind,
        record.target,
        record.operator,
        now,
        now + record.seconds if record.seconds else 0,
        record.reason,
        record.note,
        record.rank,
    )
    world.bans.remove_expired(now)
    world.bans.add(ban)
    if ban.kind == ADDRESS:
        return [Banned(ban, held)]
    met = [
        user
        for user in world.users.values()
        if ban.meets(user.source, user.account) and ranks.may_act_on(world, held, user)
    ]
    return _end(world, met, ban, entry)


def _end(world: World, users: Iterable[User], ban: NetworkBan, entry: Entry) -> Outcomes:
    outcomes: Outcomes = []
    ended: list[SessionEnded] = []
    left = {user: user.circle for user in users}
    for user in left:
        numeric = Message(numerics.ERR_YOUREBANNEDCREEP.code, (user.nick, ban.text))
        outcomes.append(Notify(numeric, (user,), cap.NONE))
        for session in sorted(user.sessions):
            drop_session(world, session, entry)
            ended.append(SessionEnded(session, ban.text))
        outcomes += remove(world, user, entry)
    # All have left by now: nobody is told of somebody else who was ended with it.
    quits = [
        Notify(Message("QUIT", (GONE,), user.source), (), cap.NONE, circle=circle)
        for user, circle in left.items()
    ]
    return [*outcomes, *ended, Afterwards(tuple(quits))]


def network_ban_removed(world: World, record: NetworkBanRemoved, entry: Entry) -> Outcomes:
    """Let somebody in again."""
    held, now = _held(world, record, "ban-network"), entry.seconds
    if held is None or not ranks.may_lift(held, world.bans.get(record.kind, record.target, now)):
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    world.bans.remove(record.kind, record.target)
    return []


def switch_set(world: World, record: SwitchSet, entry: Entry) -> Outcomes:
    """Close something to newcomers, or open it again."""
    if _held(world, record, "switches") is None:
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    if record.closed:
        world.closed[record.name] = record.reason
    else:
        world.closed.pop(record.name, None)
    return []


def operator_acted(world: World, record: OperatorActed, entry: Entry) -> Outcomes:
    """Keep in mind what an operator did: it stands in the history, the World is not changed."""
    return []
