"""Giving a message of one's own another text: EDITMSG, and EDITS, which shows the earlier ones.

No specification is ratified (ircv3-specifications, pull request 425, draft/message-edit); the
command has the form of REDACT and the name that is proposed there.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from hubbub.core.access import channels
from hubbub.core.access.history import reach
from hubbub.core.deciding import audit
from hubbub.core.deciding.context import FULL, Command, CommandContext, FollowUps, shown
from hubbub.core.deciding.earlier_messages import history_of, is_own, may_look, recipient
from hubbub.core.deciding.mentions import mentioned
from hubbub.core.deciding.speaking import channel_refusal, fits, reaches
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Edited, Said
from hubbub.core.requests import Editions, LookUp
from hubbub.core.rules import CATCHING_UP
from hubbub.core.showing.delivery import EDITED_MARK
from hubbub.core.world.addressee import is_unheard
from hubbub.irc import capabilities as cap
from hubbub.irc import modes, numerics
from hubbub.irc.ctcp import is_ctcp
from hubbub.irc.names import CHANNEL_PREFIXES

_MICROSECONDS: Final = 1_000_000
_UNKNOWN: Final = "This message does not exist or is too old"


def edit(ctx: CommandContext) -> None:
    """Give a message of one's own another text."""
    if not ctx.session.has(cap.MESSAGE_EDIT):
        ctx.reply(numerics.ERR_UNKNOWNCOMMAND, "EDITMSG")
    elif ctx.world.rules < CATCHING_UP:
        text = "This works once every node of the server runs the new version"
        _fail(ctx, "EDIT_FORBIDDEN", text)
    elif not ctx.param(2).strip():
        ctx.reply(numerics.ERR_NOTEXTTOSEND)
    elif not _is_there(ctx):
        _fail(ctx, "INVALID_TARGET", "You cannot edit messages there")
    else:
        ctx.requests.append(LookUp(ctx.param(1), partial(_found, ctx)))


def _is_there(ctx: CommandContext) -> bool:
    """Say whether the target is one that the session could speak to; others are like none."""
    channel = ctx.world.channel(ctx.param(0))
    if ctx.param(0)[:1] in CHANNEL_PREFIXES:
        return channel is not None and (ctx.user in channel.members or reaches(ctx, channel))
    return True


def _found(ctx: CommandContext, entry: Entry | None) -> None:
    """Ask for the text to be changed of a message that may be anybody's, or not there."""
    said = entry.record if entry is not None else None
    if (
        entry is None
        or entry.seq > ctx.world.applied
        or not isinstance(said, Said)
        or said.command == "TAGMSG"
        or entry.body is None
        or history_of(ctx, entry, said) not in said.histories
        # Of what others said it is not told whether it is there.
        or not is_own(ctx.world, ctx.user, said)
        or said.relayed_by
        # Who is silenced is not told so.
        or is_unheard(ctx.world, ctx.user, said.histories)
    ):
        _fail(ctx, "UNKNOWN_MSGID", _UNKNOWN)
        return
    window = ctx.policy.redact_seconds
    if window and ctx.now - entry.time > window * _MICROSECONDS:
        text = "You can no longer edit this message"
        _fail(ctx, "EDIT_WINDOW_EXPIRED", str(window), text)
        return
    _append(ctx, entry, said, entry.body)


def _append(ctx: CommandContext, entry: Entry, said: Said, body: Body) -> None:
    user, text = ctx.user, ctx.param(2)
    target, to = recipient(ctx, said)
    if is_ctcp(text) or "\x01" in text:
        _fail(ctx, "EDIT_FORBIDDEN", "What only programs ask each other is not edited")
        return
    if is_action(body.text):
        text = f"\x01ACTION {text}\x01"
    if not fits(user.source, said.command, target, text + EDITED_MARK):
        ctx.reply(numerics.ERR_INPUTTOOLONG)
        return
    channel = ctx.world.channel(target) if target[:1] in CHANNEL_PREFIXES else None
    meant: tuple[str, ...] = ()
    if channel is not None:
        if ctx.refuse(channel_refusal(ctx, channel, said.command, text)):
            return
        meant = mentioned(ctx.world, channel, user, text)
    record = Edited(
        ctx.origin,
        user.source,
        target,
        entry.msgid,
        entry.seq,
        said.command,
        to,
        said.histories,
        ctx.policy.keep_edits,
    )
    ctx.append(record, Body(text, body.tags, meant, ctx.now))


def is_action(text: str) -> bool:
    """Say whether a text tells what somebody does (CTCP ACTION)."""
    return text.startswith("\x01ACTION ")


def editions(ctx: CommandContext) -> None:
    """Show who moderates a channel what a message said before, where that is kept."""
    channel = ctx.world.channel(ctx.param(0))
    if channel is None or not may_look(ctx):
        _fail(ctx, "INVALID_TARGET", "You cannot look at messages there")
    elif channels.rank_refusal(channel, ctx.user, modes.HALF_OPERATOR) is not None:
        _fail(ctx, "EDITS_FORBIDDEN", "Earlier texts are for who moderates the channel")
    else:
        ctx.requests.append(LookUp(ctx.param(1), partial(_editions_of, ctx)))


def _editions_of(ctx: CommandContext, entry: Entry | None) -> None:
    said = entry.record if entry is not None else None
    channel = ctx.world.channel(ctx.param(0))
    if (
        entry is None
        or channel is None
        or entry.seq > ctx.world.applied
        or not isinstance(said, Said)
        or channel.history not in said.histories
        # An answer to it tells the id also to those from whom the past is closed.
        or not reach(channel, ctx.user).shows((entry.time, entry.seq))
    ):
        _fail(ctx, "UNKNOWN_MSGID", _UNKNOWN)
        return
    member = channel.members.get(ctx.user)
    if member is None or member.rank < modes.HALF_OPERATOR:
        audit.acted(ctx, "EDITS", channel.name, entry.msgid)
    ctx.requests.append(Editions(entry.seq, channel.name, entry.msgid))


def _fail(ctx: CommandContext, code: str, *context: str) -> None:
    ctx.fail(code, shown(ctx.param(0)), shown(ctx.param(1)), *context)


COMMANDS: Final = (
    Command(
        "EDITMSG",
        edit,
        "target msgid :text",
        "give a message of your own another text",
        minimum=2,
        cost=FULL,
    ),
    Command(
        "EDITS",
        editions,
        "#channel msgid",
        "show what a message said before it was edited, where that is kept",
        minimum=2,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
