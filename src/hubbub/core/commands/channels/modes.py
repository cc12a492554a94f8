"""Modes of channels, and the command MODE for both kinds of target (Modern IRC, MODE message)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from hubbub.core.access import channels, extbans
from hubbub.core.commands.channels.user_modes import user_mode
from hubbub.core.deciding.context import Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.flood import MAX_RATE_LIMIT, MAX_RATE_SECONDS, parse_rate
from hubbub.core.policy.lengths import KEY_BYTES
from hubbub.core.records.base import SessionId
from hubbub.core.records.channels import ChannelModesSet
from hubbub.core.world.channel_modes import argument_of
from hubbub.core.world.state import Channel
from hubbub.irc import masks, modes, names, numerics
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import format_body
from hubbub.irc.modes import Change
from hubbub.irc.numbers import number_of
from hubbub.irc.numerics import Numeric

Settled = tuple[str, str]
"""A change as records hold it: ("+o", "nick")."""

MAX_LIMIT: Final = 1_000_000
_LIST_REPLIES: Final[dict[str, tuple[Numeric, Numeric]]] = {
    "b": (numerics.RPL_BANLIST, numerics.RPL_ENDOFBANLIST),
    "e": (numerics.RPL_EXCEPTLIST, numerics.RPL_ENDOFEXCEPTLIST),
    "I": (numerics.RPL_INVEXLIST, numerics.RPL_ENDOFINVEXLIST),
}


def mode(ctx: CommandContext) -> None:
    """Show or change modes of a channel or of oneself."""
    if ctx.param(0)[:1] in names.CHANNEL_PREFIXES:
        channel_mode(ctx)
    else:
        user_mode(ctx)


def channel_mode(ctx: CommandContext) -> None:
    """Show or change modes of a channel, or list its masks."""
    channel = ctx.world.channel(ctx.param(0))
    if channel is None or not channels.sees_channel(channel, ctx.user):
        ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(ctx.param(0)))
        return
    asked = _within_limit(modes.parse(ctx.message.params[1:]))
    if not asked:
        _show_modes(ctx, channel)
        return
    for letter in dict.fromkeys(change.letter for change in asked):
        if letter not in modes.CHANNEL_LETTERS:
            ctx.reply(numerics.ERR_UNKNOWNMODE, shown(letter))
    # A letter that is repeated shows its list once: a list can be two hundred times its request.
    for letter in dict.fromkeys(change.letter for change in asked if _asks_for_list(change)):
        _show_list(ctx, channel, letter)
    known = [c for c in asked if c.letter in modes.CHANNEL_LETTERS and not _asks_for_list(c)]
    changes = [(f"{change.sign}{change.letter}", change.argument) for change in known]
    if changes and not ctx.refuse(channels.mode_refusal(channel, ctx.user, changes)):
        _change_modes(ctx, channel, known)


def _asks_for_list(change: Change) -> bool:
    return change.letter in modes.LISTS and not change.argument


def _within_limit(asked: Iterable[Change]) -> list[Change]:
    # MODES counts the changes that have an argument; what is beyond it is passed over.
    kept, arguments = [], 0
    for change in asked:
        arguments += change.argument != ""
        if arguments <= modes.MODES_PER_COMMAND or not change.argument:
            kept.append(change)
    return kept


def _change_modes(ctx: Context, channel: Channel, known: Iterable[Change]) -> None:
    # Of several changes of one thing the last one counts.
    last: dict[tuple[str, str], Settled] = {}
    for change in known:
        settled = _settle(ctx, channel, change)
        if settled is not None:
            letter, argument = settled[0][1], settled[1]
            named = letter in modes.LISTS or letter in modes.PREFIXES
            key = (letter, names.fold(argument) if named else "")
            last.pop(key, None)
            last[key] = settled
    changes = [settled for settled in last.values() if _has_effect(ctx, channel, *settled)]
    changes = _with_room(ctx, channel, changes)
    for part in _in_lines(ctx.user.source, channel.name, changes):
        about = (ctx.user.source, channel.name, part, (channel.history,), _targets(ctx, part))
        ctx.append(ChannelModesSet(ctx.origin, *about, limit=ctx.policy.list_entries))


def _targets(ctx: Context, changes: Iterable[Settled]) -> tuple[SessionId, ...]:
    # A nick may be another's by the time that the record is applied.
    named = [ctx.world.user(nick) for change, nick in changes if change[1] in modes.PREFIXES]
    return tuple(user.id for user in named if user is not None)


def _settle(ctx: Context, channel: Channel, change: Change) -> Settled | None:
    sign, letter, argument = change.sign, change.letter, change.argument
    if letter in modes.PREFIXES:
        return _settle_status(ctx, channel, change)
    if letter in modes.LISTS:
        mask = extbans.complete(argument)
        if not names.is_mask(mask):
            _invalid(ctx, channel, change, "This is no mask")
            return None
        if sign == "+" and masks.is_too_wild(mask):
            _invalid(ctx, channel, change, masks.TOO_WILD)
            return None
        return sign + letter, mask
    if letter in modes.FLAGS:
        return sign + letter, ""
    # A key is taken away whatever was given for it, and is not told by that.
    if sign == "-":
        return sign + letter, "*" if letter == modes.KEY else ""
    settled, why = _ARGUMENTS[letter](ctx, argument)
    if why:
        _invalid(ctx, channel, change, why)
    return (sign + letter, settled) if settled else None


def _key(ctx: Context, given: str) -> tuple[str, str]:
    if _is_key(given):
        return given, ""
    return "", f"A key has 1 to {KEY_BYTES} letters, no blank or comma"


def _limit(ctx: Context, given: str) -> tuple[str, str]:
    limit = number_of(given)
    if limit is not None and 0 < limit <= MAX_LIMIT:
        return str(limit), ""
    return "", f"A limit is a number from 1 to {MAX_LIMIT}"


def _forward(ctx: Context, given: str) -> tuple[str, str]:
    target = ctx.world.channel(given)
    if target is None or not channels.sees_channel(target, ctx.user):
        return "", "There is no such channel"
    # Nobody may send people to where others rule.
    if channels.rank_refusal(target, ctx.user, modes.OPERATOR) is not None:
        ctx.reply(numerics.ERR_CHANOPRIVSNEEDED, target.name)
        return "", ""
    return target.name, ""


def _rate(ctx: Context, given: str) -> tuple[str, str]:
    rate = parse_rate(given)
    if rate is not None:
        return str(rate), ""
    why = f"A rate is NUMBER:SECONDS, at most {MAX_RATE_LIMIT}:{MAX_RATE_SECONDS}"
    return "", why


_ARGUMENTS: Final[dict[str, Callable[[Context, str], tuple[str, str]]]] = {
    modes.KEY: _key,
    modes.LIMIT: _limit,
    modes.FORWARD: _forward,
    modes.JOIN_RATE: _rate,
    modes.SPEECH_RATE: _rate,
}
"""What makes an argument one that can be kept, or "" and why not ("" where that was answered)."""


def _settle_status(ctx: Context, channel: Channel, change: Change) -> Settled | None:
    member = ctx.world.user(change.argument)
    if not change.argument:
        return None
    if member is None:
        ctx.reply(numerics.ERR_NOSUCHNICK, shown(change.argument))
        return None
    if member not in channel.members:
        ctx.reply(numerics.ERR_USERNOTINCHANNEL, member.nick, channel.name)
        return None
    mode = change.sign + change.letter
    if ctx.refuse(channels.status_refusal(ctx.world, channel, ctx.user, mode, member)):
        return None
    return change.sign + change.letter, member.nick


def _invalid(ctx: Context, channel: Channel, change: Change, why: str) -> None:
    # A key is not repeated: it may be somebody's password, typed into the wrong place.
    argument = "*" if change.letter == modes.KEY else shown(change.argument)
    ctx.reply(numerics.ERR_INVALIDMODEPARAM, channel.name, change.letter, argument, why)


def _is_key(key: str) -> bool:
    printable = all("!" <= character <= "~" for character in key)
    return 0 < len(key) <= KEY_BYTES and printable and "," not in key and key[0] != ":"


def _has_effect(ctx: Context, channel: Channel, change: str, argument: str) -> bool:
    adding, letter = change[0] == "+", change[1]
    if letter in modes.PREFIXES:
        member = ctx.world.user(argument)
        return member is not None and adding != (letter in channel.members[member].statuses)
    if letter in modes.LISTS:
        return adding != (names.fold(argument) in channel.lists[letter])
    if letter == modes.KEY or letter in modes.SETTINGS:
        held = argument_of(channel, letter)
        return argument != held if adding else held != ""
    return adding != (letter in channel.flags)


def _with_room(ctx: Context, channel: Channel, changes: list[Settled]) -> list[Settled]:
    # Masks beyond what a list may hold are answered with ERR_BANLISTFULL and left out.
    room = {
        letter: ctx.policy.list_entries
        - len(listed)
        + sum(change == f"-{letter}" for change, _ in changes)
        for letter, listed in channel.lists.items()
    }
    kept = []
    for change, argument in changes:
        if change[0] == "+" and change[1] in room:
            if room[change[1]] <= 0:
                ctx.reply(numerics.ERR_BANLISTFULL, channel.name, argument, change[1])
                continue
            room[change[1]] -= 1
        kept.append((change, argument))
    return kept


def _in_lines(source: str, name: str, changes: list[Settled]) -> Iterator[tuple[Settled, ...]]:
    # Completed masks can be longer than what was typed: each record is to fit a line.
    part: list[Settled] = []
    for change in changes:
        params = (name, *modes.format_changes([*part, change]))
        if part and len(format_body(source, "MODE", params).encode()) > LINE_BYTES - 2:
            yield tuple(part)
            part = []
        part.append(change)
    if part:
        yield tuple(part)


def _show_modes(ctx: Context, channel: Channel) -> None:
    letters, arguments = "".join(sorted(channel.flags)), []
    for letter in modes.KEY + modes.SETTINGS:
        argument = argument_of(channel, letter)
        if argument:
            letters += letter
            # Where a channel leads is for those inside, as its key is.
            hidden = letter in (modes.KEY, modes.FORWARD) and ctx.user not in channel.members
            arguments.append("*" if hidden else argument)
    ctx.reply(numerics.RPL_CHANNELMODEIS, channel.name, f"+{letters}", *arguments)
    ctx.reply(numerics.RPL_CREATIONTIME, channel.name, str(channel.created))


def _show_list(ctx: Context, channel: Channel, letter: str) -> None:
    # Who is excepted or let in concerns those who may change it; bans anybody may know.
    if letter != "b" and ctx.refuse(channels.rank_refusal(channel, ctx.user, modes.HALF_OPERATOR)):
        return
    entry_reply, end_reply = _LIST_REPLIES[letter]
    for entry in channel.lists[letter].values():
        ctx.reply(entry_reply, channel.name, entry.mask, entry.by, str(entry.time))
    ctx.reply(end_reply, channel.name)


COMMANDS: Final = (
    Command(
        "MODE",
        mode,
        "#channel [modes [arguments]] | nick [modes]",
        "show or change modes",
        minimum=1,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
