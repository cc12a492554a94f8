"""What an account wants of a conversation, as keys of metadata that nobody else sees.

They are asked for and set like those of the channel or the person, which need not be there: so
nothing is learned by setting them. `0` is the answer where nothing was set, as soju has it.
"""

from __future__ import annotations

from hubbub.core.access.metadata import VISIBILITY
from hubbub.core.commands.metadata import subscriptions
from hubbub.core.deciding.context import CommandContext, Context, shown
from hubbub.core.policy.attention import KEYS, LEVEL, LEVELS
from hubbub.core.records.entries import Entry
from hubbub.core.records.metadata import BufferSet
from hubbub.core.rules import CATCHING_UP
from hubbub.core.world.conversations import is_called_like
from hubbub.irc import names, numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold


def is_meant(ctx: CommandContext, key: str) -> bool:
    """Say whether a key of this target is one's own wish for a conversation, and no metadata."""
    given, user = ctx.param(0), ctx.session.user
    if key not in KEYS or user is None or not user.account or given == "*":
        return False
    return fold(given) != fold(user.nick) and (names.is_channel(given) or is_called_like(given))


def got(ctx: Context, target: str, key: str) -> Message:
    """Return the numeric that tells a wish."""
    value = ctx.world.attention_to(ctx.user, target).value(key)
    return ctx.numeric(numerics.RPL_KEYVALUE, target, key, VISIBILITY, value)


def set_wish(ctx: CommandContext, key: str, value: str | None) -> None:
    """Ask for a wish to be kept, or say why it cannot be."""
    target = ctx.param(0)
    changed = ctx.world.attention_to(ctx.user, target).changed(key, value)
    if ctx.world.rules < CATCHING_UP:
        text = "This works once every node of the server runs the new version"
        subscriptions.fail(ctx, "RATE_LIMITED", shown(target), key, "60", text)
    elif changed is None:
        text = f"It is {', '.join(LEVELS)}" if key == LEVEL else "It is 0 or 1"
        subscriptions.fail(ctx, "INVALID_VALUE", key, text)
    elif changed == ctx.world.attention_to(ctx.user, target):
        ctx.answer(got(ctx, target, key))
    else:
        ctx.append(BufferSet(ctx.origin, target, key, value))


def wish_set(ctx: Context, record: BufferSet, entry: Entry) -> None:
    """Tell who asked what is true now."""
    ctx.answer(got(ctx, record.target, record.key))
