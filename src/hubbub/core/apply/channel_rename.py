"""A channel gets another name, and keeps everything else (IRCv3 draft/channel-rename)."""

from __future__ import annotations

from typing import Any, Final

from hubbub.core.access import channels
from hubbub.core.apply.channels import end_if_empty, is_other_incarnation
from hubbub.core.outcomes import Deliver, Failed, Moved, Outcome, Refused
from hubbub.core.policy import scopes
from hubbub.core.records.channels import ChannelRenamed
from hubbub.core.records.entries import Entry
from hubbub.core.world.state import Channel
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import names, numerics
from hubbub.irc.names import fold

RENAME_SECONDS: Final = 60
"""How long a channel keeps a name: those who do not know RENAME get all its members each time."""
RENAME_MEMBERS: Final = 1000
"""How many members a channel may have that gets another name: each may have to be told of all."""


def rename_hindrance(
    world: World, channel: Channel, name: str, seconds: int
) -> tuple[str, str] | None:
    """Return the code and text of a FAIL why a channel cannot have a name now, or None.

    `seconds` is the time in seconds since 1970.
    """
    if not names.is_channel(name):
        return "CANNOT_RENAME", "This is no name of a channel"
    other = world.channel(name)
    if other is not None and other is not channel:
        return "CHANNEL_NAME_IN_USE", "The channel name is already taken"
    if other is None and "," not in channel.history:
        # Its history has this name, which the next channel that is kept under it has to find free.
        return "CANNOT_RENAME", "The operator keeps this channel under its name"
    if other is None and len(channel.members) > RENAME_MEMBERS:
        return "CANNOT_RENAME", f"This channel has more than {RENAME_MEMBERS} members"
    if seconds - channel.renamed < RENAME_SECONDS:
        return "CANNOT_RENAME", "This channel has been renamed recently"
    return None


def renamed(world: World, record: ChannelRenamed, entry: Entry) -> list[Outcome]:
    """Give a channel another name."""
    user = world.sessions.get(record.origin.session)
    channel = world.channel(record.channel)
    if user is None or channel is None or is_other_incarnation(channel, *record.histories[:1]):
        return [Refused(record.origin, numerics.ERR_NOSUCHCHANNEL, (record.channel,))]
    refusal = channels.rename_refusal(world, channel, user)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    seconds = entry.seconds
    hindrance = rename_hindrance(world, channel, record.name, seconds)
    if hindrance is not None:
        code, text = hindrance
        return [Failed(record.origin, "RENAME", (code, channel.name, record.name, text))]
    old, channel.name, channel.renamed = channel.name, record.name, seconds
    shown = Deliver(entry, channel, (), cap.CHANNEL_RENAME)
    if fold(old) == fold(channel.name):
        return [shown]
    _move(world, channel, fold(old))
    # Where it was the old name that kept it without members, it has ended.
    return [shown, Moved(channel, old, record.reason), *end_if_empty(world, channel)]


def _move(world: World, channel: Channel, old: str) -> None:
    folded = fold(channel.name)
    world.channels[folded] = world.channels.pop(old)
    for member in channel.members:
        member.channels[folded] = member.channels.pop(old)
        for held in (world.read_markers, world.buffers):
            kept: dict[str, Any] = held.get(member.presence, {})
            if old in kept:
                # What was read is in no channel of the old name, should there be one.
                kept[folded] = kept.pop(old)
    for guest in channel.invited:
        guest.invitations[folded] = guest.invitations.pop(old)
    for other in world.channels.values():
        if fold(other.forward) == old:
            # Whoever takes the old name is not to be sent people who were meant for this channel.
            other.forward = channel.name
    if channel.registration is not None:
        _move_scopes(world, old, channel.name)
    world.kept_channels -= channel.kept
    channel.kept = world.keeps_one_more(channel.name)
    world.kept_channels += channel.kept


def _move_scopes(world: World, old: str, name: str) -> None:
    """Let tokens and keys that are for a registered channel be for it under its new name.

    They are not for whoever takes the old one. A channel that nobody registered may not be the one
    that was meant: anybody can come first, and take along what was meant for another.
    """
    moved = world.scoped.pop(old, {})
    for key in moved:
        for held in world.held_for(key, old):
            held.scope = scopes.for_channel(held.scope, name)
    if moved:
        world.scoped.setdefault(fold(name), {}).update(moved)
