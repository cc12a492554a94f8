"""What was said: who hears it."""

from __future__ import annotations

from hubbub.core import access
from hubbub.core.effects import (
    Deliver,
    Outcome,
    Refused,
)
from hubbub.core.records import (
    Announced,
    Entry,
    Said,
)
from hubbub.core.state import User
from hubbub.core.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.names import matches

Outcomes = list[Outcome]


def said(world: World, record: Said, entry: Entry) -> Outcomes:
    """Find who hears a message."""
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    if record.to is not None:
        return _said_directly(world, record, entry, user)
    name = record.target.lstrip("@%+")
    channel = world.channel(name)
    if channel is None or (record.histories and record.histories[0] != channel.history):
        return [Refused(record.origin, numerics.ERR_NOSUCHCHANNEL, (name,))]
    refusal = access.speak_refusal(channel, user)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    requires = cap.MESSAGE_TAGS if record.command == "TAGMSG" else cap.NONE
    if name is record.target or len(name) == len(record.target):
        return [Deliver(entry, channel, (), requires)]
    rank = {"@": 3, "%": 2, "+": 1}[record.target[0]]
    users = [u for u, member in channel.members.items() if member.rank >= rank or u is user]
    return [Deliver(entry, None, users, requires)]


def _said_directly(world: World, record: Said, entry: Entry, user: User) -> Outcomes:
    recipient = world.sessions.get(record.to) if record.to is not None else None
    if recipient is None:
        return [Refused(record.origin, numerics.ERR_NOSUCHNICK, (record.target,))]
    requires = cap.MESSAGE_TAGS if record.command == "TAGMSG" else cap.NONE
    silenced = any(matches(mask, user.source) for mask in recipient.silenced)
    if recipient is user:
        return [Deliver(entry, None, (user,), requires, to_oneself=not silenced)]
    return [Deliver(entry, None, (user,) if silenced else (recipient, user), requires)]


def announced(world: World, record: Announced, entry: Entry) -> Outcomes:
    """Find who hears a WALLOPS: those with +w."""
    user = world.sessions.get(record.origin.session)
    if user is None or not user.is_operator:
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    users = [listener for listener in world.users.values() if "w" in listener.modes]
    return [Deliver(entry, None, users)]
