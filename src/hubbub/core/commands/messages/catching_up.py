"""Catching up: where there is something new (CATCHUP), and what was for oneself (MENTIONS)."""

from __future__ import annotations

from typing import Final

from hubbub.core.access.history import reach
from hubbub.core.deciding.context import FULL, Command, CommandContext, FollowUps, shown
from hubbub.core.requests import Bound, Digest, Mentions, Msgid, Timestamp, UnreadChannel
from hubbub.irc.numbers import number_of
from hubbub.irc.timestamps import parse_time

CONVERSATIONS: Final = 200
"""In how many conversations at most is told that there is something new."""
_MENTIONS: Final = 50


def catchup(ctx: CommandContext) -> None:
    """Tell in which conversations there is something new: how much, and what of it is for one."""
    limit = _limit(ctx, 0, CONVERSATIONS)
    if limit and _has_account(ctx):
        ctx.requests.append(Digest(_channels(ctx), f"@{ctx.user.presence}/", limit))


def mentions(ctx: CommandContext) -> None:
    """Show what was meant for one in all one's channels, a page of it."""
    limit = _limit(ctx, 1, _MENTIONS)
    if limit and _has_account(ctx):
        before, given = None, ctx.param(0, "*")
        if given != "*":
            before = _bound(given)
            if before is None:
                text = "It goes on from * (the newest), msgid= or timestamp="
                ctx.fail("INVALID_PARAMS", shown(given), text)
                return
        ctx.requests.append(Mentions(_channels(ctx), before, limit))


def _has_account(ctx: CommandContext) -> bool:
    """Say whether one has an account, for which it is known what was read; answer where not."""
    if not ctx.user.account:
        ctx.fail("ACCOUNT_REQUIRED", "What you have read is known for an account only; log in")
    return ctx.user.account != ""


def _limit(ctx: CommandContext, place: int, most: int) -> int:
    """Return how many are asked for, 0 after an answer."""
    given = ctx.param(place, str(most))
    limit = number_of(given)
    if not limit:
        ctx.fail("INVALID_PARAMS", shown(given), "Invalid limit")
        return 0
    return min(limit, ctx.policy.history_page)


def _bound(given: str) -> Bound | None:
    kind, _, value = given.partition("=")
    if kind == "msgid" and value:
        return Msgid(value)
    time = parse_time(value) if kind == "timestamp" else None
    return Timestamp(time) if time is not None else None


def _channels(ctx: CommandContext) -> tuple[UnreadChannel, ...]:
    """Return one's channels: of one that was never read, what was said since one came."""
    world, user = ctx.world, ctx.user
    found = []
    for channel in user.channels.values():
        marker = world.read_marker(user, channel.name)
        after = channel.members[user].since if marker is None else marker
        found.append(UnreadChannel(channel.history, channel.name, after, reach(channel, user)))
    return tuple(found)


COMMANDS: Final = (
    Command(
        "CATCHUP",
        catchup,
        "[limit]",
        "list where something was said that you have not read",
        cost=FULL,
    ),
    Command(
        "MENTIONS",
        mentions,
        "[*|msgid=id|timestamp=time [limit]]",
        "show what was meant for you, the newest first",
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
