"""METADATA: what users and channels carry, read and changed (IRCv3 draft/metadata-2 and -3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from hubbub.core.access.metadata import (
    VISIBILITY,
    Target,
    is_key,
    may_edit,
    may_read,
    name_of,
    values_of,
)
from hubbub.core.commands.metadata import attention, subscriptions
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.records.entries import Entry
from hubbub.core.records.metadata import BufferSet, MetadataSet
from hubbub.core.world.state import Channel
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import CHANNEL_PREFIXES

_ONESELF: Final = "*"


def metadata(ctx: CommandContext) -> None:
    """Read or change metadata, or which of its changes one is told."""
    subcommand = ctx.param(1).upper()
    handler = _SUBCOMMANDS.get(subcommand)
    if handler is None:
        subscriptions.fail(ctx, "INVALID_PARAMS", shown(ctx.param(1)), "Invalid subcommand")
    elif subcommand in _WITH_KEYS and len(ctx.message.params) < 3:
        ctx.need_more_params()
    else:
        handler(ctx)


def _target(ctx: CommandContext) -> Target | None:
    """Return who is meant, or None after an answer."""
    given = ctx.param(0)
    found: Target | None
    if given == _ONESELF:
        found = ctx.user
    else:
        is_channel = given[:1] in CHANNEL_PREFIXES
        found = ctx.world.channel(given) if is_channel else ctx.world.user(given)
    if isinstance(found, Channel) and found.is_hidden and not may_read(found, ctx.user):
        # Whether there is a secret channel is not told to those outside.
        found = None
    if found is None:
        subscriptions.fail(ctx, "INVALID_TARGET", shown(given), "Invalid metadata target")
    return found


def _forbidden(ctx: CommandContext, key: str) -> None:
    text = "You do not have permission to do that"
    subscriptions.fail(ctx, "KEY_NO_PERMISSION", shown(ctx.param(0)), shown(key), text)


def _is_unready(ctx: Context) -> bool:
    """Say whether the session has no user yet; it may then only speak of itself."""
    return ctx.session.user is None


def _readable(ctx: CommandContext) -> tuple[str, Mapping[str, str]] | None:
    """Return name and values of who is meant, or None after an answer."""
    if _is_unready(ctx):
        if ctx.param(0) != _ONESELF:
            _forbidden(ctx, "*")
            return None
        return _ONESELF, ctx.session.metadata
    target = _target(ctx)
    if target is None:
        return None
    if not may_read(target, ctx.user):
        _forbidden(ctx, "*")
        return None
    return name_of(target), values_of(ctx.world, target)


def _key_value(ctx: Context, name: str, key: str, value: str | None) -> Message:
    if value is None:
        return ctx.numeric(numerics.RPL_KEYNOTSET, name, key)
    return ctx.numeric(numerics.RPL_KEYVALUE, name, key, VISIBILITY, value)


def _get(ctx: CommandContext) -> None:
    keys = ctx.message.params[2:]
    wishes = {
        key: attention.got(ctx, ctx.param(0), key) for key in keys if attention.is_meant(ctx, key)
    }
    # Who asks for wishes only asks nothing of the target, which need not be there.
    found = _readable(ctx) if len(wishes) < len(set(keys)) else (ctx.param(0), {})
    if found is None:
        return
    name, values = found
    answers = [wishes.get(key) or _got(ctx, name, key, values.get(key)) for key in keys]
    ctx.batch(("metadata", name), answers)


def _got(ctx: Context, name: str, key: str, value: str | None) -> Message:
    if is_key(key):
        return _key_value(ctx, name, key, value)
    return subscriptions.failure(ctx, "INVALID_KEY", shown(key), "Invalid key")


def _list(ctx: CommandContext) -> None:
    found = _readable(ctx)
    if found is not None:
        name, values = found
        _batch(ctx, name, [_key_value(ctx, name, key, value) for key, value in values.items()])


def _batch(ctx: Context, name: str, messages: Iterable[Message]) -> None:
    ctx.batch(("metadata", name), messages)


def _set(ctx: CommandContext) -> None:
    key, value = ctx.param(2), ctx.param(3) or None
    if not is_key(key):
        subscriptions.fail(ctx, "INVALID_KEY", shown(key), "Invalid key")
    elif value is not None and len(value.encode()) > cap.METADATA_VALUE_BYTES:
        subscriptions.fail(ctx, "INVALID_VALUE", key, "Value is too long")
    elif _is_unready(ctx):
        _set_before(ctx, key, value)
    else:
        _set_now(ctx, key, value)


def _set_before(ctx: CommandContext, key: str, value: str | None) -> None:
    """Keep a value until the session has a user."""
    held = ctx.session.metadata
    if ctx.param(0) != _ONESELF:
        _forbidden(ctx, key)
    elif value is not None and key not in held and len(held) >= cap.METADATA_KEYS:
        _full(ctx)
    else:
        held.pop(key, None)
        if value is not None:
            held[key] = value
        ctx.answer(_key_value(ctx, _ONESELF, key, value))


def _full(ctx: CommandContext) -> None:
    limit = str(cap.METADATA_KEYS)
    subscriptions.fail(ctx, "LIMIT_REACHED", shown(ctx.param(0)), limit, "Too many keys")


def _set_now(ctx: CommandContext, key: str, value: str | None) -> None:
    if attention.is_meant(ctx, key):
        attention.set_wish(ctx, key, value)
        return
    target = _target(ctx)
    if target is None:
        return
    values = values_of(ctx.world, target)
    if not may_edit(target, ctx.user):
        _forbidden(ctx, key)
    elif value is not None and key not in values and len(values) >= cap.METADATA_KEYS:
        _full(ctx)
    elif value is None and key not in values and subscriptions.is_older(ctx.session):
        ctx.fail("KEY_NOT_SET", name_of(target), key, "key not set")
    elif values.get(key) == value:
        ctx.answer(_key_value(ctx, name_of(target), key, value))
    else:
        _append(ctx, target, (key,), value)


def _append(
    ctx: Context,
    target: Target,
    keys: tuple[str, ...],
    value: str | None = None,
    cleared: bool = False,
) -> None:
    channel, history = ("", "")
    if isinstance(target, Channel):
        channel, history = target.name, target.history
    ctx.append(MetadataSet(ctx.origin, channel, history, keys, value, cleared))


def _clear(ctx: CommandContext) -> None:
    if _is_unready(ctx):
        _clear_before(ctx)
        return
    target = _target(ctx)
    if target is None:
        return
    keys = tuple(values_of(ctx.world, target))
    if not may_edit(target, ctx.user):
        _forbidden(ctx, "*")
    elif keys:
        _append(ctx, target, keys, cleared=True)
    else:
        _batch(ctx, name_of(target), ())


def _clear_before(ctx: CommandContext) -> None:
    if ctx.param(0) != _ONESELF:
        _forbidden(ctx, "*")
        return
    keys = list(ctx.session.metadata)
    ctx.session.metadata.clear()
    _batch(ctx, _ONESELF, [_key_value(ctx, _ONESELF, key, None) for key in keys])


def metadata_set(ctx: Context, record: MetadataSet, entry: Entry) -> None:
    """Tell who asked what is true now."""
    target = ctx.world.channel(record.channel) if record.channel else ctx.user
    if target is None:
        return
    name, values = name_of(target), values_of(ctx.world, target)
    answers = [_key_value(ctx, name, key, values.get(key)) for key in record.keys]
    if record.cleared:
        _batch(ctx, name, answers)
    else:
        for answer in answers:
            ctx.answer(answer)


def _sync(ctx: CommandContext) -> None:
    if _is_unready(ctx):
        ctx.reply(numerics.RPL_METADATASYNCLATER, _ONESELF, subscriptions.RETRY_SECONDS)
    elif ctx.param(0).upper() == subscriptions.ALL:
        subscriptions.sync_all(ctx)
    else:
        target = _target(ctx)
        if target is not None and not may_read(target, ctx.user):
            _forbidden(ctx, "*")
        elif target is not None:
            subscriptions.sync(ctx, target)


_SUBCOMMANDS: Final[dict[str, Callable[[CommandContext], None]]] = {
    "GET": _get,
    "LIST": _list,
    "SET": _set,
    "CLEAR": _clear,
    "SUB": subscriptions.subscribe,
    "UNSUB": subscriptions.unsubscribe,
    "SUBS": subscriptions.list_all,
    "SYNC": _sync,
}
_WITH_KEYS: Final = ("GET", "SET", "SUB", "UNSUB")

COMMANDS: Final = (
    Command(
        "METADATA",
        metadata,
        "target|* GET key ... | LIST | SET key [:value] | CLEAR | SYNC"
        " | SUB key ... | UNSUB key ... | SUBS",
        "read and set what users and channels carry",
        minimum=2,
        early=True,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {MetadataSet: metadata_set, BufferSet: attention.wish_set}
