"""LIST, with the conditions of ELIST=CMNTU (Modern IRC, LIST message)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from hubbub.core.access import channels as access
from hubbub.core.deciding import audit
from hubbub.core.deciding.context import (
    FULL,
    Command,
    CommandContext,
    Context,
    FollowUps,
    shown,
    sifted,
)
from hubbub.core.policy.policy import LIST_CONDITIONS
from hubbub.core.requests import AnswerMany
from hubbub.core.world.state import Channel
from hubbub.irc import masks, names, numerics
from hubbub.irc.fitting import fitted
from hubbub.irc.message import Message

Condition = Callable[[Channel], bool]

_COMPARISON = re.compile(r"([CT]?)([<>])(\d{1,9})", re.ASCII | re.IGNORECASE)


def list_command(ctx: CommandContext) -> None:
    """List the channels that may be shown and that meet every condition."""
    words = [word for word in ctx.param(0).split(",") if word]
    if len(words) > LIST_CONDITIONS:
        # Each of them is tried on every channel.
        ctx.reply(numerics.ERR_TOOMANYTARGETS, shown(words[LIST_CONDITIONS]))
        return
    if any(masks.is_too_wild(word) for word in words):
        ctx.fail("INVALID_PARAMS", masks.TOO_WILD)
        return
    wanted, conditions = _parse(words, ctx.now // 1_000_000)
    viewer, channels = ctx.user, ctx.world.channels

    def is_wanted(channel: Channel) -> bool:
        # The World may change while a slow connection takes the answer.
        return (
            channels.get(names.fold(channel.name)) is channel
            and access.sees_channel(channel, viewer)
            and (not wanted or any(mask.matches(channel.name) for mask in wanted))
            and all(condition(channel) for condition in conditions)
        )

    found = sifted(viewer, list(channels.values()), is_wanted)
    ctx.requests.append(AnswerMany(audit.witnessed(ctx, _replies(ctx, found))))


def _replies(ctx: Context, channels: Iterable[Channel | None]) -> Iterator[Message | None]:
    yield ctx.numeric(numerics.RPL_LISTSTART, "Channel")
    for channel in channels:
        if channel is None:
            yield None
        else:
            count = str(len(channel.members))
            yield fitted(ctx.numeric(numerics.RPL_LIST, channel.name, count, channel.topic))
    yield ctx.numeric(numerics.RPL_LISTEND)


def _parse(words: Iterable[str], now: int) -> tuple[list[masks.Mask], list[Condition]]:
    """Return the masks of which one has to match, and the conditions that all have to hold."""
    wanted: list[masks.Mask] = []
    conditions: list[Condition] = []
    for word in words:
        comparison = _COMPARISON.fullmatch(word)
        if comparison is not None:
            what, sign, number = comparison.groups()
            conditions.append(_compare(what, sign, int(number), now))
        elif word.startswith("!"):
            conditions.append(_unlike(word[1:]))
        else:
            wanted.append(masks.ready(word))
    return wanted, conditions


def _unlike(mask: str) -> Condition:
    unwanted = masks.ready(mask)
    return lambda channel: not unwanted.matches(channel.name)


def _compare(what: str, sign: str, bound: int, now: int) -> Condition:
    if not what:
        if sign == "<":
            return lambda channel: len(channel.members) < bound
        return lambda channel: len(channel.members) > bound
    since = _topic_time if what in "Tt" else _created
    # The number counts minutes: `<` is younger than that, `>` is older.
    moment = now - bound * 60

    def condition(channel: Channel) -> bool:
        time = since(channel)
        return time != 0 and (time > moment if sign == "<" else time < moment)

    return condition


def _created(channel: Channel) -> int:
    return channel.created


def _topic_time(channel: Channel) -> int:
    return channel.topic_time


COMMANDS: Final = (
    Command(
        "LIST",
        list_command,
        "[mask | !mask | <count | >count | C<minutes | C>minutes | T<minutes | T>minutes][,...]",
        f"list channels, by at most {LIST_CONDITIONS} masks and conditions",
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
