"""Metadata of users and channels: changed, and told to those who subscribe to the key."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.core.access.metadata import Target, may_edit, name_of, values_of
from hubbub.core.outcomes import KeyChanged, Outcome
from hubbub.core.policy.attention import BUFFERS, DEFAULT, KEYS
from hubbub.core.records.base import SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.metadata import BufferSet, MetadataSet
from hubbub.core.records.users import Connected
from hubbub.core.world.state import Channel, User
from hubbub.core.world.world import World
from hubbub.irc.capabilities import METADATA_KEYS
from hubbub.irc.names import fold

Outcomes = list[Outcome]


def metadata_set(world: World, record: MetadataSet, entry: Entry) -> Outcomes:
    """Change values, unless it may not be any more; who asked is told what is true then."""
    user = world.sessions.get(record.origin.session)
    target: Target | None = world.channel(record.channel) if record.channel else user
    if user is None or target is None or not may_edit(target, user):
        return []
    if isinstance(target, Channel) and target.history != record.history:
        return []
    session = record.origin.session
    return [
        changed
        for key in record.keys
        if change(world, target, key, record.value)
        for changed in _told(world, target, key, record.value, session)
    ]


def buffer_set(world: World, record: BufferSet, entry: Entry) -> Outcomes:
    """Take up what an account wants of a conversation; its other sessions are told, nobody else."""
    user = world.sessions.get(record.origin.session)
    before = world.attention_to(user, record.target) if user is not None else None
    if user is None or before is None or not user.account:
        return []
    after = before.changed(record.key, record.value)
    if after is None or after == before:
        return []
    held = world.buffers.setdefault(user.presence, {})
    place, *others = world.marker_places(record.target)
    for each in (place, *others):
        held.pop(each, None)
    if after != DEFAULT:
        held[place] = after
    while len(held) > BUFFERS:
        del held[next(iter(held))]
    if not held:
        del world.buffers[user.presence]
    session = record.origin.session
    return [
        KeyChanged(record.target, key, after.value(key), (user,), "", session)
        for key in KEYS
        if after.value(key) != before.value(key)
    ]


def set_before(world: World, user: User, record: Connected) -> Outcomes:
    """Take over what a session set before it had a user, unless its token is for less than that."""
    if record.scope is not None:
        return []
    session = record.origin.session
    return [
        changed
        for key, value in record.metadata
        if change(world, user, key, value)
        for changed in _told(world, user, key, value, session)
    ]


def change(world: World, target: Target, key: str, value: str | None) -> bool:
    """Give a key a value, or none; say whether that changed anything. There is room for so many."""
    held = dict(values_of(world, target))
    if held.get(key) == value or (key not in held and len(held) >= METADATA_KEYS):
        return False
    if value is None:
        del held[key]
    else:
        held[key] = value
    if isinstance(target, Channel):
        target.metadata = held
    elif held:
        world.metadata[target.presence] = held
    else:
        del world.metadata[target.presence]
    return True


def newcomer(world: World, channel: Channel, user: User) -> Outcomes:
    """Tell a channel's other members what a new one carries."""
    values = values_of(world, user)
    others = [member for member in channel.members if member is not user] if values else []
    return [KeyChanged(user.nick, key, value, others) for key, value in values.items() if others]


def _told(
    world: World, target: Target, key: str, value: str | None, session: SessionId
) -> Sequence[KeyChanged]:
    if isinstance(target, Channel):
        return [KeyChanged(target.name, key, value, list(target.members), "", session)]
    watched, circle = fold(target.nick), target.circle
    return [KeyChanged(name_of(target), key, value, (target,), watched, session, circle)]
