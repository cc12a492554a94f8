"""What the passing of time asks of the World: masks that are over, users who stay away too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from hubbub.core.records.base import Origin
from hubbub.core.records.channels import ListEntryExpired
from hubbub.core.records.users import StayEnded
from hubbub.core.world.state import User
from hubbub.core.world.world import World

STAYS_AT_ONCE: Final = 100
"""How many users go at one look; the others at the next."""
AWAY_TOO_LONG: Final = "Has not been connected for long"

Expired = ListEntryExpired | StayEnded


def expired(world: World, server: str, now: int) -> Iterator[Callable[[Origin], Expired] | None]:
    """Make the records that take away what is over; `now` is in seconds since 1970.

    One node asks for these records; of two who do, the first one's of each is applied, and the
    other's finds nothing. After each channel and each list comes a None for a rest, in which the
    World may change.
    """
    for channel in list(world.timed):
        for letter, listed in channel.lists.items():
            for mask in [entry.mask for entry in listed.values() if 0 < entry.expires <= now]:
                yield _record(server, channel.name, letter, mask, channel.history)
            yield None
    for user, since in list(islice(_too_long(world, now), STAYS_AT_ONCE)):
        yield _stay(world, user, since)


def _too_long(world: World, now: int) -> Iterator[tuple[User, int]]:
    """Return who has been away for too long, and since when; the first to leave first."""
    for user, since in world.left.items():
        if not world.is_over(since, now):
            return
        # Not while something of its account's passes by.
        if not user.sessions:
            yield user, since


def _record(
    server: str, channel: str, letter: str, mask: str, history: str
) -> Callable[[Origin], Expired]:
    return lambda origin: ListEntryExpired(origin, server, channel, letter, mask, (history,))


def _stay(world: World, user: User, since: int) -> Callable[[Origin], Expired]:
    histories = world.histories(user)
    return lambda origin: StayEnded(origin, user.source, user.id, since, AWAY_TOO_LONG, histories)
