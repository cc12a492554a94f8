"""What people say: PRIVMSG, NOTICE and TAGMSG."""

from __future__ import annotations

from typing import Final

from hubbub.core.access import channels
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.deciding.signalling import heard_by
from hubbub.core.deciding.speaking import client_tags, is_signal, reaches, refuse, say, split_status
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import SaidInAbsence
from hubbub.core.requests import Signal
from hubbub.core.world.addressee import account_addressed, addressee
from hubbub.core.world.service_nicks import named
from hubbub.core.world.state import NOT_HERE
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import CHANNEL_PREFIXES, distinct


def message(ctx: CommandContext) -> None:
    """Say something to channels and users (RFC 2812 3.3)."""
    command, params = ctx.command, ctx.message.params
    if not params or not params[0]:
        refuse(ctx, command, numerics.ERR_NORECIPIENT)
    elif len(params) < 2 or not params[1]:
        refuse(ctx, command, numerics.ERR_NOTEXTTOSEND)
    else:
        tags = client_tags(ctx)
        for target in targets(ctx):
            say(ctx, command, target, params[1], tags)


def waits(ctx: Context, record: SaidInAbsence, entry: Entry) -> None:
    """Tell who spoke to somebody who is not connected that it waits: once in each absence."""
    account = ctx.world.account(record.to_account)
    if account is not None and account.waiting.told.get(ctx.user.presence) == entry.seq:
        meant = account_addressed(account)
        why = meant.user.away_text if meant is not None and meant.user is not None else ""
        text = f"{why or NOT_HERE}: what you say is kept, and shown on return"
        ctx.reply(numerics.RPL_AWAY, record.target, text)


def targets(ctx: CommandContext) -> list[str]:
    """Return whom a message names, each once; none, after an answer, where it names too many.

    Somebody may be named in several ways. A service is spoken to alone.
    """
    given = ctx.message.params[0]
    if "," not in given:
        return [given]
    everybody: dict[str, str] = {}
    for name in distinct(filter(None, given.split(","))):
        meant = addressee(ctx.world, name)
        everybody.setdefault(meant.presence if meant is not None else name, name)
    # What others hear as well is surely not meant for a service.
    if len(everybody) > ctx.policy.targets or any(map(named, everybody.values())):
        refuse(ctx, ctx.command, numerics.ERR_TOOMANYTARGETS, given)
        return []
    return list(everybody.values())


def tagmsg(ctx: CommandContext) -> None:
    """Send tags without text (IRCv3 message-tags, TAGMSG)."""
    tags = client_tags(ctx)
    if not ctx.param(0):
        ctx.reply(numerics.ERR_NORECIPIENT)
    elif not ctx.session.has(cap.MESSAGE_TAGS):
        ctx.reply(numerics.ERR_UNKNOWNCOMMAND, "TAGMSG")
    elif is_signal("TAGMSG", tags):
        for target in targets(ctx):
            _signal(ctx, target, tags)
    else:
        for target in targets(ctx):
            say(ctx, "TAGMSG", target, "", tags)


def _signal(ctx: Context, target: str, tags: dict[str, str]) -> None:
    user, heard = ctx.user, heard_by(ctx.world, ctx.user, target)
    name = split_status(target)[1]
    if name[:1] in CHANNEL_PREFIXES:
        channel = ctx.world.channel(name)
        if channel is None or not reaches(ctx, channel):
            ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(target))
            return
        if ctx.refuse(channels.speak_refusal(channel, user, ctx.session.quiet, ctx.now)):
            return
    elif heard is None:
        ctx.reply(numerics.ERR_NOSUCHNICK, shown(target))
    if tags and heard is not None:
        message = Message("TAGMSG", (heard.shown,), user.source, tags)
        ctx.requests.append(Signal(message, heard.users))


COMMANDS: Final = (
    Command(
        "PRIVMSG",
        message,
        "target[,target] :text",
        "say something to channels or people",
        pipelined=True,
        cost=FULL,
    ),
    Command(
        "NOTICE",
        message,
        "target[,target] :text",
        "say something that nobody answers",
        pipelined=True,
        cost=FULL,
    ),
    Command("TAGMSG", tagmsg, "target[,target]", "send tags without text", pipelined=True),
)

FOLLOW_UPS: Final[FollowUps] = {SaidInAbsence: waits}
