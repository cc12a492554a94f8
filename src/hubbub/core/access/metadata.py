"""Keys and values that users and channels carry, for clients to make sense of (IRCv3 metadata)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hubbub.core.access import channels
from hubbub.core.policy.attention import DEFAULT, KEYS
from hubbub.core.world.session import Session
from hubbub.core.world.state import Channel, User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import modes, numerics
from hubbub.irc.message import Message

Target = User | Channel
"""Who carries metadata."""
VISIBILITY: Final = "*"
"""What every value is: visible to all who may see its target."""
_KEY = re.compile(rf"[a-z0-9_./-]{{1,{cap.METADATA_KEY_BYTES}}}")
NONE: Final[Mapping[str, str]] = {}


def is_key(text: str) -> bool:
    """Say whether a text can be a key."""
    return _KEY.fullmatch(text) is not None


def name_of(target: Target) -> str:
    """Return the name of a channel, or a user's nick."""
    return target.name if isinstance(target, Channel) else target.nick


def values_of(world: World, target: Target) -> Mapping[str, str]:
    """Return a target's keys and values."""
    if isinstance(target, Channel):
        return target.metadata
    return world.metadata.get(target.presence, NONE)


def may_read(target: Target, user: User) -> bool:
    """Say whether a user may know a target's metadata: a channel's that is closed, its members."""
    if isinstance(target, User) or target in user.channels.values():
        return True
    return not target.history_since_join or user.may("see-secret", target.name)


def may_edit(target: Target, user: User) -> bool:
    """Say whether a user may change a target's metadata: one's own, or a channel's as operator."""
    if isinstance(target, User):
        return target is user
    return channels.rank_refusal(target, user, modes.OPERATOR) is None


def is_told(session: Session) -> bool:
    """Say whether a session is told what others carry: a token for one purpose is not for that."""
    return session.has(cap.METADATA) and session.scope is None


def told(session: Session, server: str, target: str, key: str, value: str | None) -> Message:
    """Return the message that tells a session a value which it did not ask for."""
    if value is None:
        numeric = numerics.RPL_KEYNOTSET
        params: tuple[str, ...] = (session.shown_nick, target, key, numeric.text)
        return Message(numeric.code, params, server)
    if session.has(cap.METADATA_2) and not session.has(cap.METADATA_3):
        return Message("METADATA", (target, key, VISIBILITY, value), server)
    params = (session.shown_nick, target, key, VISIBILITY, value)
    return Message(numerics.RPL_KEYVALUE.code, params, server)


def subscribed(
    world: World, session: Session, server: str, targets: Iterable[Target]
) -> Iterator[Message]:
    """Return what tells a session the keys that it subscribes to, of these targets."""
    wishes = [key for key in KEYS if key in session.subscriptions]
    for target in targets:
        values = {**values_of(world, target), **_wishes(world, session, target, wishes)}
        for key, value in values.items():
            if key in session.subscriptions:
                yield told(session, server, name_of(target), key, value)


def _wishes(
    world: World, session: Session, target: Target, keys: Iterable[str]
) -> Mapping[str, str]:
    """Return what a session's account wants of its conversation with a target, by these keys."""
    user = session.user
    if not keys or user is None or not user.account or target is user:
        return NONE
    held = world.attention_to(user, name_of(target))
    return {key: held.value(key) for key in keys if held != DEFAULT}
