"""What is left of a command while nothing can be kept: to read, and to look after the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hubbub.core.deciding.audit import BESIDE
from hubbub.core.deciding.context import CommandContext, Context
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.requests import Append, Close, Request

TEXT: Final = (
    "The server does not reach the others it needs; this was not taken, and nobody has seen it"
)
UNRECORDED: Final = "The server does not reach the others; that this was asked for is on no record"
NO_QUORUM: Final = "no quorum, try another server: this one does not reach the others just now"
"""Why nobody is taken in."""


def sifted(ctx: Context, asked: Sequence[Request]) -> tuple[Sequence[Request], bool]:
    """Return what is to be done of what was asked for, and whether that is all that was meant.

    A command of which a record would tell is refused as a whole: half of it done, or something
    shown that is shown only on record, would be neither. What operators do to the server itself is
    done, and they are told that it is on no record. What follows from entries goes on.
    """
    records = [effect for effect in asked if type(effect) is Append]
    if not records:
        return asked, True
    if ctx.session.user is None:
        return (Close(NO_QUORUM),), False
    if not isinstance(ctx, CommandContext):
        return asked, True
    rest = [effect for effect in asked if type(effect) is not Append]
    is_upkeep = any(isinstance(effect, BESIDE) for effect in rest)
    if is_upkeep and all(isinstance(each.draft.record, OperatorActed) for each in records):
        ctx.send("WARN", ctx.command, "NOT_ON_RECORD", UNRECORDED)
        rest += _taken(ctx)
        return rest, True
    ctx.fail("READ_ONLY", TEXT)
    return _taken(ctx), False


def _taken(ctx: Context) -> Sequence[Request]:
    asked, ctx.requests = ctx.requests, []
    return asked
