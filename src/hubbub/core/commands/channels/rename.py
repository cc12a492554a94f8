"""RENAME: another name for a channel (IRCv3 draft/channel-rename)."""

from __future__ import annotations

from typing import Final

from hubbub.core.access import channels
from hubbub.core.apply.channel_rename import rename_hindrance
from hubbub.core.commands.channels.membership import describe
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.deciding.login import scope_of
from hubbub.core.outcomes import Moved
from hubbub.core.policy import scopes
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.records.channels import ChannelRenamed
from hubbub.core.requests import Listen
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.fitting import clip


def rename(ctx: CommandContext) -> None:
    """Give a channel another name."""
    channel, name = ctx.world.channel(ctx.param(0)), ctx.param(1)
    if channel is None or not channels.sees_channel(channel, ctx.user):
        ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(ctx.param(0)))
        return
    if ctx.refuse(channels.rename_refusal(ctx.world, channel, ctx.user)):
        return
    hindrance = rename_hindrance(ctx.world, channel, name, ctx.now // 1_000_000)
    if hindrance is not None:
        code, text = hindrance
        ctx.fail(code, channel.name, shown(name), text)
    elif name != channel.name:
        reason, histories = clip(ctx.param(2), KICK_BYTES), (channel.history,)
        source = ctx.user.source
        ctx.append(ChannelRenamed(ctx.origin, source, channel.name, name, reason, histories))


def moved(ctx: Context, effect: Moved) -> None:
    """Let a member's session that does not know RENAME leave the old name and join the new one.

    Who came in to read what has the old name hears no more.
    """
    user, channel = ctx.user, effect.channel
    hears = scopes.may_hear(scope_of(ctx.world, ctx.session), channel.name)
    if not hears:
        ctx.requests.append(Listen(channel, on=False))
    if ctx.session.has(cap.CHANNEL_RENAME):
        if not hears:
            ctx.send("PART", channel.name, source=user.source)
        return
    ctx.send("PART", effect.old, *filter(None, [effect.reason]), source=user.source)
    if not hears:
        return
    extended = (user.account or "*", user.realname) if ctx.session.has(cap.EXTENDED_JOIN) else ()
    ctx.send("JOIN", channel.name, *extended, source=user.source)
    describe(ctx, channel)


COMMANDS: Final = (
    Command(
        "RENAME",
        rename,
        "#channel #new [:reason]",
        "give a channel another name",
        minimum=2,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
