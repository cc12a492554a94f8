"""Setting the World's times right after its clock had been ahead.

What was to last an hour lasts an hour: a time that lies ahead moves back, and what it ends with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from hubbub.core.outcomes import Outcome
from hubbub.core.records.entries import Entry
from hubbub.core.records.nodes import ClockSetBack
from hubbub.core.world.state import Channel, Place
from hubbub.core.world.world import World

_MICRO = 1_000_000


class _Expiring(Protocol):
    created: int
    expires: int


@dataclass(frozen=True, slots=True)
class _Shift:
    """Move times in seconds: those after `now` go back by `ahead`."""

    ahead: int
    since: int
    now: int

    def time(self, seconds: int) -> int:
        return seconds - self.ahead if seconds > self.now else seconds

    def micro(self, time: int) -> int:
        return time - self.ahead * _MICRO if time > (self.now + 1) * _MICRO else time

    def place(self, place: Place) -> Place:
        return self.micro(place[0]), place[1]

    def expire(self, held: _Expiring) -> None:
        """Move what was made while the clock was ahead, even if its making has been put right."""
        if held.created >= self.since and held.expires:
            held.expires -= self.ahead
        held.created = self.time(held.created)


def set_back(world: World, record: ClockSetBack, entry: Entry) -> list[Outcome]:
    """Move back what the World holds of times that have not come yet."""
    shift = _Shift(record.ahead // _MICRO, record.since // _MICRO, record.now // _MICRO)
    _bans(world, shift)
    _accounts(world, shift)
    for channel in world.channels.values():
        _channel(channel, shift)
    for node in world.nodes.values():
        node.started = shift.time(node.started)
    for user in world.users.values():
        user.connected = shift.time(user.connected)
    world.newest = shift.micro(world.newest)
    for user, since in world.left.items():
        world.left[user] = shift.time(since)
    for at, gone in enumerate(world.whowas):
        world.whowas[at] = replace(gone, time=shift.time(gone.time))
    for markers in world.read_markers.values():
        for target, time in markers.items():
            markers[target] = shift.micro(time)
    return []


def _bans(world: World, shift: _Shift) -> None:
    for ban in list(world.bans):
        if ban.time > shift.now:
            expires = ban.expires - shift.ahead if ban.expires else 0
            world.bans.add(replace(ban, time=ban.time - shift.ahead, expires=expires))


def _accounts(world: World, shift: _Shift) -> None:
    made: list[Iterable[_Expiring]] = [world.invites.values()]
    for account in world.accounts.values():
        account.registered = shift.time(account.registered)
        account.used = shift.time(account.used)
        for held in account.credentials.values():
            held.used = shift.time(held.used)
        made.append(account.credentials.values())
    for each in made:
        for one in each:
            shift.expire(one)


def _channel(channel: Channel, shift: _Shift) -> None:
    channel.created = shift.time(channel.created)
    channel.renamed = shift.time(channel.renamed)
    channel.topic_time = shift.time(channel.topic_time)
    channel.joins = (shift.micro(channel.joins[0]), channel.joins[1])
    channel.closed_from = shift.place(channel.closed_from)
    channel.closed = [(shift.place(first), shift.place(end)) for first, end in channel.closed]
    for member in channel.members.values():
        member.since = shift.place(member.since)
    for listed in channel.lists.values():
        for entry in listed.values():
            if entry.time > shift.now:
                entry.time -= shift.ahead
                entry.expires = entry.expires - shift.ahead if entry.expires else 0
    if channel.registration is not None:
        channel.registration.time = shift.time(channel.registration.time)
        channel.registration.since = shift.place(channel.registration.since)
        for held in channel.registration.access.values():
            held.time = shift.time(held.time)
