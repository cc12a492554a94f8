"""How far one has read: MARKREAD (IRCv3 draft/read-marker)."""

from __future__ import annotations

from typing import Final

from hubbub.core.apply.messages import marker
from hubbub.core.deciding.context import Command, CommandContext, Context, FollowUps, shown
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import ReadMarked
from hubbub.core.world.conversations import is_called_like
from hubbub.irc import names
from hubbub.irc.timestamps import parse_time


def markread(ctx: CommandContext) -> None:
    """Say how far one has read, or ask for it."""
    target = ctx.param(0)
    if not target:
        ctx.fail("NEED_MORE_PARAMS", "Missing parameters")
    elif not (names.is_channel(target) or is_called_like(target)):
        ctx.fail("INVALID_PARAMS", shown(target), "Invalid target")
    elif len(ctx.message.params) < 2:
        show_marker(ctx, target)
    else:
        _mark(ctx, target)


def _mark(ctx: CommandContext, target: str) -> None:
    kind, _, value = ctx.param(1).partition("=")
    time = parse_time(value) if kind == "timestamp" else None
    if time is None:
        ctx.fail("INVALID_PARAMS", shown(ctx.param(1)), "Invalid timestamp")
        return
    known = ctx.world.read_marker(ctx.user, target)
    if known is not None and time <= known:
        show_marker(ctx, target)
    else:
        # The times of a history may be ahead of the clock.
        ctx.append(ReadMarked(ctx.origin, target, time, ctx.world.newest))


def show_marker(ctx: Context, target: str) -> None:
    """Answer with how far the user has read a target."""
    message = marker(ctx.world, ctx.user, target)
    ctx.send(message.command, *message.params)


def marked(ctx: Context, record: ReadMarked, entry: Entry) -> None:
    """Confirm what is known now, which may be more than was said."""
    show_marker(ctx, record.target)


COMMANDS: Final = (
    Command(
        "MARKREAD",
        markread,
        "target [timestamp=time]",
        "say or ask how far you have read",
    ),
)

FOLLOW_UPS: Final[FollowUps] = {ReadMarked: marked}
