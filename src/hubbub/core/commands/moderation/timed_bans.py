"""Bans and mutes of a channel that end by themselves: TBAN."""

from __future__ import annotations

from typing import Final

from hubbub.core.access import channels, extbans
from hubbub.core.deciding.context import Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.records.channels import ChannelModesSet
from hubbub.core.world.state import Channel
from hubbub.irc import masks, names, numerics
from hubbub.irc.durations import seconds_of, shown_duration
from hubbub.irc.fitting import clip

BAN: Final = "b"
REASON_BYTES: Final = KICK_BYTES // 2


def tban(ctx: CommandContext) -> None:
    """Ban a mask from a channel for a while, or list the bans that end."""
    channel = ctx.world.channel(ctx.param(0))
    if channel is None or not channels.sees_channel(channel, ctx.user):
        ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(ctx.param(0)))
    elif len(ctx.message.params) == 1:
        _list(ctx, channel)
    elif len(ctx.message.params) == 2:
        ctx.need_more_params()
    else:
        _ban(ctx, channel)


def _list(ctx: Context, channel: Channel) -> None:
    now = ctx.now // 1_000_000
    for entry in channel.lists[BAN].values():
        if entry.expires:
            left = shown_duration(max(0, entry.expires - now))
            reason = f": {entry.reason}" if entry.reason else ""
            ctx.notice(f"{channel.name} {entry.mask} for {left} more, by {entry.by}{reason}")
    ctx.notice(f"{channel.name}: these are the bans that end by themselves")


def _ban(ctx: CommandContext, channel: Channel) -> None:
    seconds, mask = seconds_of(ctx.param(1)), extbans.complete(ctx.param(2))
    changes = ((f"+{BAN}", mask),)
    bans = channel.lists[BAN]
    # First who may at all: the rest tells how full the list is.
    if ctx.refuse(channels.mode_refusal(channel, ctx.user, changes)):
        return
    if seconds is None:
        ctx.fail("INVALID_PARAMS", shown(ctx.param(1)), "A ban lasts 30m, 12h, 7d or the like")
    elif not names.is_mask(mask):
        ctx.reply(numerics.ERR_INVALIDMODEPARAM, channel.name, BAN, shown(mask), "This is no mask")
    elif masks.is_too_wild(mask):
        ctx.reply(numerics.ERR_INVALIDMODEPARAM, channel.name, BAN, shown(mask), masks.TOO_WILD)
    elif names.fold(mask) not in bans and len(bans) >= ctx.policy.list_entries:
        ctx.reply(numerics.ERR_BANLISTFULL, channel.name, mask, BAN)
    else:
        ctx.append(
            ChannelModesSet(
                ctx.origin,
                ctx.user.source,
                channel.name,
                changes,
                (channel.history,),
                seconds=seconds,
                reason=clip(ctx.param(3), REASON_BYTES),
                limit=ctx.policy.list_entries,
            )
        )


COMMANDS: Final = (
    Command(
        "TBAN",
        tban,
        "#channel [duration mask [:reason]]",
        "ban or mute (m:mask) somebody for a while, or list such bans",
        minimum=1,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
