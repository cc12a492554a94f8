"""What of what was said a session may read: asked by all that reads it back by its target."""

from __future__ import annotations

from hubbub.core.access import channels as access
from hubbub.core.access.history import EVERYTHING, Reach, reach
from hubbub.core.deciding.context import CommandContext, Context
from hubbub.core.world.conversations import is_called_like, presence_called
from hubbub.core.world.state import Channel
from hubbub.irc.names import CHANNEL_PREFIXES


def readable(ctx: CommandContext, target: str) -> tuple[str, str, Reach] | None:
    """Return the history of a target, its name, and what of it the asker may read.

    None is for what may not be read as for what is not there: that is not told to those outside.
    """
    user = ctx.user
    if target[:1] in CHANNEL_PREFIXES:
        channel = ctx.world.channel(target)
        if channel is not None and user in channel.members:
            return channel.history, channel.name, reach(channel, user)
        if channel is not None and _may_read_outside(ctx, channel):
            return channel.history, channel.name, reach(channel, user)
    else:
        # Clients look for the answer under the nick as they wrote it. Which guest was called so,
        # and is gone, the archive knows.
        presence = presence_called(ctx.world, target)
        if presence is not None or is_called_like(target):
            return f"@{user.presence}/{presence or ''}", target, EVERYTHING
    return None


def _may_read_outside(ctx: Context, channel: Channel) -> bool:
    """Say whether a quiet session reads without coming in what it could read if it came in."""
    if not ctx.session.quiet or channel.history_since_join:
        return False
    return access.may_pass_by(channel, ctx.user, ctx.now)
