"""WHO, with the fields of WHOX (Modern IRC, WHO message; IRCv3 whox)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hubbub.core.access import channels
from hubbub.core.deciding import audit
from hubbub.core.deciding.context import (
    FULL,
    Command,
    CommandContext,
    Context,
    FollowUps,
    shown,
    sifted,
)
from hubbub.core.requests import AnswerMany
from hubbub.core.world.state import Channel, User
from hubbub.irc import capabilities as cap
from hubbub.irc import masks, numerics
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


def who(ctx: CommandContext) -> None:
    """List the members of a channel, one user, or all visible users that match a mask."""
    query = _parse(ctx)
    if masks.is_too_wild(query.mask):
        ctx.fail("INVALID_PARAMS", masks.TOO_WILD)
        return
    ctx.requests.append(AnswerMany(audit.witnessed(ctx, _replies(ctx, query, _find(ctx, query)))))


def _parse(ctx: CommandContext) -> _Query:
    mask = ctx.param(0)
    flags, percent, extended = ctx.param(1).partition("%")
    fields, _, token = extended.partition(",")
    valid = token.isascii() and token.isdecimal() and len(token) <= 3
    return _Query(mask, "o" in flags, fields if percent else None, token if valid else "0")


def _find(ctx: Context, query: _Query) -> Iterator[Found | None]:
    """Find who is asked for; the World may change while a slow connection takes the answer."""
    viewer, world, mask = ctx.user, ctx.world, query.mask
    channel, named, is_meant = world.channel(mask), world.user(mask), _meaning(mask or "*")

    def is_wanted(user: User) -> bool:
        if query.operators and not user.is_operator:
            return False
        if channel is not None:
            inside = viewer in channel.members
            return user in channel.members and (inside or channels.sees_user(user, viewer))
        # Who knows the nick may ask about it, +i or not.
        seen = user is named or (channels.sees_user(user, viewer) and is_meant(user))
        return seen and user.id in world.present

    if channel is not None:
        # A copy: the answer is made as the connection takes it, and members come and go.
        candidates = list(channel.members) if channels.sees_channel(channel, viewer) else []
    else:
        candidates = [named] if named is not None else list(world.users.values())

    def found(user: User | None) -> Found | None:
        return (user, channel or _common_channel(user, viewer)) if user is not None else None

    users = sifted(viewer, candidates, is_wanted)
    return map(found, users)


def _meaning(mask: str) -> Callable[[User], bool]:
    """Return what says whether a user is meant by a mask."""
    if mask in ("*", "0"):
        return lambda user: True
    matches = masks.ready(mask).matches
    return lambda user: (
        matches(user.nick)
        or matches(user.username)
        or matches(user.host)
        or matches(user.realname)
        or matches(user.source)
    )


def _common_channel(user: User, viewer: User) -> Channel | None:
    for channel in user.channels.values():
        if channels.sees_membership(channel, user, viewer):
            return channel
    return None


def _replies(
    ctx: Context, query: _Query, found: Iterable[Found | None]
) -> Iterator[Message | None]:
    for one in found:
        if one is None:
            yield None
        elif query.fields is None:
            yield _plain(ctx, *one)
        else:
            yield _extended(ctx, query.fields, query.token, *one)
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
    "l": lambda ctx, user, _: str(ctx.node.idle(user) or 0),
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
