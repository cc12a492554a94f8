"""WHO, with the fields of WHOX (Modern IRC, WHO message; IRCv3 whox)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from hubbub.core import access
from hubbub.core.context import FULL, Command, Context, FollowUps, shown
from hubbub.core.effects import Stream
from hubbub.core.state import Channel, User
from hubbub.irc import capabilities as cap
from hubbub.irc import names, numerics
from hubbub.irc.fitting import fitted
from hubbub.irc.message import Message

Found = tuple[User, Channel | None]
"""A user to be shown, and the channel that is named with it."""

_HIDDEN_ADDRESS: Final = "255.255.255.255"
_LOGGED_OUT: Final = "0"


@dataclass(frozen=True, slots=True)
class _Query:
    """Hold what a WHO asks for; `fields` is None where it is no WHOX."""

    mask: str
    operators: bool
    fields: str | None
    token: str


def who(ctx: Context) -> None:
    """List the members of a channel, one user, or all visible users that match a mask."""
    query = _parse(ctx)
    found = [
        (user, channel)
        for user, channel in _find(ctx, query.mask)
        if user.is_operator or not query.operators
    ]
    ctx.effects.append(Stream(_replies(ctx, query, found)))


def _parse(ctx: Context) -> _Query:
    mask = ctx.param(0)
    flags, percent, extended = ctx.param(1).partition("%")
    fields, _, token = extended.partition(",")
    valid = token.isascii() and token.isdecimal() and len(token) <= 3
    return _Query(mask, "o" in flags, fields if percent else None, token if valid else "0")


def _find(ctx: Context, mask: str) -> Iterator[Found]:
    viewer = ctx.user
    channel = ctx.world.channel(mask)
    if channel is not None:
        if access.sees_channel(channel, viewer):
            inside = viewer in channel.members
            for user in channel.members:
                if inside or access.sees_user(user, viewer):
                    yield user, channel
        return
    named = ctx.world.user(mask)
    if named is not None:
        # Who knows the nick may ask about it, +i or not.
        yield named, _common_channel(named, viewer)
        return
    if mask in ("", "0"):
        mask = "*"
    for user in ctx.world.users.values():
        if access.sees_user(user, viewer) and _matches(mask, user):
            yield user, _common_channel(user, viewer)


def _matches(mask: str, user: User) -> bool:
    return mask == "*" or any(
        names.matches(mask, text)
        for text in (user.nick, user.username, user.host, user.realname, user.source)
    )


def _common_channel(user: User, viewer: User) -> Channel | None:
    for channel in user.channels.values():
        if access.sees_membership(channel, user, viewer):
            return channel
    return None


def _replies(ctx: Context, query: _Query, found: list[Found]) -> Iterator[Message]:
    for user, channel in found:
        if query.fields is None:
            yield _plain(ctx, user, channel)
        else:
            yield _extended(ctx, query.fields, query.token, user, channel)
    yield fitted(ctx.numeric(numerics.RPL_ENDOFWHO, shown(query.mask)))


def _plain(ctx: Context, user: User, channel: Channel | None) -> Message:
    return ctx.numeric(
        numerics.RPL_WHOREPLY,
        channel.name if channel is not None else "*",
        user.username,
        user.host,
        ctx.policy.server,
        user.nick,
        _flags(ctx, user, channel),
        f"0 {user.realname}",
    )


def _flags(ctx: Context, user: User, channel: Channel | None) -> str:
    flags = "G" if user.away else "H"
    if user.is_operator:
        flags += "*"
    if "B" in user.modes:
        flags += "B"
    member = channel.members.get(user) if channel is not None else None
    if member is not None:
        flags += member.prefixes(ctx.session.has(cap.MULTI_PREFIX))
    return flags


def _op_level(user: User, channel: Channel | None) -> str:
    member = channel.members.get(user) if channel is not None else None
    return str(member.rank) if member is not None else "n/a"


_FIELDS: Final[dict[str, Callable[[Context, User, Channel | None], str]]] = {
    "c": lambda _, __, channel: channel.name if channel is not None else "*",
    "u": lambda _, user, __: user.username,
    "i": lambda *_: _HIDDEN_ADDRESS,
    "h": lambda _, user, __: user.host,
    "s": lambda ctx, *_: ctx.policy.server,
    "n": lambda _, user, __: user.nick,
    "f": _flags,
    "d": lambda *_: "0",
    "l": lambda ctx, user, _: str(ctx.idle(user) or 0),
    "a": lambda _, user, __: user.account or _LOGGED_OUT,
    "o": lambda _, user, channel: _op_level(user, channel),
    "r": lambda _, user, __: user.realname,
}
"""The fields of WHOX behind the token, in the order of RPL_WHOSPCRPL."""


def _extended(
    ctx: Context, fields: str, token: str, user: User, channel: Channel | None
) -> Message:
    values = [token] if "t" in fields else []
    values += [value(ctx, user, channel) for field, value in _FIELDS.items() if field in fields]
    return ctx.numeric(numerics.RPL_WHOSPCRPL, *values)


COMMANDS: Final = (Command("WHO", who, "mask [o][%fields[,token]]", "list users", cost=FULL),)

FOLLOW_UPS: Final[FollowUps] = {}
