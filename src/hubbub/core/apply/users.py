"""Records about users: coming, going, and what they say of themselves."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from hubbub.core.apply.channels import leave, uninvite
from hubbub.core.effects import (
    Deliver,
    HistoryEnded,
    Notify,
    Outcome,
    Present,
    Refused,
    SessionEnded,
    SessionStarted,
)
from hubbub.core.privileges import ADMIN
from hubbub.core.records import (
    AwaySet,
    Connected,
    Disconnected,
    Entry,
    Killed,
    NodeStarted,
    RealnameSet,
    Renamed,
    SessionId,
    SilenceSet,
    UserModesSet,
)
from hubbub.core.state import Channel, User
from hubbub.core.world import WhoWas, World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold

Outcomes = list[Outcome]

RESTARTED: Final = "Server restarted"
"""Why the sessions of a node ended that began anew."""


def connected(world: World, record: Connected, entry: Entry) -> Outcomes:
    """Start a session, of a new user or of one who is here already."""
    session = record.origin.session
    if record.attach is not None:
        user = world.sessions.get(record.attach)
        if user is None or not user.account or user.account != record.account:
            return [Refused(record.origin, numerics.ERR_NOSUCHNICK, (record.nick,))]
    elif fold(record.nick) in world.users:
        return [Refused(record.origin, numerics.ERR_NICKNAMEINUSE, (record.nick,))]
    else:
        user = User(
            id=session,
            nick=record.nick,
            username=record.username,
            host=record.host,
            realname=record.realname,
            account=record.account,
            modes=frozenset(record.modes),
            connected=entry.time // 1_000_000,
            secure=record.secure,
        )
        world.users[fold(user.nick)] = user
        world.most_users = max(world.most_users, len(world.users))
    user.sessions.append(session)
    world.sessions[session] = user
    started: Outcomes = [SessionStarted(session, user)]
    if record.attach is None:
        started.append(Present(user.nick, user.source))
    return started


def disconnected(world: World, record: Disconnected, entry: Entry) -> Outcomes:
    """End a session, and the user with the last one."""
    user = world.sessions.get(record.origin.session)
    if user is not None and record.source != user.source:
        # It was renamed while this was on its way; under its old nick nobody knows it any more.
        entry = replace(entry, record=replace(record, source=user.source))
    return _end_session(world, record.origin.session, record.reason, entry)


def _end_session(world: World, session: SessionId, reason: str, entry: Entry) -> Outcomes:
    user = world.sessions.pop(session, None)
    if user is None:
        return []
    user.sessions.remove(session)
    outcomes: Outcomes = []
    if not user.sessions:
        outcomes.append(Deliver(entry, None, world.peers(user)))
        outcomes += _remove(world, user, entry)
    # Last, so that the shell still knows whose session it was while the user leaves the channels.
    return [*outcomes, SessionEnded(session, reason)]


def killed(world: World, record: Killed, entry: Entry) -> Outcomes:
    """End all sessions of a user."""
    user = world.sessions.get(record.origin.session)
    nick = record.victim.partition("!")[0]
    victim = world.user(nick)
    if user is None or not user.may("kill"):
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    if victim is None or (record.to is not None and victim.id != record.to):
        return [Refused(record.origin, numerics.ERR_NOSUCHNICK, (nick,))]
    ended: Outcomes = []
    for session in sorted(victim.sessions):
        del world.sessions[session]
        ended.append(SessionEnded(session, f"Killed ({user.nick} ({record.reason}))"))
    victim.sessions.clear()
    shown = Deliver(entry, None, world.peers(victim))
    return [shown, *_remove(world, victim, entry), *ended]


def _remove(world: World, user: User, entry: Entry) -> Outcomes:
    del world.users[fold(user.nick)]
    _remember(world, user, entry)
    for channel in list(user.invitations.values()):
        uninvite(channel, user)
    outcomes: Outcomes = []
    for channel in list(user.channels.values()):
        outcomes += leave(world, channel, user)
    outcomes.append(Present(user.nick, ""))
    if not user.account:
        world.read_markers.pop(user.presence, None)
        outcomes.append(HistoryEnded(f"@{user.presence}/*"))
    return outcomes


def _remember(world: World, user: User, entry: Entry) -> None:
    world.whowas.appendleft(
        WhoWas(
            user.nick,
            user.username,
            user.host,
            user.realname,
            user.account,
            entry.time // 1_000_000,
        )
    )


def renamed(world: World, record: Renamed, entry: Entry) -> Outcomes:
    """Give a user another nick."""
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    folded = fold(record.nick)
    if world.users.get(folded, user) is not user:
        return [Refused(record.origin, numerics.ERR_NICKNAMEINUSE, (record.nick,))]
    _remember(world, user, entry)
    old = user.nick
    del world.users[fold(old)]
    user.rename(record.nick)
    world.users[folded] = user
    outcomes: Outcomes = [Deliver(entry, None, [user, *world.peers(user)])]
    if fold(old) != folded:
        outcomes += [Present(old, ""), Present(user.nick, user.source)]
    return outcomes


def node_started(world: World, record: NodeStarted, entry: Entry) -> Outcomes:
    """End what a node's earlier epochs left behind."""
    node, epoch, _ = record.origin.session
    over = [s for s in world.sessions if s.node == node and s.epoch < epoch]
    ended: dict[User, tuple[Channel, ...]] = {}
    for session in over:
        user = world.sessions.pop(session)
        user.sessions.remove(session)
        if not user.sessions:
            ended[user] = tuple(user.channels.values())
    outcomes: Outcomes = []
    for user in ended:
        outcomes += _remove(world, user, entry)
    # All have left by now: to tell each of all the others would take as long as their square.
    for user, channels in ended.items():
        peers = dict.fromkeys(peer for channel in channels for peer in channel.members)
        if peers:
            quit_message = Message("QUIT", (RESTARTED,), user.source)
            outcomes.append(Notify(quit_message, list(peers), cap.NONE))
    return [*outcomes, *(SessionEnded(session, RESTARTED) for session in over)]


def user_modes_set(world: World, record: UserModesSet, entry: Entry) -> Outcomes:
    """Change a user's modes."""
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    for change in record.changes:
        if change[0] == "+":
            user.modes |= {change[1]}
        else:
            user.modes -= {change[1]}
    if "o" in user.modes:
        user.operator = record.operator or user.operator
        if "+o" in record.changes:
            user.operator_class = record.operator_class or ADMIN
    else:
        user.operator = user.operator_class = ""
    return [Deliver(entry, None, (user,))]


def away_set(world: World, record: AwaySet, entry: Entry) -> Outcomes:
    """Mark a user as away or back."""
    user = world.sessions.get(record.origin.session)
    if user is None or user.away == record.text:
        return []
    user.away = record.text
    return [Deliver(entry, None, world.peers(user), cap.AWAY_NOTIFY, fold(user.nick))]


def realname_set(world: World, record: RealnameSet, entry: Entry) -> Outcomes:
    """Change a user's real name."""
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    user.realname = record.realname
    told = [user, *world.peers(user)]
    return [Deliver(entry, None, told, cap.SETNAME, fold(user.nick))]


def silence_set(world: World, record: SilenceSet, entry: Entry) -> Outcomes:
    """Change whose direct messages a user does not want."""
    user = world.sessions.get(record.origin.session)
    if user is not None:
        removed = {fold(mask) for mask in record.removed}
        kept = [mask for mask in user.silenced if fold(mask) not in removed]
        known = {fold(mask) for mask in kept}
        user.silenced = kept + [m for m in record.added if fold(m) not in known]
    return []
