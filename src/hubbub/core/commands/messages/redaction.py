"""Taking messages back: REDACT (IRCv3 draft/message-redaction)."""

from __future__ import annotations

from functools import partial
from typing import Final

from hubbub.core.access import channels
from hubbub.core.access.history import reach
from hubbub.core.deciding.context import FULL, Command, CommandContext, FollowUps, shown
from hubbub.core.deciding.earlier_messages import history_of, is_own, may_look, recipient
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Redacted, Said
from hubbub.core.requests import LookUp
from hubbub.irc import capabilities as cap
from hubbub.irc import modes, numerics
from hubbub.irc.fitting import clip
from hubbub.irc.names import CHANNEL_PREFIXES

_MICROSECONDS: Final = 1_000_000


def redact(ctx: CommandContext) -> None:
    """Take back a message of one's own, or any in a channel that one moderates."""
    if not ctx.session.has(cap.MESSAGE_REDACTION):
        ctx.reply(numerics.ERR_UNKNOWNCOMMAND, "REDACT")
    elif ctx.param(0)[:1] not in CHANNEL_PREFIXES or may_look(ctx):
        for msgid in dict.fromkeys(ctx.param(1).split(",")):
            ctx.requests.append(LookUp(msgid, partial(_redact_found, ctx, msgid)))
    else:
        target = shown(ctx.param(0))
        ctx.fail("INVALID_TARGET", target, f"You cannot delete messages from {target}")


def _redact_found(ctx: CommandContext, msgid: str, entry: Entry | None) -> None:
    """Ask for a message to be redacted, which may be anybody's, or not there."""
    record = entry.record if entry is not None else None
    if (
        entry is None
        or entry.seq > ctx.world.applied
        or not isinstance(record, Said)
        # Where it is in another history than the one that was named, it is not there either: who
        # guesses msgids learns nothing.
        or history_of(ctx, entry, record) not in record.histories
    ):
        _fail(ctx, msgid, "UNKNOWN_MSGID", "This message does not exist or is too old")
        return
    own = is_own(ctx.world, ctx.user, record)
    # The same answer as for what is not there, as everything that one may not read.
    if not own and not _may_read(ctx, entry):
        _fail(ctx, msgid, "UNKNOWN_MSGID", "This message does not exist or is too old")
        return
    if not own and not _moderates(ctx):
        _fail(ctx, msgid, "REDACT_FORBIDDEN", "You are not authorised to delete this message")
        return
    window = ctx.policy.redact_seconds
    late = window and ctx.now - entry.time > window * _MICROSECONDS
    if late and not _moderates(ctx):
        _fail(
            ctx,
            msgid,
            "REDACT_WINDOW_EXPIRED",
            str(window),
            "You can no longer delete this message",
        )
        return
    _append(ctx, entry, record, own)


def _append(ctx: CommandContext, entry: Entry, said: Said, own: bool) -> None:
    user = ctx.user
    reason = clip(ctx.param(2), KICK_BYTES) if len(ctx.message.params) > 2 else None
    target, to = recipient(ctx, said)
    seq, msgid = entry.seq, entry.msgid
    ctx.append(
        Redacted(ctx.origin, user.source, target, msgid, seq, own, reason, to, said.histories)
    )


def _may_read(ctx: CommandContext, entry: Entry) -> bool:
    """Say whether a message of another is one that a member may read; others ask for none."""
    channel = ctx.world.channel(ctx.param(0))
    if channel is None or ctx.user not in channel.members:
        return True
    shows = reach(channel, ctx.user).shows((entry.time, entry.seq))
    return shows or ctx.user.may("channels", channel.name)


def _moderates(ctx: CommandContext) -> bool:
    channel = ctx.world.channel(ctx.param(0))
    return (
        channel is not None
        and channels.rank_refusal(channel, ctx.user, modes.HALF_OPERATOR) is None
    )


def _fail(ctx: CommandContext, msgid: str, code: str, *context: str) -> None:
    ctx.fail(code, shown(ctx.param(0)), shown(msgid), *context)


COMMANDS: Final = (
    Command(
        "REDACT",
        redact,
        "target msgid[,msgid ...] [:reason]",
        "take back messages, which are then erased",
        minimum=2,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
