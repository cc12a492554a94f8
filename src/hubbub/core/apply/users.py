"""Records about users: coming, going, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from hubbub.core.access import admission, channels, ranks
from hubbub.core.apply.channels import end_visits, leave, uninvite
from hubbub.core.apply.metadata import set_before
from hubbub.core.apply.nicks import displace, is_reserved, remember
from hubbub.core.apply.operators import oper_no_more, operator_changed, opered
from hubbub.core.apply.presence import notice, presence
from hubbub.core.outcomes import (
    Deliver,
    HistoryEnded,
    Notify,
    Outcome,
    Refused,
    SessionEnded,
    SessionStarted,
)
from hubbub.core.policy.privileges import ADMIN
from hubbub.core.records.base import SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.users import (
    AwaySet,
    Connected,
    Disconnected,
    Killed,
    RealnameSet,
    SilenceSet,
    StayEnded,
    UserModesSet,
)
from hubbub.core.rules import STAYING
from hubbub.core.world.accounts import Account, Waiting
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold

Outcomes = list[Outcome]

LEFT: Final = "Not connected any more"
"""Why a user is gone that was there without a session."""


def connected(world: World, record: Connected, entry: Entry) -> Outcomes:
    """Start a session, of a new user or of its account's user who is here already."""
    session = record.origin.session
    source = f"{record.nick}!{record.username}@{record.host}"
    refusal = admission.entry_refusal(world, source, record.account, entry.seconds)
    if refusal is not None:
        return [Refused(record.origin, *refusal, closes=True)]
    account = world.account(record.account) if record.account else None
    if record.account and (account is None or account.suspended):
        return [Refused(record.origin, numerics.ERR_SASLFAIL, ())]
    # In the first journals a session with a scope was a user of its own, and it still reads so.
    apart = record.scope is not None and not record.quiet
    if account is not None and account.users and not apart:
        return _attach(world, account, record)
    # Who only passes by speaks as its account, whatever its program calls itself.
    nick = account.name if account is not None and record.quiet else record.nick
    outcomes = displace(world, nick, account, entry)
    if is_reserved(world, nick, account):
        return [Refused(record.origin, admission.NICK_RESERVED, (record.nick,))]
    if fold(nick) in world.users:
        return [Refused(record.origin, numerics.ERR_NICKNAMEINUSE, (record.nick,))]
    user = _new_user(record, nick, account, entry.seconds)
    world.users[fold(user.nick)] = world.present[user.id] = user
    world.most_users = max(world.most_users, len(world.users))
    if account is not None and not apart:
        operator_changed(user, account)
        account.users.append(user)
    _add_session(world, user, record)
    started = [*outcomes, SessionStarted(session, user), *presence(user, user.nick, user.source)]
    return started + set_before(world, user, record)


@lru_cache(maxsize=64)
def _letters(modes: str) -> frozenset[str]:
    """Return modes as a set, the same one for all who begin with the same: thousands do."""
    return frozenset(modes)


def _new_user(record: Connected, nick: str, account: Account | None, seconds: int) -> User:
    return User(
        id=record.origin.session,
        nick=nick,
        username=record.username,
        host=record.host,
        realname=record.realname,
        account=account.name if account is not None else "",
        modes=_letters(record.modes),
        connected=seconds,
        secure=record.secure,
        noticed=not record.quiet,
    )


def _attach(world: World, account: Account, record: Connected) -> Outcomes:
    """Start one more session of a user; of several the one whose nick was asked for."""
    wanted = fold(record.nick)
    user = next((one for one in account.users if fold(one.nick) == wanted), account.users[0])
    before = user.away
    shown = [] if record.quiet or user.noticed else _show(world, account, user, record)
    _add_session(world, user, record)
    session = record.origin.session
    started = [*shown, SessionStarted(session, user), *away_changed(user, before)]
    return started + set_before(world, user, record)


def _show(world: World, account: Account, user: User, record: Connected) -> Outcomes:
    """Let a user whom nobody has noticed be as a session wants it at which somebody sits."""
    old, nick = user.nick, record.nick
    if world.users.get(fold(nick), user) is not user or is_reserved(world, nick, account):
        nick = old
    user.username, user.host, user.realname = record.username, record.host, record.realname
    user.secure = record.secure
    source = user.source
    del world.users[fold(old)]
    user.rename(nick)
    world.users[fold(nick)] = user
    outcomes: Outcomes = [Notify(Message("NICK", (nick,), source), (user,), cap.NONE)]
    return [*(outcomes if nick != old else ()), *notice(user)]


def _add_session(world: World, user: User, record: Connected) -> None:
    session = record.origin.session
    account = world.account(user.account) if user.account else None
    if account is not None and record.scope is None and not record.quiet:
        came(world, account, session, record.device, record.username)
    user.sessions.append(session)
    world.sessions[session] = user
    if record.quiet:
        user.quiet |= {session}
    else:
        world.left.pop(user, None)
    if record.absent:
        user.absent |= {session}


def came(
    world: World, account: Account, session: SessionId, credential: str, username: str
) -> None:
    """Let a session be its account's, for which nothing has to wait any more.

    What it connects with is known by the credential that it proves the account with, and by the
    user name that it gives: several programs may have one password, and most call themselves
    differently. Not for those that only pass by: they are shown nothing that waited.
    """
    world.devices[session] = f"{credential} {username}"
    account.waiting = Waiting()


def went(world: World, user: User, session: SessionId, told: int) -> None:
    """Let a session be its account's no more; its device was told everything up to a seq."""
    # Sessions that began under rules before 4 have no device.
    device, account = world.devices.pop(session, ""), world.account(user.account)
    if account is not None and session not in user.quiet:
        account.left(device, told)


def away_changed(user: User, before: str) -> Outcomes:
    """Tell a user's peers that the user is away or here, where that is news."""
    if user.away == before:
        return []
    message = Message("AWAY", (user.away,) if user.away else (), user.source)
    watched = fold(user.nick)
    return [Notify(message, (), cap.AWAY_NOTIFY, watched=watched, circle=user.circle)]


def disconnected(world: World, record: Disconnected, entry: Entry) -> Outcomes:
    """End a session, and with the last one the user, unless the user's account stays."""
    user = world.sessions.get(record.origin.session)
    if user is not None and record.source != user.source:
        # It was renamed while this was on its way; under its old nick nobody knows it any more.
        entry = replace(entry, record=replace(record, source=user.source))
    return _end_session(world, record, entry)


def _end_session(world: World, record: Disconnected, entry: Entry) -> Outcomes:
    session, reason = record.origin.session, record.reason
    user = world.sessions.get(session)
    if user is None:
        return []
    before = user.away
    drop_session(world, session, entry, record.told)
    outcomes: Outcomes = oper_no_more(user, session)
    if user.sessions or stays(world, user):
        outcomes += [*away_changed(user, before), *end_visits(world, user)]
    else:
        outcomes.append(Deliver(entry, circle=user.circle))
        outcomes += remove(world, user, entry)
    # Last, so that the shell still knows whose session it was while the user leaves the channels.
    return [*outcomes, SessionEnded(session, reason)]


def drop_session(world: World, session: SessionId, entry: Entry, told: int = 0) -> None:
    """End a session, which was told everything up to a seq, or up to here where that is 0."""
    user = world.sessions.pop(session)
    went(world, user, session, told or entry.seq)
    user.sessions.remove(session)
    user.absent -= {session}
    user.quiet -= {session}
    if not user.sessions:
        # Those that only passed by have not made the user come back.
        world.left.setdefault(user, entry.seconds)


def stays(world: World, user: User) -> bool:
    """Say whether a user is there while none of the account's sessions is."""
    account = world.account(user.account) if user.account else None
    if account is None or account.suspended:
        return False
    if not account.persist or account.users[:1] != [user]:
        return False
    return any(not channel.members[user].visit for channel in user.channels.values())


def stay_ended(world: World, record: StayEnded, entry: Entry) -> Outcomes:
    """Let a user go who has not been connected for long; one who came back meanwhile stays."""
    user = world.present.get(record.user)
    if user is None or user.sessions or world.left.get(user) != record.since:
        return []
    if world.rules >= STAYING and not world.is_over(record.since, entry.seconds):
        return []
    return [Deliver(entry, circle=user.circle), *remove(world, user, entry)]


def end_absent(world: World, users: Iterable[User], entry: Entry) -> Outcomes:
    """Take those out of the World who have no session, and no reason to stay any more."""
    outcomes: Outcomes = []
    for user in users:
        if user.id in world.present and not user.sessions and not stays(world, user):
            circle = user.circle
            outcomes += remove(world, user, entry)
            if circle.channels:
                message = Message("QUIT", (LEFT,), user.source)
                outcomes.append(Notify(message, (), cap.NONE, circle=circle))
    return outcomes


def killed(world: World, record: Killed, entry: Entry) -> Outcomes:
    """End all sessions of a user."""
    user = world.sessions.get(record.origin.session)
    nick = record.victim.partition("!")[0]
    victim = world.user(nick)
    if user is None or not (record.by_owner or user.holds("kill")):
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    if victim is None or (record.to is not None and victim.id != record.to):
        return [Refused(record.origin, numerics.ERR_NOSUCHNICK, (nick,))]
    if not record.by_owner and not ranks.may_act_on(world, user.wielded, victim):
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    if record.by_owner and not channels.owns_nick_of(world, user, victim):
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    return end_user(world, victim, entry, f"Killed ({user.nick} ({record.reason}))")


def end_user(world: World, user: User, entry: Entry, reason: str) -> Outcomes:
    """End all sessions of a user, and show those who see the user go that it does."""
    sessions = sorted(user.sessions)
    for session in sessions:
        drop_session(world, session, entry)
    circle = user.circle
    # A KILL is shown as one; of other records nobody is shown anything.
    goes = Notify(Message("QUIT", (reason,), user.source), (), cap.NONE, circle=circle)
    shown = Deliver(entry, circle=circle) if isinstance(entry.record, Killed) else goes
    ended = [SessionEnded(session, reason) for session in sessions]
    return [shown, *remove(world, user, entry), *ended]


def end_sessions(world: World, user: User, entry: Entry, reason: str) -> Outcomes:
    """End all sessions of a user, who stays where the account has its user stay."""
    before, sessions = user.away, sorted(user.sessions)
    for session in sessions:
        drop_session(world, session, entry)
    ended = [SessionEnded(session, reason) for session in sessions]
    if stays(world, user):
        return [*away_changed(user, before), *end_visits(world, user), *ended]
    goes = Notify(Message("QUIT", (reason,), user.source), (), cap.NONE, circle=user.circle)
    return [goes, *remove(world, user, entry), *ended]


def remove(world: World, user: User, entry: Entry) -> Outcomes:
    """Take a user out of the World, who has no session any more."""
    del world.users[fold(user.nick)]
    del world.present[user.id]
    world.left.pop(user, None)
    account = world.accounts.get(fold(user.account)) if user.account else None
    if account is not None and user in account.users:
        account.users.remove(user)
    remember(world, user, entry)
    for channel in list(user.invitations.values()):
        uninvite(channel, user)
    outcomes: Outcomes = []
    for channel in list(user.channels.values()):
        outcomes += leave(world, channel, user)
    outcomes += presence(user, user.nick, "")
    for kept in (world.read_markers, world.metadata, world.silenced):
        # Whoever has logged in may have left some behind that it had as a guest.
        kept.pop(user.guest_presence, None)
    if not user.account:
        outcomes.append(HistoryEnded(f"@{user.presence}/*"))
    return outcomes


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
    if "+o" in record.changes:
        operator_class = record.operator_class or ADMIN
        opered(user, record.origin.session, record.operator, operator_class)
    elif "o" not in user.modes:
        user.opered.clear()
        user.operator = user.operator_class = ""
    return [Deliver(entry, None, (user,))]


def away_set(world: World, record: AwaySet, entry: Entry) -> Outcomes:
    """Mark a user as away or back."""
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    session, before = record.origin.session, user.away
    if record.text == "*":
        # "Not present for an unspecified reason" is about this session only (draft/pre-away).
        user.absent |= {session}
        return away_changed(user, before)
    user.absent -= {session}
    user.away_text = record.text
    if user.away == before:
        return []
    watched = fold(user.nick)
    return [Deliver(entry, None, (), cap.AWAY_NOTIFY, watched, circle=user.circle)]


def realname_set(world: World, record: RealnameSet, entry: Entry) -> Outcomes:
    """Change a user's real name."""
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    user.realname = record.realname
    watched = fold(user.nick)
    return [Deliver(entry, None, (user,), cap.SETNAME, watched, circle=user.circle)]


def silence_set(world: World, record: SilenceSet, entry: Entry) -> Outcomes:
    """Change whose direct messages a user does not want."""
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    removed = {fold(mask) for mask in record.removed}
    masks = world.silenced.pop(user.presence, ())
    kept = tuple(mask for mask in masks if fold(mask) not in removed)
    known = {fold(mask) for mask in kept}
    added = tuple(mask for mask in record.added if fold(mask) not in known)
    if added and 0 < record.limit < len(kept) + len(added):
        # Another session of the same user was quicker.
        world.silenced[user.presence] = masks
        return [Refused(record.origin, numerics.ERR_SILELISTFULL, (added[0],))]
    if kept or added:
        world.silenced[user.presence] = kept + added
    return []
