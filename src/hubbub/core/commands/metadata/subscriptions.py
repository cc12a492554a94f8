"""Which keys of others' metadata a session is told: SUB, UNSUB, SUBS and SYNC of METADATA."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Final

from hubbub.core.access.metadata import (
    VISIBILITY,
    Target,
    is_key,
    is_told,
    name_of,
    subscribed,
    values_of,
)
from hubbub.core.deciding.context import CommandContext, Context, shown
from hubbub.core.world.session import Session
from hubbub.core.world.state import Channel, User
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.fitting import fitted
from hubbub.irc.message import Message
from hubbub.irc.numerics import Numeric

ALL: Final = "*ALL"
"""The target of a SYNC that means oneself and all whose changes one is told."""
RETRY_SECONDS: Final = "0"
JOIN_MEMBERS: Final = 200
"""Members of a channel beyond whom who joins has to ask for their metadata (SYNC)."""
WHOIS_KEYS: Final = 10
"""How many keys WHOIS shows; LIST shows all."""
_KEYS_PER_LINE: Final = 10
_OLDER_CODES: Final = {
    "INVALID_KEY": "KEY_INVALID",
    "INVALID_VALUE": "VALUE_INVALID",
    "INVALID_PARAMS": "SUBCOMMAND_INVALID",
}
"""What draft/metadata-2 calls what has another name in draft/metadata-3."""


def is_older(session: Session) -> bool:
    """Say whether a session knows draft/metadata-2 only."""
    return session.has(cap.METADATA_2) and not session.has(cap.METADATA_3)


def failure(ctx: Context, code: str, *context: str) -> Message:
    """Return a FAIL in the words of the session's draft."""
    if is_older(ctx.session):
        code = _OLDER_CODES.get(code, code)
    return fitted(Message("FAIL", ("METADATA", code, *context), ctx.policy.server))


def fail(ctx: Context, code: str, *context: str) -> None:
    """Answer FAIL in the words of the session's draft."""
    ctx.answer(failure(ctx, code, *context))


def subscribe(ctx: CommandContext) -> None:
    """Tell the session from here on when these keys change."""
    session, accepted = ctx.session, []
    for key in ctx.message.params[2:]:
        if not is_key(key):
            fail(ctx, "INVALID_KEY", shown(key), "Invalid key")
            continue
        full = len(session.subscriptions) >= cap.METADATA_SUBSCRIPTIONS
        if full and key not in session.subscriptions:
            code = "TOO_MANY_SUBS" if is_older(session) else "LIMIT_REACHED"
            fail(ctx, code, key, str(cap.METADATA_SUBSCRIPTIONS), "Too many subscriptions")
            break
        session.subscriptions[key] = None
        accepted.append(key)
    _lines(ctx, numerics.RPL_METADATASUBOK, accepted)
    if accepted and session.user is not None:
        # What they are now may be much: the client asks when it is ready.
        names = list(_channel_names(ctx.user)) if is_older(session) else [ALL]
        for name in names:
            ctx.reply(numerics.RPL_METADATASYNCLATER, name, RETRY_SECONDS)


def _channel_names(user: User) -> Iterable[str]:
    return (channel.name for channel in user.channels.values())


def unsubscribe(ctx: CommandContext) -> None:
    """Tell the session no more when these keys change."""
    removed = []
    for key in ctx.message.params[2:]:
        if is_key(key):
            ctx.session.subscriptions.pop(key, None)
            removed.append(key)
        else:
            fail(ctx, "INVALID_KEY", shown(key), "Invalid key")
    _lines(ctx, numerics.RPL_METADATAUNSUBOK, removed)


def list_all(ctx: Context) -> None:
    """List the keys whose changes the session is told."""
    keys = list(ctx.session.subscriptions)
    lines = _grouped(keys)
    messages = [ctx.numeric(numerics.RPL_METADATASUBS, *line) for line in lines]
    ctx.batch(("metadata-subs",), messages)


def _lines(ctx: Context, numeric: Numeric, keys: list[str]) -> None:
    for line in _grouped(keys):
        ctx.reply(numeric, *line)


def _grouped(keys: list[str]) -> list[list[str]]:
    return [keys[at : at + _KEYS_PER_LINE] for at in range(0, len(keys), _KEYS_PER_LINE)]


def sync(ctx: Context, target: Target) -> None:
    """Tell the values of subscribed keys of a user, or of a channel and its members."""
    _synchronise(ctx, name_of(target), _with_members(target))


def _with_members(target: Target) -> list[Target]:
    return [target, *target.members] if isinstance(target, Channel) else [target]


def sync_all(ctx: Context) -> None:
    """Tell the values of subscribed keys of all whose changes the session is told."""
    user, world = ctx.user, ctx.world
    monitored = (world.user(nick) for nick in ctx.session.monitored)
    everybody = dict.fromkeys(
        chain(
            [user],
            *map(_with_members, user.channels.values()),
            (found for found in monitored if found is not None),
        )
    )
    _synchronise(ctx, ALL, everybody)


def _synchronise(ctx: Context, name: str, targets: Iterable[Target]) -> None:
    ctx.batch(("metadata", name), _subscribed(ctx, targets))


def _subscribed(ctx: Context, targets: Iterable[Target]) -> Iterable[Message]:
    return subscribed(ctx.world, ctx.session, ctx.policy.server, targets)


def show_joined(ctx: Context, channel: Channel) -> None:
    """Tell who joins a channel what it and its members carry, as far as that is subscribed to."""
    if not (is_told(ctx.session) and ctx.session.subscriptions):
        return
    if len(channel.members) > JOIN_MEMBERS:
        ctx.reply(numerics.RPL_METADATASYNCLATER, channel.name, RETRY_SECONDS)
        return
    others = [target for target in _with_members(channel) if target is not ctx.user]
    for message in _subscribed(ctx, others):
        ctx.answer(message)


def show_watched(ctx: Context, users: Iterable[User]) -> None:
    """Tell what those carry whom the session begins to monitor, or who have come."""
    if is_told(ctx.session) and ctx.session.subscriptions:
        for message in _subscribed(ctx, users):
            ctx.answer(message)


def show_own(ctx: Context) -> None:
    """Tell a session that begins what its user carries."""
    if is_told(ctx.session):
        values = values_of(ctx.world, ctx.user)
        kind = ("metadata", ctx.user.nick)
        ctx.batch(kind, [_own(ctx, key, value) for key, value in values.items()])


def _own(ctx: Context, key: str, value: str) -> Message:
    nick = ctx.user.nick
    if is_older(ctx.session):
        return Message("METADATA", (nick, key, VISIBILITY, value), ctx.policy.server)
    return ctx.numeric(numerics.RPL_KEYVALUE, nick, key, VISIBILITY, value)


def show_in_whois(ctx: Context, user: User) -> None:
    """Tell some of what a user carries, in the answer to WHOIS."""
    if ctx.session.has(cap.METADATA):
        for key, value in list(values_of(ctx.world, user).items())[:WHOIS_KEYS]:
            ctx.reply(numerics.RPL_WHOISKEYVALUE, user.nick, key, VISIBILITY, value)
