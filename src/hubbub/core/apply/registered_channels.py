"""Records about registered channels: founders, access lists, and what accounts are by them."""

from __future__ import annotations

from hubbub.core.access import history
from hubbub.core.access import registered_channels as rights
from hubbub.core.apply.channels import (
    announce_grant,
    end_if_empty,
    is_other_incarnation,
    leave,
)
from hubbub.core.outcomes import Deliver, Failed, Notify, Outcome
from hubbub.core.records.entries import Entry
from hubbub.core.records.registered_channels import (
    ChannelAccessSet,
    ChannelPastOpened,
    ChannelRegistered,
    ChannelRetentionSet,
    ChannelTransferred,
    ChannelUnregistered,
)
from hubbub.core.world.state import AccessEntry, Channel, Registration, User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import modes
from hubbub.irc.message import Message
from hubbub.irc.names import fold

Outcomes = list[Outcome]
_ChannelRecord = ChannelRegistered | ChannelUnregistered | ChannelTransferred | ChannelAccessSet


def _meant(world: World, record: _ChannelRecord) -> tuple[Channel, User] | None:
    """Return the channel meant, if it has not ended, and who asked, if still here."""
    user = world.sessions.get(record.origin.session)
    channel = world.channel(record.channel)
    if user is None or channel is None or is_other_incarnation(channel, record.incarnation):
        return None
    return channel, user


def _gone(record: _ChannelRecord) -> Outcomes:
    return _declined(record, ("NO_SUCH_CHANNEL", "There is no such channel"))


def _declined(record: _ChannelRecord, declined: rights.Declined) -> Outcomes:
    code, text = declined
    return [Failed(record.origin, "CHANNEL", (code, record.channel, text))]


def registered(world: World, record: ChannelRegistered, entry: Entry) -> Outcomes:
    """Give a channel its founder."""
    meant = _meant(world, record)
    if meant is None:
        return _gone(record)
    channel, user = meant
    refusal = rights.registration_refusal(world, channel, user, record.limit)
    if refusal is not None:
        return _declined(record, refusal)
    since = (entry.time, entry.seq)
    channel.registration = Registration(user.account, entry.seconds, since=since)
    return _follow(channel, user.account, "")


def unregistered(world: World, record: ChannelUnregistered, entry: Entry) -> Outcomes:
    """Take a channel's founder away, or end the channel with all that is in it."""
    meant = _meant(world, record)
    if meant is None:
        return _gone(record)
    channel, user = meant
    if record.purged:
        refusal = rights.purge_refusal(world, channel, user)
    else:
        refusal = rights.unregistration_refusal(world, channel, user)
    if refusal is not None:
        return _declined(record, refusal)
    if record.purged:
        return _purge(world, channel, record)
    channel.registration = None
    return end_if_empty(world, channel)


def _purge(world: World, channel: Channel, record: ChannelUnregistered) -> Outcomes:
    channel.registration = None
    world.kept_channels -= channel.kept
    channel.kept = False
    members = list(channel.members)
    outcomes: Outcomes = []
    for member in members:
        kick = Message("KICK", (channel.name, member.nick, record.reason), record.source)
        outcomes.append(Notify(kick, (member,), cap.NONE, channel=channel))
        outcomes += leave(world, channel, member)
    return outcomes if members else end_if_empty(world, channel)


def transferred(world: World, record: ChannelTransferred, entry: Entry) -> Outcomes:
    """Give a channel another founder."""
    meant = _meant(world, record)
    if meant is None:
        return _gone(record)
    channel, user = meant
    refusal = rights.transfer_refusal(world, channel, user, record.account, record.limit)
    if refusal is not None:
        return _declined(record, refusal)
    return hand_on(channel, record.account, entry)


def hand_on(channel: Channel, account: str, entry: Entry) -> Outcomes:
    """Give a registered channel another founder."""
    held = channel.registration
    assert held is not None, "only what is registered can be handed on"
    former, before = held.founder, channel.level(account)
    held.founder, held.since = account, (entry.time, entry.seq)
    held.access.pop(fold(account), None)
    return [*_follow(channel, former, "q"), *_follow(channel, account, before)]


def access_set(world: World, record: ChannelAccessSet, entry: Entry) -> Outcomes:
    """Change what an account is in a channel."""
    meant = _meant(world, record)
    if meant is None:
        return _gone(record)
    channel, user = meant
    account, level = record.account, record.level
    refusal = rights.access_refusal(world, channel, user, account, level, record.limit)
    if refusal is not None:
        return _declined(record, refusal)
    held = channel.registration
    assert held is not None, "asked for above"
    before = channel.level(account)
    if level == before:
        return []
    held.access.pop(fold(account), None)
    if level:
        seconds = entry.seconds
        held.access[fold(account)] = AccessEntry(account, level, user.account, seconds)
    return _follow(channel, account, before)


def past_opened(world: World, record: ChannelPastOpened, entry: Entry) -> Outcomes:
    """Let everybody read what was said while the channel was closed, and tell those inside."""
    user = world.sessions.get(record.origin.session)
    channel = world.channel(record.channel)
    if user is None or channel is None or is_other_incarnation(channel, *record.histories[:1]):
        text = "There is no such channel"
        return [Failed(record.origin, "CHANNEL", ("NO_SUCH_CHANNEL", record.channel, text))]
    refusal = rights.opening_refusal(channel, user)
    if refusal is not None:
        code, text = refusal
        return [Failed(record.origin, "CHANNEL", (code, channel.name, text))]
    channel.closed = history.still_closed(channel, user)
    return [Deliver(entry, channel)]


def retention_set(world: World, record: ChannelRetentionSet, entry: Entry) -> Outcomes:
    """Have a channel's history kept for as long as its founder says."""
    user = world.sessions.get(record.origin.session)
    channel = world.channel(record.channel)
    if user is None or channel is None or is_other_incarnation(channel, record.incarnation):
        text = "There is no such channel"
        return [Failed(record.origin, "CHANNEL", ("NO_SUCH_CHANNEL", record.channel, text))]
    refusal = rights.retention_refusal(world, channel, user)
    if refusal is not None:
        code, text = refusal
        return [Failed(record.origin, "CHANNEL", (code, channel.name, text))]
    channel.retention = record.days, record.messages
    return []


def _follow(channel: Channel, account: str, before: str) -> Outcomes:
    """Let the members that are logged in to an account be what it is now, and no more."""
    level, folded = channel.level(account), fold(account)
    outcomes: Outcomes = []
    for user, member in channel.members.items():
        if not user.account or fold(user.account) != folded:
            continue
        if before and before != level and before in member.statuses:
            member.statuses = member.statuses.replace(before, "")
            outcomes.append(announce_grant(channel, f"-{before}", user))
        outcomes += _grant(channel, user)
    return outcomes


def _grant(channel: Channel, user: User) -> Outcomes:
    level, member = channel.level(user.account), channel.members[user]
    if not level or level in member.statuses:
        return []
    held = set(member.statuses) | {level}
    member.statuses = "".join(status for status in modes.PREFIXES if status in held)
    return [announce_grant(channel, f"+{level}", user)]


def grant_access(world: World, user: User) -> Outcomes:
    """Let who has logged in be, in the channels that it is in, what its account is there."""
    return [outcome for channel in user.channels.values() for outcome in _grant(channel, user)]


def revoke_access(user: User) -> Outcomes:
    """Take from who leaves its account what that account is in its channels."""
    outcomes: Outcomes = []
    for channel in user.channels.values():
        level, member = channel.level(user.account), channel.members[user]
        if level and level in member.statuses:
            member.statuses = member.statuses.replace(level, "")
            outcomes.append(announce_grant(channel, f"-{level}", user))
    return outcomes


def account_removed(world: World, account: str, entry: Entry) -> Outcomes:
    """Hand on an account's channels to their successors, and take it from all access lists.

    A channel that nobody can have is registered no more; it ends when it is empty.
    """
    folded = fold(account)
    outcomes: Outcomes = []
    for channel in list(world.channels.values()):
        held = channel.registration
        if held is None:
            continue
        if fold(held.founder) != folded:
            listed = held.access.pop(folded, None)
            if listed is not None:
                outcomes += _follow(channel, account, listed.level)
            continue
        heir = rights.successor(held)
        if heir:
            outcomes += hand_on(channel, heir, entry)
        else:
            channel.registration = None
            outcomes += end_if_empty(world, channel)
    return outcomes
