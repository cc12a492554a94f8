"""RELAYMSG: what somebody said elsewhere, passed on by a bridge (IRCv3 draft/relaymsg).

The separator stands in every relayed nick and in no real one, so nobody's name can be borrowed.
"""

from __future__ import annotations

from typing import Final

from hubbub.core.access import channels
from hubbub.core.deciding.context import FULL, Command, CommandContext, FollowUps, shown
from hubbub.core.deciding.mentions import mentioned
from hubbub.core.deciding.speaking import channel_refusal, client_tags, fits
from hubbub.core.records.entries import Body
from hubbub.core.records.messages import Said
from hubbub.irc import names, numerics
from hubbub.irc.capabilities import RELAY_SEPARATOR
from hubbub.irc.ctcp import is_ctcp
from hubbub.irc.modes import OPERATOR, STATUS_PREFIXES

RELAYED_NICK_BYTES: Final = 64
_NEVER: Final = frozenset("!@*?:$")
_NEVER_FIRST: Final = names.CHANNEL_PREFIXES + STATUS_PREFIXES + RELAY_SEPARATOR


def relaymsg(ctx: CommandContext) -> None:
    """Say something in a channel in the name of somebody who is not here: for its operators."""
    given, nick, text = ctx.message.params[:3]
    user, channel = ctx.user, ctx.world.channel(given)
    if channel is None or not channels.sees_channel(channel, user):
        ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(given))
    elif channels.rank_refusal(channel, user, OPERATOR) is not None:
        ctx.fail("PRIVS_NEEDED", "Only operators of the channel may relay")
    elif not is_relayed_nick(nick) or ctx.is_reserved(nick.partition(RELAY_SEPARATOR)[0]):
        text = f"A relayed nick has a {RELAY_SEPARATOR} in it, name/elsewhere, and is no service's"
        ctx.fail("INVALID_NICK", text)
    elif not text:
        ctx.reply(numerics.ERR_NOTEXTTOSEND)
    elif not ctx.refuse(channel_refusal(ctx, channel, "PRIVMSG", text)):
        source = f"{nick}!relay@{ctx.policy.server}"
        if not fits(source, "PRIVMSG", channel.name, text):
            ctx.reply(numerics.ERR_INPUTTOOLONG)
            return
        ctcp = is_ctcp(text)
        said = Said(
            ctx.origin,
            source,
            "",
            "PRIVMSG",
            channel.name,
            histories=() if ctcp or channels.audience(channel, user) else (channel.history,),
            relayed_by=user.nick,
            ctcp=ctcp,
        )
        meant = mentioned(ctx.world, channel, user, text) if said.histories else ()
        ctx.append(said, Body(text, client_tags(ctx), meant))


def is_relayed_nick(nick: str) -> bool:
    """Say whether a nick can be that of somebody elsewhere: with the separator, and no mask."""
    return (
        RELAY_SEPARATOR in nick[1:]
        and nick[0] not in _NEVER_FIRST
        and _NEVER.isdisjoint(nick)
        and len(nick.encode()) <= RELAYED_NICK_BYTES
        and names.is_clean(nick)
    )


COMMANDS: Final = (
    Command(
        "RELAYMSG",
        relaymsg,
        f"#channel nick{RELAY_SEPARATOR}elsewhere :text",
        "pass on what somebody said elsewhere",
        minimum=3,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
