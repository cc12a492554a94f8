"""What the passing of time asks of the World: masks of channels whose time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hubbub.core.record import Origin
from hubbub.core.records import ListEntryExpired
from hubbub.core.world import World


def expired(world: World, server: str, now: int) -> Iterator[Callable[[Origin], ListEntryExpired]]:
    """Make the records that take away what is over; `now` is in seconds since 1970.

    Each node asks for them; the first one of each is applied, and the others find nothing.
    """
    for channel in world.timed:
        for letter, listed in channel.lists.items():
            for entry in listed.values():
                if 0 < entry.expires <= now:
                    yield _record(server, channel.name, letter, entry.mask, channel.history)


def _record(
    server: str, channel: str, letter: str, mask: str, history: str
) -> Callable[[Origin], ListEntryExpired]:
    return lambda origin: ListEntryExpired(origin, server, channel, letter, mask, (history,))
