"""Messages of several lines: BATCH draft/multiline, kept as one message (IRCv3 multiline)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.deciding.speaking import client_tags, say
from hubbub.core.world.service_nicks import named
from hubbub.core.world.session import MultilineBatch, Session
from hubbub.irc import capabilities as cap
from hubbub.irc.capabilities import MULTILINE_BYTES, MULTILINE_LINES
from hubbub.irc.names import fold


def batch(ctx: CommandContext) -> None:
    """Open a multiline batch, or close it and say what it holds."""
    reference = ctx.param(0)
    if reference.startswith("+") and len(reference) > 1:
        _open(ctx, reference[1:])
    elif reference.startswith("-"):
        _close(ctx, reference[1:])
    else:
        ctx.need_more_params()


def _open(ctx: CommandContext, reference: str) -> None:
    session, other = ctx.session, ctx.session.batch
    tags = client_tags(ctx)
    opened = session.batch = MultilineBatch(reference, ctx.param(2), label=ctx.label, tags=tags)
    # Of a batch that is refused the lines are on their way; they are passed over, up to its end.
    opened.failed = True
    if ctx.param(1) != "draft/multiline" or not session.has(cap.MULTILINE):
        ctx.fail(
            "UNKNOWN_TYPE", shown(reference), "Only batches of type draft/multiline can be sent"
        )
    elif not ctx.param(2):
        ctx.fail("MULTILINE_INVALID", "A multiline batch needs a target")
    elif named(ctx.param(2)):
        ctx.fail("MULTILINE_INVALID", "A service takes one line at a time")
    elif other is not None and not other.failed:
        ctx.fail("MULTILINE_INVALID", "Another batch is open; both are dropped")
    else:
        opened.failed = False
        # The answer to the whole batch carries the label, not the answer to its opening.
        ctx.label = ""


def collect(ctx: CommandContext) -> None:
    """Take a message with a batch tag into the session's open batch, or refuse it."""
    session = ctx.session
    opened, tags = session.batch, ctx.message.tags
    if opened is None or tags["batch"] != opened.reference:
        text = "No batch of this name is open: BATCH +name draft/multiline target opens one"
        ctx.fail("INVALID_REFTAG", shown(tags["batch"]), text, command="BATCH")
        return
    ctx.label = ""
    if opened.failed:
        return
    if ctx.command not in ("PRIVMSG", "NOTICE"):
        _reject(ctx, opened, "MULTILINE_INVALID", "A batch holds PRIVMSG or NOTICE")
        return
    text = ctx.param(1)
    concat = "draft/multiline-concat" in tags
    opened.command = opened.command or ctx.command
    opened.lines += 1
    opened.octets += len(text.encode()) + (0 if concat or opened.lines == 1 else 1)
    if opened.command != ctx.command or fold(ctx.param(0)) != fold(opened.target):
        _reject(ctx, opened, "MULTILINE_INVALID", "A batch has one command and one target")
    elif concat and not text:
        _reject(ctx, opened, "MULTILINE_INVALID", "A continued line may not be blank")
    elif opened.octets > MULTILINE_BYTES:
        limit = str(MULTILINE_BYTES)
        _reject(ctx, opened, "MULTILINE_MAX_BYTES", limit, "The batch has too many bytes")
    elif opened.lines > MULTILINE_LINES:
        limit = str(MULTILINE_LINES)
        _reject(ctx, opened, "MULTILINE_MAX_LINES", limit, "The batch has too many lines")
    else:
        joint = "" if opened.lines == 1 else "\r" if concat else "\n"
        opened.text += joint + text


def unreadable(session: Session, tags: Mapping[str, str]) -> str:
    """Return the label, or "", of the answer to a line of which only the tags could be read.

    A batch that it belonged to comes to nothing: it would be said without that line.
    """
    opened = session.batch
    if opened is None or tags.get("batch") != opened.reference:
        return tags.get("label", "") if session.has(cap.LABELED_RESPONSE) else ""
    label = "" if opened.failed else opened.label
    opened.failed, opened.text = True, ""
    return label


def _reject(ctx: Context, opened: MultilineBatch, code: str, *context: str) -> None:
    opened.failed = True
    opened.text = ""
    # What becomes of a batch answers its opening.
    ctx.label = opened.label
    ctx.fail(code, *context, command="BATCH")


def _close(ctx: Context, reference: str) -> None:
    opened = ctx.session.batch
    if opened is None or opened.reference != reference:
        ctx.fail("MULTILINE_INVALID", "No such batch is open")
        return
    ctx.session.batch = None
    if opened.failed:
        return
    ctx.label = opened.label
    if not opened.text.strip("\r\n"):
        ctx.fail("MULTILINE_INVALID", "The batch has no text")
        return
    say(ctx, opened.command, opened.target, opened.text, opened.tags)


COMMANDS: Final = (
    Command(
        "BATCH",
        batch,
        "+ref draft/multiline target | -ref",
        "send a message of several lines",
        minimum=1,
        pipelined=True,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
