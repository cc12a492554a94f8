"""Taking messages back: REDACT (IRCv3 draft/message-redaction)."""

from __future__ import annotations

from functools import partial
from typing import Final

from hubbub.core.access import channels
from hubbub.core.access.history import reach
from hubbub.core.deciding.context import FULL, Command, CommandContext, FollowUps, shown
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Redacted, Said
from hubbub.core.requests import LookUp
from hubbub.core.world.addressee import addressee
from hubbub.core.world.conversations import is_guest, means, partner_in, presence_called
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import modes, numerics
from hubbub.irc.fitting import clip
from hubbub.irc.names import CHANNEL_PREFIXES, fold

_MICROSECONDS: Final = 1_000_000


def redact(ctx: CommandContext) -> None:
    """Take back a message of one's own, or any in a channel that one moderates."""
    if not ctx.session.has(cap.MESSAGE_REDACTION):
        ctx.reply(numerics.ERR_UNKNOWNCOMMAND, "REDACT")
    elif ctx.param(0)[:1] not in CHANNEL_PREFIXES or _may_look(ctx):
        for msgid in dict.fromkeys(ctx.param(1).split(",")):
            ctx.requests.append(LookUp(msgid, partial(_redact_found, ctx, msgid)))
    else:
        target = shown(ctx.param(0))
        ctx.fail("INVALID_TARGET", target, f"You cannot delete messages from {target}")


def _may_look(ctx: CommandContext) -> bool:
    """Say whether one may know what was said in a channel: as a member, or as an operator."""
    channel = ctx.world.channel(ctx.param(0))
    if channel is None:
        return False
    return ctx.user in channel.members or ctx.user.may("channels", channel.name)


def _redact_found(ctx: CommandContext, msgid: str, entry: Entry | None) -> None:
    """Ask for a message to be redacted, which may be anybody's, or not there."""
    record = entry.record if entry is not None else None
    if (
        entry is None
        or entry.seq > ctx.world.applied
        or not isinstance(record, Said)
        # Where it is in another history than the one that was named, it is not there either: who
        # guesses msgids learns nothing.
        or _history(ctx, entry, record) not in record.histories
    ):
        _fail(ctx, msgid, "UNKNOWN_MSGID", "This message does not exist or is too old")
        return
    own = _is_own(ctx.world, ctx.user, record)
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
    user, to = ctx.user, None
    # The message may name a channel, or a partner, that is called otherwise now.
    channel = ctx.world.channel(ctx.param(0))
    target = channel.name if channel is not None else ctx.param(0)
    reason = clip(ctx.param(2), KICK_BYTES) if len(ctx.message.params) > 2 else None
    is_direct = ctx.param(0)[:1] not in CHANNEL_PREFIXES
    meant = addressee(ctx.world, ctx.param(0)) if is_direct else None
    partner = meant.user if meant is not None else None
    if partner is not None:
        target = partner.nick
        # Who did not want to hear it is told nothing of it now.
        heard = f"@{partner.presence}/{user.presence}" in said.histories
        to = partner.id if heard else None
    seq, msgid = entry.seq, entry.msgid
    ctx.append(
        Redacted(ctx.origin, user.source, target, msgid, seq, own, reason, to, said.histories)
    )


def _history(ctx: CommandContext, entry: Entry, said: Said) -> str:
    """Return the history in which a message to the target is found, "" where there is none."""
    target = ctx.param(0)
    if target[:1] in CHANNEL_PREFIXES:
        channel = ctx.world.channel(target)
        return channel.history if channel is not None else ""
    mine = f"@{ctx.user.presence}/"
    presence = presence_called(ctx.world, target)
    if presence is not None:
        return mine + presence
    # Of a guest who is gone the message itself tells the nick.
    own = next((history for history in said.histories if history.startswith(mine)), "")
    partner = partner_in(own)
    return own if is_guest(partner) and means(target, entry, partner) else ""


def _is_own(world: World, user: User, said: Said) -> bool:
    """Say whether a user said this: under the same account, or as the same guest."""
    if said.account:
        return fold(said.account) == fold(user.account)
    return world.sessions.get(said.origin.session) is user


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
