"""Reading back: CHATHISTORY, its selectors, and who may read what (IRCv3 chathistory)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubbub.core.access.history import EVERYTHING, reach
from hubbub.core.deciding.context import FULL, Command, CommandContext, FollowUps, shown
from hubbub.core.deciding.reading import readable
from hubbub.core.requests import Bound, History, HistoryTargets, Msgid, Timestamp
from hubbub.irc import capabilities as cap
from hubbub.irc.numbers import number_of
from hubbub.irc.timestamps import parse_time

_NEWEST: Final = "*"


class _Invalid(Exception):
    """Carry the FAIL code and its context for a command that cannot be answered."""


def chathistory(ctx: CommandContext) -> None:
    """Answer with part of what was said in a channel or with somebody, or with whom one spoke."""
    subcommand = ctx.param(0).upper()
    selector = _SELECTORS.get(subcommand)
    try:
        if selector is None:
            raise _Invalid("INVALID_PARAMS", shown(ctx.param(0)), "Unknown command")
        expected = _PARAMETERS[subcommand]
        if len(ctx.message.params) < expected:
            raise _Invalid("INVALID_PARAMS", subcommand, "Insufficient parameters")
        if len(ctx.message.params) > expected:
            raise _Invalid("INVALID_PARAMS", subcommand, "Too many parameters")
        ctx.requests.append(selector(ctx, subcommand))
    except _Invalid as invalid:
        ctx.fail(*invalid.args)


def _latest(ctx: CommandContext, subcommand: str) -> History:
    after = None if ctx.param(2) == _NEWEST else _bound(ctx, subcommand, 2)
    return _page(ctx, subcommand, after=after)


def _before(ctx: CommandContext, subcommand: str) -> History:
    return _page(ctx, subcommand, before=_bound(ctx, subcommand, 2))


def _after(ctx: CommandContext, subcommand: str) -> History:
    return _page(ctx, subcommand, after=_bound(ctx, subcommand, 2), latest=False)


def _around(ctx: CommandContext, subcommand: str) -> History:
    return _page(ctx, subcommand, around=_bound(ctx, subcommand, 2))


def _between(ctx: CommandContext, subcommand: str) -> History:
    first, second = _bound(ctx, subcommand, 2), _bound(ctx, subcommand, 3)
    return _page(ctx, subcommand, after=first, before=second, latest=False)


def _targets(ctx: CommandContext, subcommand: str) -> HistoryTargets:
    first, second = _bound(ctx, subcommand, 1), _bound(ctx, subcommand, 2)
    if not (isinstance(first, Timestamp) and isinstance(second, Timestamp)):
        raise _Invalid("INVALID_MSGREFTYPE", subcommand, "TARGETS takes timestamps only")
    user = ctx.user
    channels = user.channels.values()
    reaches = {channel.history: reach(channel, user) for channel in channels}
    return HistoryTargets(
        shown={channel.history: channel.name for channel in channels},
        direct=f"@{user.presence}/",
        # Bounds are whole milliseconds, and excluded.
        after=min(first.value, second.value) // 1000 * 1000 + 999,
        before=max(first.value, second.value) // 1000 * 1000,
        limit=_limit(ctx, subcommand),
        reach={history: part for history, part in reaches.items() if part != EVERYTHING},
    )


def _page(
    ctx: CommandContext,
    subcommand: str,
    *,
    after: Bound | None = None,
    before: Bound | None = None,
    around: Bound | None = None,
    latest: bool = True,
) -> History:
    limit = _limit(ctx, subcommand)
    found = readable(ctx, ctx.param(1))
    if found is None:
        text = "Nothing there that you may read"
        raise _Invalid("INVALID_TARGET", subcommand, shown(ctx.param(1)), text)
    history, name, part = found
    events = ctx.session.has(cap.EVENT_PLAYBACK)
    return History(history, name, limit, after, before, around, latest, events, part)


def _bound(ctx: CommandContext, subcommand: str, index: int) -> Bound:
    given = ctx.param(index)
    kind, equals, value = given.partition("=")
    if equals and kind not in ("msgid", "timestamp"):
        text = "References are msgid= or timestamp="
        raise _Invalid("INVALID_MSGREFTYPE", subcommand, shown(ctx.param(1)), text)
    if kind == "msgid" and value:
        return Msgid(value)
    time = parse_time(value) if kind == "timestamp" else None
    if time is None:
        raise _Invalid("INVALID_PARAMS", subcommand, shown(given), "Invalid reference")
    return Timestamp(time)


def _limit(ctx: CommandContext, subcommand: str) -> int:
    given = ctx.message.params[-1]
    limit = number_of(given)
    if not limit:
        raise _Invalid("INVALID_PARAMS", subcommand, shown(given), "Invalid limit")
    return min(limit, ctx.policy.history_page)


_SELECTORS: Final[dict[str, Callable[[CommandContext, str], History | HistoryTargets]]] = {
    "LATEST": _latest,
    "BEFORE": _before,
    "AFTER": _after,
    "AROUND": _around,
    "BETWEEN": _between,
    "TARGETS": _targets,
}
_PARAMETERS: Final = {
    "LATEST": 4,
    "BEFORE": 4,
    "AFTER": 4,
    "AROUND": 4,
    "BETWEEN": 5,
    "TARGETS": 4,
}

COMMANDS: Final = (
    Command(
        "CHATHISTORY",
        chathistory,
        "LATEST|BEFORE|AFTER|AROUND target reference limit"
        " | BETWEEN target reference reference limit | TARGETS timestamp timestamp limit",
        "read back what was said",
        minimum=1,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
