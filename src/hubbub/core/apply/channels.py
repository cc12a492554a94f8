"""Records about channels: members, topics, modes, invitations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import zip_longest
from typing import Final

from hubbub.core.access import channels
from hubbub.core.access import history as reading
from hubbub.core.access.extbans import bans_anew, keeping_out
from hubbub.core.apply.metadata import newcomer
from hubbub.core.apply.operators import lost, subject, told
from hubbub.core.apply.presence import notice
from hubbub.core.outcomes import (
    Brought,
    Deliver,
    Entered,
    HistoryEnded,
    Left,
    Notify,
    Outcome,
    Refused,
)
from hubbub.core.records.base import SessionId
from hubbub.core.records.channels import (
    ChannelModesSet,
    Invited,
    Joined,
    Kept,
    Kicked,
    ListEntryExpired,
    Parted,
    TopicSet,
)
from hubbub.core.records.entries import Entry
from hubbub.core.rules import SPARING
from hubbub.core.world.channel_modes import set_argument
from hubbub.core.world.mask_list import ListEntry
from hubbub.core.world.state import Channel, Membership, User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import modes, numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold, is_channel

Outcomes = list[Outcome]

REGISTRAR: Final = "ChanServ"
"""Who gives the statuses that accounts have by registration."""


def joined(world: World, record: Joined, entry: Entry) -> Outcomes:
    """Make a user a member; the first member of a channel begins it."""
    user = subject(world, record)
    channel = world.channel(record.channel)
    if user is None:
        return lost(record)
    visit = record.victim is None and record.origin.session in user.quiet
    if channel is not None and user in channel.members:
        channel.members[user].visit &= visit
        return lost(record)
    if channel is None and visit:
        # It may have ended meanwhile; who passes by makes none.
        return [Refused(record.origin, numerics.ERR_NOSUCHCHANNEL, (record.channel,))]
    if 0 < record.limit <= len(user.channels):
        # Other sessions of the same user were quicker.
        return [Refused(record.origin, numerics.ERR_TOOMANYCHANNELS, (record.channel,))]
    if channel is None:
        channel = _begin(world, record, entry.seconds)
        statuses = "" if channel.kept else "o"
    else:
        refusal = channels.join_refusal(channel, user, record.key, entry.clock)
        if refusal is not None and record.victim is None:
            return [Refused(record.origin, *refusal)]
        statuses = channel.level(user.account)
        _count_join(channel, entry.clock)
    channel.members[user] = Membership(statuses, (entry.time, entry.seq), visit)
    uninvite(channel, user)
    user.channels[fold(channel.name)] = channel
    outcomes: Outcomes = [*notice(user), Entered(channel, user), Deliver(entry, channel)]
    outcomes += _shown(channel, user, statuses)
    if record.victim is not None:
        outcomes.append(Brought(channel, user))
    elif len(user.sessions) > 1:
        outcomes.append(Brought(channel, user, record.origin.session))
    outcomes += told(world, record, user, f"made you join {channel.name}")
    return outcomes + newcomer(world, channel, user)


def _begin(world: World, record: Joined, seconds: int) -> Channel:
    """Begin a channel, empty yet, for its first member."""
    kept = world.keeps_one_more(record.channel)
    # Not the history that the asker was to join: that one may have ended meanwhile.
    history = world.history_of(record.channel, record.origin)
    channel = Channel(record.channel, history, seconds, kept)
    world.kept_channels += kept
    world.channels[fold(record.channel)] = channel
    return channel


def _shown(channel: Channel, user: User, statuses: str) -> Iterator[Outcome]:
    """Give what shows the members how a new one is: away, and with what statuses."""
    if user.away:
        others = [other for other in channel.members if other is not user]
        yield Notify(Message("AWAY", (user.away,), user.source), others, cap.AWAY_NOTIFY)
    if statuses and channel.registration is not None:
        yield announce_grant(channel, f"+{statuses}", user)


def announce_grant(channel: Channel, mode: str, user: User) -> Notify:
    """Tell the members of a status that an account has by registration, and no member gave."""
    message = Message("MODE", (channel.name, mode, user.nick), REGISTRAR)
    return Notify(message, list(channel.members), cap.NONE)


def _count_join(channel: Channel, now: int) -> None:
    rate, (first, count) = channel.join_rate, channel.joins
    if rate is not None:
        recent = now - first < rate.seconds * 1_000_000
        channel.joins = (first, count + 1) if recent else (now, 1)


def parted(world: World, record: Parted, entry: Entry) -> Outcomes:
    """End a membership."""
    user = subject(world, record)
    if user is None and record.victim is not None:
        return lost(record)
    channel = world.channel(record.channel)
    over = channel is None or _is_over(channel, record.histories)
    if user is None or channel is None or over or user not in channel.members:
        return [Refused(record.origin, numerics.ERR_NOTONCHANNEL, (record.channel,))]
    notice = told(world, record, user, f"made you leave {channel.name}")
    return [Deliver(entry, channel), *leave(world, channel, user), *notice]


def _is_over(channel: Channel, histories: tuple[str, ...]) -> bool:
    """Say whether what was meant is an earlier channel, after which this one began anew."""
    return is_other_incarnation(channel, histories[0] if histories else "")


def is_other_incarnation(channel: Channel, history: str = "") -> bool:
    """Say whether a history, where one is named, is not that of the channel."""
    return history not in ("", channel.history)


def _is_other(user: User, meant: SessionId | None) -> bool:
    """Say whether a user has only taken the nick of the one who was meant."""
    return meant is not None and user.id != meant


def kicked(world: World, record: Kicked, entry: Entry) -> Outcomes:
    """End another's membership."""
    user = world.sessions.get(record.origin.session)
    channel = world.channel(record.channel)
    victim = world.user(record.nick)
    if user is None or channel is None or _is_over(channel, record.histories):
        return [Refused(record.origin, numerics.ERR_NOSUCHCHANNEL, (record.channel,))]
    if victim is None or victim not in channel.members or _is_other(victim, record.victim):
        params = (record.nick, record.channel)
        return [Refused(record.origin, numerics.ERR_USERNOTINCHANNEL, params)]
    refusal = channels.kick_refusal(world, channel, user, victim)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    return [Deliver(entry, channel), *leave(world, channel, victim)]


def leave(world: World, channel: Channel, user: User) -> Outcomes:
    """Take a user out of a channel, and end the channel if nothing holds it."""
    del channel.members[user]
    del user.channels[fold(channel.name)]
    return [Left(channel, user), *end_if_empty(world, channel)]


def end_visits(world: World, user: User) -> Outcomes:
    """Let a user leave the channels where it is for its quiet sessions only, if all are over."""
    outcomes: Outcomes = []
    for channel in list(user.channels.values()) if not user.quiet else ():
        if channel.members[user].visit:
            parted = Message("PART", (channel.name,), user.source)
            outcomes.append(Notify(parted, list(channel.members), cap.NONE))
            outcomes += leave(world, channel, user)
    return outcomes


def end_if_empty(world: World, channel: Channel) -> Outcomes:
    """End a channel, with its history, that has no members and does not outlive them."""
    if channel.members or channel.lives_on:
        return []
    for guest in list(channel.invited):
        uninvite(channel, guest)
    del world.channels[fold(channel.name)]
    world.timed.pop(channel, None)
    return [HistoryEnded(channel.history)]


def topic_set(world: World, record: TopicSet, entry: Entry) -> Outcomes:
    """Change a topic."""
    user = world.sessions.get(record.origin.session)
    channel = world.channel(record.channel)
    if user is None or channel is None or _is_over(channel, record.histories):
        return [Refused(record.origin, numerics.ERR_NOSUCHCHANNEL, (record.channel,))]
    refusal = channels.topic_refusal(channel, user)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    channel.topic = record.text
    channel.topic_by = record.source
    channel.topic_time = entry.seconds
    return [Deliver(entry, channel)]


def channel_modes_set(world: World, record: ChannelModesSet, entry: Entry) -> Outcomes:
    """Change a channel's modes: all of them, or none."""
    user = world.sessions.get(record.origin.session)
    channel = world.channel(record.channel)
    if user is None or channel is None or _is_over(channel, record.histories):
        return [Refused(record.origin, numerics.ERR_NOSUCHCHANNEL, (record.channel,))]
    refusal = channels.mode_refusal(channel, user, record.changes)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    refusal = _statuses_refusal(world, channel, user, record)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    full = _full_list(channel, record)
    if full is not None:
        return [Refused(record.origin, numerics.ERR_BANLISTFULL, full)]
    was_closed = channel.history_since_join
    for mode, argument in record.changes:
        _change_mode(world, channel, mode, argument, record, entry)
    reading.closed_or_opened(channel, was_closed, (entry.time, entry.seq))
    return [Deliver(entry, channel)]


def _statuses_refusal(
    world: World, channel: Channel, user: User, record: ChannelModesSet
) -> channels.Refusal | None:
    """Say why one of the statuses may not be given or taken, or whose member is gone."""
    named = [change for change in record.changes if change[0][1] in modes.PREFIXES]
    for (mode, nick), meant in zip_longest(named, record.targets):
        member = world.user(nick)
        if member is None or member not in channel.members or _is_other(member, meant):
            return numerics.ERR_USERNOTINCHANNEL, (nick, channel.name)
        refusal = channels.status_refusal(world, channel, user, mode, member)
        if refusal is not None:
            return refusal
    return None


def _full_list(channel: Channel, record: ChannelModesSet) -> tuple[str, str, str] | None:
    """Return channel, mask and letter where a list would hold too many: others were quicker."""
    for letter, listed in channel.lists.items():
        masks = set(listed)
        masks -= {fold(mask) for mode, mask in record.changes if mode == f"-{letter}"}
        added = [mask for mode, mask in record.changes if mode == f"+{letter}"]
        masks |= {fold(mask) for mask in added}
        if added and 0 < record.limit < len(masks):
            return channel.name, added[-1], letter
    return None


def list_entry_expired(world: World, record: ListEntryExpired, entry: Entry) -> Outcomes:
    """Take a mask away whose time is over, unless it was removed or given more time meanwhile."""
    channel = world.channel(record.channel)
    if channel is None or _is_over(channel, record.histories):
        return []
    listed = channel.lists[record.letter].get(fold(record.mask))
    if listed is None or not 0 < listed.expires <= entry.seconds:
        return []
    _unlist(world, channel, record.letter, record.mask)
    return [Deliver(entry, channel)]


def _list(
    world: World, channel: Channel, letter: str, mask: str, record: ChannelModesSet, now: int
) -> None:
    listed = channel.lists[letter]
    if record.seconds:
        expires = now + record.seconds
        listed[fold(mask)] = ListEntry(mask, record.source, now, expires, record.reason)
        world.timed[channel] = None
    else:
        listed.setdefault(fold(mask), ListEntry(mask, record.source, now))
    if letter == "b":
        # The later of the two counts: an invitation lifts the bans that there are, and a ban that
        # comes after it ends it.
        for guest in [one for one in channel.invited if bans_anew(channel, mask, one)]:
            uninvite(channel, guest)


def _unlist(world: World, channel: Channel, letter: str, mask: str) -> None:
    with _still_invited([(channel, guest) for guest in channel.invited] if letter == "e" else []):
        channel.lists[letter].pop(fold(mask), None)
    if channel in world.timed and not channel.has_timed:
        del world.timed[channel]


def _change_mode(
    world: World,
    channel: Channel,
    mode: str,
    argument: str,
    record: ChannelModesSet,
    entry: Entry,
) -> None:
    adding, letter = mode[0] == "+", mode[1]
    if letter in modes.PREFIXES:
        _change_status(world, channel, adding, letter, argument)
    elif letter in modes.LISTS:
        if adding:
            _list(world, channel, letter, argument, record, entry.seconds)
        else:
            _unlist(world, channel, letter, argument)
    elif letter == modes.KEY or letter in modes.SETTINGS:
        set_argument(channel, letter, argument if adding else "")
    elif adding:
        channel.flags.add(letter)
    else:
        channel.flags.discard(letter)


def _change_status(world: World, channel: Channel, adding: bool, letter: str, nick: str) -> None:
    member = channel.members[world.users[fold(nick)]]
    held = set(member.statuses) | {letter} if adding else set(member.statuses) - {letter}
    member.statuses = "".join(status for status in modes.PREFIXES if status in held)


def invited(world: World, record: Invited, entry: Entry) -> Outcomes:
    """Let a user enter once, if the inviter may, and tell the user and those who may invite."""
    user = world.sessions.get(record.origin.session)
    channel = world.channel(record.channel)
    guest = world.user(record.nick)
    if user is None or channel is None or is_other_incarnation(channel, record.incarnation):
        return [Refused(record.origin, numerics.ERR_NOSUCHCHANNEL, (record.channel,))]
    if guest is None or _is_other(guest, record.guest):
        return [Refused(record.origin, numerics.ERR_NOSUCHNICK, (record.nick,))]
    refusal = channels.invite_refusal(channel, user)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    if guest in channel.members:
        return [Refused(record.origin, numerics.ERR_USERONCHANNEL, (guest.nick, channel.name))]
    if record.lets_in and channels.lets_in(channel, user):
        channel.invited.add(guest)
        guest.invitations[fold(channel.name)] = channel
    # None of them is the guest, who is no member.
    told = _who_may_invite(channel)
    return [
        Deliver(entry, None, (guest,)),
        Deliver(entry, None, told, cap.INVITE_NOTIFY),
    ]


def _who_may_invite(channel: Channel) -> list[User]:
    everybody = channel.members.items()
    return [user for user, member in everybody if member.rank >= modes.HALF_OPERATOR]


@contextmanager
def _still_invited(invited: list[tuple[Channel, User]]) -> Iterator[None]:
    """Let something change: who is kept out only now by a ban that there was is invited no more.

    An invitation lifted the bans which kept the user out when it was given, and no others.
    """
    before = [(*one, keeping_out(*one)) for one in invited]
    yield
    for channel, user, masks in before:
        if keeping_out(channel, user) - masks:
            uninvite(channel, user)


def still_invited(user: User) -> AbstractContextManager[None]:
    """Let a user be called otherwise: a ban that means it only now ends an invitation."""
    return _still_invited([(channel, user) for channel in user.invitations.values()])


def uninvite(channel: Channel, user: User) -> None:
    """Take back an invitation, if there is one."""
    if user in channel.invited:
        channel.invited.remove(user)
        del user.invitations[fold(channel.name)]


def kept(world: World, record: Kept, entry: Entry) -> Outcomes:
    """Settle which channels live on when they are empty; those with a name of their own begin."""
    world.kept, world.kept_limit, world.kept_channels = record.patterns, record.limit, 0
    world.spares = spares = record.spares and world.rules >= SPARING
    outcomes: Outcomes = []
    for channel in list(world.channels.values()):
        channel.kept = (spares and channel.kept) or world.keeps_one_more(channel.name)
        world.kept_channels += channel.kept
        outcomes += end_if_empty(world, channel)
    for name in record.patterns:
        # So that what passes by may speak and read there before anybody has come in.
        begun = "*" in name or "?" in name or not is_channel(name) or world.channel(name)
        if not begun and world.keeps_one_more(name):
            world.channels[fold(name)] = Channel(name, fold(name), entry.seconds, True)
            world.kept_channels += 1
    return outcomes
