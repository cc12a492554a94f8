"""Owning channels: CHANNEL, which registers them, hands them on and says who is what in them.

What is not about the form of the command takes its arguments ready, so that a service can be
another face of the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubbub.core.access import channels
from hubbub.core.access import registered_channels as rights
from hubbub.core.deciding import confirming
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.records.entries import Entry
from hubbub.core.records.registered_channels import (
    ChannelAccessSet,
    ChannelPastOpened,
    ChannelRegistered,
    ChannelRetentionSet,
    ChannelTransferred,
    ChannelUnregistered,
)
from hubbub.core.world.state import Channel
from hubbub.irc.durations import seconds_of
from hubbub.irc.fitting import clip
from hubbub.irc.numbers import number_of
from hubbub.irc.timestamps import format_time

MOST_DAYS: Final = 36_500
MOST_MESSAGES: Final = 1_000_000_000
_DAY: Final = 86_400


def register(ctx: Context, name: str) -> None:
    """Become the founder of a channel, which lives on from then on when it is empty."""
    channel, limit = _find(ctx, name), ctx.policy.channels_per_account
    if channel is None:
        return
    refusal = rights.registration_refusal(ctx.world, channel, ctx.user, limit)
    if not _declined(ctx, channel, refusal):
        user = ctx.user
        name, history = channel.name, channel.history
        ctx.append(ChannelRegistered(ctx.origin, user.source, user.account, name, history, limit))


def drop(ctx: Context, name: str) -> None:
    """Let a channel be nobody's, so that it ends when it is empty."""
    channel = _find(ctx, name)
    if channel is None:
        return
    if not _declined(ctx, channel, rights.unregistration_refusal(ctx.world, channel, ctx.user)):
        source = ctx.user.source
        ctx.append(ChannelUnregistered(ctx.origin, source, channel.name, channel.history))


def purge(ctx: Context, words: list[str]) -> None:
    """End a channel at once, with its history and whoever is in it: for server operators."""
    sure = confirming.take_sure(words)
    name, reason = (*words, "", "")[:2]
    channel = _find(ctx, name)
    if channel is None:
        return
    if _declined(ctx, channel, rights.purge_refusal(ctx.world, channel, ctx.user)):
        return
    if not sure:
        count = len(channel.members)
        text = f"It would end {channel.name} with its history, and put out {count} who are there"
        confirming.ask(ctx, channel.name, text, command="CHANNEL")
        return
    reason = clip(reason, KICK_BYTES) or "Channel purged"
    ctx.append(
        ChannelUnregistered(
            ctx.origin, ctx.user.source, channel.name, channel.history, True, reason
        ),
    )


def transfer(ctx: Context, name: str, account: str) -> None:
    """Give a channel to another account."""
    channel, limit = _find(ctx, name), ctx.policy.channels_per_account
    if channel is None:
        return
    account = _name_of(ctx, account)
    refusal = rights.transfer_refusal(ctx.world, channel, ctx.user, account, limit)
    if not _declined(ctx, channel, refusal):
        source, history = ctx.user.source, channel.history
        ctx.append(ChannelTransferred(ctx.origin, source, channel.name, account, history, limit))


def set_access(ctx: Context, name: str, account: str, level: str) -> None:
    """Let an account be founder, protected, operator, halfop, voice or nothing ("")."""
    channel, limit = _find(ctx, name), ctx.policy.access_entries
    account = _name_of(ctx, account)
    if channel is None:
        return
    if level and level not in rights.LEVELS:
        text = f"The levels are {', '.join(rights.LEVELS)}"
        ctx.fail("INVALID_LEVEL", channel.name, text, command="CHANNEL")
        return
    letter = rights.LEVELS.get(level, "")
    refusal = rights.access_refusal(ctx.world, channel, ctx.user, account, letter, limit)
    if not _declined(ctx, channel, refusal):
        source, history = ctx.user.source, channel.history
        ctx.append(
            ChannelAccessSet(ctx.origin, source, channel.name, account, letter, history, limit)
        )


def list_access(ctx: Context, name: str) -> None:
    """Tell which accounts are what in a channel."""
    channel = _find(ctx, name)
    if channel is None:
        return
    held = channel.registration
    if _declined(ctx, channel, rights.access_list_refusal(channel, ctx.user)) or held is None:
        return
    _note(ctx, "ACCESS", channel.name, f"{held.founder} is the owner")
    for entry in held.access.values():
        since = format_time(entry.time * 1_000_000)
        level = rights.LEVEL_NAMES[entry.level]
        text = f"{entry.account} is {level}, set by {entry.by or 'an operator'} at {since}"
        _note(ctx, "ACCESS", channel.name, text)
    _note(ctx, "END_OF_ACCESS", channel.name, "End of access list")


def inform(ctx: Context, name: str) -> None:
    """Tell whose a channel is, and how long what is said there is kept."""
    channel = _find(ctx, name)
    if channel is None:
        return
    held = channel.registration
    if held is None:
        _note(ctx, "INFO", channel.name, "This channel is not registered")
    else:
        since = format_time(held.time * 1_000_000)
        _note(ctx, "INFO", channel.name, f"Registered by {held.founder} at {since}")
    if any(rights.kept(ctx.world, channel)):
        _note(ctx, "INFO", channel.name, _kept(ctx, channel))


def retain(ctx: Context, name: str, words: list[str]) -> None:
    """Have a channel's history kept for so long, and so many messages, or tell what holds."""
    channel = _find(ctx, name)
    if channel is None:
        return
    if not words:
        _note(ctx, "RETENTION", channel.name, _kept(ctx, channel))
        return
    wanted = _wanted(words)
    if wanted is None:
        text = (
            "Say how long and how many messages: 30d, 1000, 30d 1000; or OFF for all that is kept"
        )
        ctx.fail("INVALID_PARAMS", channel.name, text, command="CHANNEL")
    elif not _declined(ctx, channel, rights.retention_refusal(ctx.world, channel, ctx.user)):
        place = ctx.user.source, channel.name, channel.history
        ctx.append(ChannelRetentionSet(ctx.origin, *place, *wanted))


def _wanted(words: list[str]) -> tuple[int, int] | None:
    """Return days and messages, None where something else was said."""
    if [word.upper() for word in words] == ["OFF"]:
        return 0, 0
    days = messages = 0
    for word in words:
        count, seconds = number_of(word), seconds_of(word)
        if count is not None and 0 < count <= MOST_MESSAGES and not messages:
            messages = count
        elif count is None and seconds and seconds <= MOST_DAYS * _DAY and not days:
            days = -(-seconds // _DAY)
        else:
            return None
    return days, messages


def _kept(ctx: Context, channel: Channel) -> str:
    """Return in words how long a channel's history is kept."""
    days, messages = rights.kept(ctx.world, channel)
    parts = [f"for {days} days"] if days else []
    parts += [f"the newest {messages} messages"] if messages else []
    return f"What is said is kept {', and of that '.join(parts) or 'for good'}"


def list_own(ctx: Context) -> None:
    """Tell in which channels one's account is what."""
    for channel in ctx.world.channels.values():
        level = channel.level(ctx.user.account)
        if level:
            _note(ctx, "LIST", channel.name, f"You are {rights.LEVEL_NAMES[level]} here")
    _note(ctx, "END_OF_LIST", "*", "End of list")


def open_past(ctx: Context, name: str, confirmed: str) -> None:
    """Let everybody read what was said while a channel was closed: for its founder, who is sure."""
    channel = _find(ctx, name)
    if channel is None or _declined(ctx, channel, rights.opening_refusal(channel, ctx.user)):
        return
    if confirmed.upper() != confirming.SURE:
        text = (
            "Everybody could then read what was said while the channel was closed, for good, and"
            " the channel is told; to do it, add the word SURE"
        )
        ctx.fail("NOT_CONFIRMED", channel.name, text, command="CHANNEL")
    else:
        histories = (channel.history,)
        ctx.append(ChannelPastOpened(ctx.origin, ctx.user.source, channel.name, histories))


def _find(ctx: Context, name: str) -> Channel | None:
    """Return a channel that the user may know of; answer where there is none."""
    channel = ctx.world.channel(name)
    if channel is not None:
        known = channels.sees_channel(channel, ctx.user) or channel.level(ctx.user.account)
        if known or ctx.user.may(rights.PRIVILEGE, channel.name):
            return channel
    ctx.fail("NO_SUCH_CHANNEL", shown(name), "There is no such channel", command="CHANNEL")
    return None


def _declined(ctx: Context, channel: Channel, refusal: rights.Declined | None) -> bool:
    if refusal is None:
        return False
    code, text = refusal
    ctx.fail(code, channel.name, text, command="CHANNEL")
    return True


def _note(ctx: Context, code: str, name: str, text: str) -> None:
    if ctx.service:
        ctx.say(text if name == "*" else f"{name}: {text}")
    else:
        ctx.send("NOTE", "CHANNEL", code, name, text)


def _name_of(ctx: Context, account: str) -> str:
    """Return the name of an account as it was registered."""
    found = ctx.world.account(account)
    return found.name if found is not None else account


# What the session that asked is told when it is done


def registered(ctx: Context, record: ChannelRegistered, entry: Entry) -> None:
    """Confirm a registration."""
    _note(ctx, "REGISTERED", record.channel, "The channel is yours, and stays when it is empty")


def unregistered(ctx: Context, record: ChannelUnregistered, entry: Entry) -> None:
    """Confirm that a channel is nobody's any more, or is gone."""
    if record.purged:
        _note(ctx, "PURGED", record.channel, "The channel and its history are gone")
    else:
        _note(ctx, "DROPPED", record.channel, "The channel is registered no more")


def transferred(ctx: Context, record: ChannelTransferred, entry: Entry) -> None:
    """Confirm that a channel is another's."""
    _note(ctx, "TRANSFERRED", record.channel, f"The channel is {record.account}'s now")


def access_set(ctx: Context, record: ChannelAccessSet, entry: Entry) -> None:
    """Confirm what an account is in a channel."""
    level = rights.LEVEL_NAMES.get(record.level, "nothing more")
    _note(ctx, "ACCESS_SET", record.channel, f"{record.account} is {level} here")


def past_opened(ctx: Context, record: ChannelPastOpened, entry: Entry) -> None:
    """Confirm that the past is open."""
    text = "What was said while the channel was closed can be read by all now"
    channel = ctx.world.channel(record.channel)
    if channel is not None and channel.closed:
        until = format_time(channel.closed[-1][1][0])
        text += f", but for what was said before {until}: you were not in then, nor the founder"
    _note(ctx, "PAST_OPENED", record.channel, text)


def retention_set(ctx: Context, record: ChannelRetentionSet, entry: Entry) -> None:
    """Confirm how long a channel's history is kept."""
    channel = ctx.world.channel(record.channel)
    if channel is not None:
        _note(ctx, "RETENTION_SET", channel.name, _kept(ctx, channel))


# The command


def channel(ctx: CommandContext) -> None:
    """Do what the first word says to the channel that the second one names."""
    subcommand = ctx.param(0).upper()
    found = _SUBCOMMANDS.get(subcommand)
    if found is None:
        ctx.fail("INVALID_PARAMS", shown(ctx.param(0)), f"Use one of {', '.join(_SUBCOMMANDS)}")
        return
    needed, handler = found
    if len(ctx.message.params) <= needed:
        ctx.need_more_params()
    else:
        handler(ctx)


def _access(ctx: CommandContext) -> None:
    if len(ctx.message.params) == 2:
        list_access(ctx, ctx.param(1))
    elif len(ctx.message.params) == 3:
        ctx.need_more_params()
    else:
        level = ctx.param(3).lower()
        set_access(ctx, ctx.param(1), ctx.param(2), "" if level == "none" else level)


_SUBCOMMANDS: Final[dict[str, tuple[int, Callable[[CommandContext], None]]]] = {
    "REGISTER": (1, lambda ctx: register(ctx, ctx.param(1))),
    "DROP": (1, lambda ctx: drop(ctx, ctx.param(1))),
    "TRANSFER": (2, lambda ctx: transfer(ctx, ctx.param(1), ctx.param(2))),
    "ACCESS": (1, _access),
    "INFO": (1, lambda ctx: inform(ctx, ctx.param(1))),
    "LIST": (0, list_own),
    "RETENTION": (1, lambda ctx: retain(ctx, ctx.param(1), list(ctx.message.params[2:]))),
    "OPENPAST": (
        1,
        lambda ctx: open_past(ctx, ctx.param(1), ctx.param(2)),
    ),
    "PURGE": (1, lambda ctx: purge(ctx, list(ctx.message.params[1:]))),
}
"""How many words each needs behind it, and what it does."""

COMMANDS: Final = (
    Command(
        "CHANNEL",
        channel,
        "REGISTER|DROP|INFO #channel | TRANSFER #channel account | ACCESS #channel"
        f" [account {'|'.join(rights.LEVELS)}|none] | LIST | OPENPAST #channel [SURE]"
        " | RETENTION #channel [30d] [1000] | RETENTION #channel OFF"
        " | PURGE [SURE] #channel [:reason]",
        "own channels, and say who is what in them",
        minimum=1,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {
    ChannelRegistered: registered,
    ChannelUnregistered: unregistered,
    ChannelTransferred: transferred,
    ChannelAccessSet: access_set,
    ChannelPastOpened: past_opened,
    ChannelRetentionSet: retention_set,
}
