"""The times of entries: never backwards, and as told apart as clients can see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

AHEAD: Final = 1_000_000
"""Microseconds that times may run ahead of the clock to be told apart in milliseconds."""


class Stamps:
    """Give each entry its time, in microseconds since 1970.

    No time is before the one given last. In one history each is later than the one before it: by
    a millisecond at least, which is what server-time shows, as long as that needs at most a
    second ahead of the clock; beyond that, by a microsecond.
    """

    def __init__(self, floor: int) -> None:
        """Begin after `floor`, the time of the last entry there is."""
        # No history is in this millisecond, so only what came since the last tick is remembered.
        self._last = (floor // 1000 + 1) * 1000
        self._in_millisecond: set[str] = set()

    def stamp(self, now: int, histories: Sequence[str]) -> int:
        """Return the time of an entry of these histories, the clock showing `now`."""
        last = self._last
        time = now if now > last else last
        seen = self._in_millisecond
        if time // 1000 == last // 1000 and not seen.isdisjoint(histories):
            tick = (last // 1000 + 1) * 1000
            time = tick if tick - now <= AHEAD else max(time, last + 1)
        if time // 1000 != last // 1000:
            seen.clear()
        seen.update(histories)
        self._last = time
        return time
