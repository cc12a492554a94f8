"""The times of entries: never backwards, and told apart as clients can see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

AHEAD: Final = 1_000_000
"""Microseconds that times may run ahead of the clock so that they can be told apart in
milliseconds. All times rise, whatever their history, so it takes many thousand records a second in
all, or more than a thousand in one history, for about a second."""


class Stamps:
    """Give each entry its time, in microseconds since 1970.

    No time is before the one given last. In one history each is later than the one before it: by a
    millisecond at least, which is what server-time and CHATHISTORY show, whatever the clock does,
    as long as that needs at most AHEAD of it; beyond that, by a microsecond.
    All that this depends on follows from the entries given before: a start gives the same times as
    the process would have that went on.
    """

    def __init__(self, last: int, histories: Iterable[str] = ()) -> None:
        """Go on after `last`, the time of the last entry; `histories` had one in its millisecond.

        Without `histories` nothing is known of them, and the next millisecond is the first.
        """
        seen = set(histories)
        self._last = last if seen else (last // 1000 + 1) * 1000
        self._in_millisecond = seen
        self._clock = self._last

    @property
    def last(self) -> int:
        """Return the time given last."""
        return self._last

    def stamp(self, now: int, histories: Sequence[str]) -> int:
        """Return the time of an entry of these histories, the clock showing `now`."""
        last = self._last
        time = now if now > last else last
        seen = self._in_millisecond
        # A clock that is set back has not made anything run ahead.
        clock = self._clock = max(now, self._clock)
        if time // 1000 == last // 1000 and not seen.isdisjoint(histories):
            tick = (last // 1000 + 1) * 1000
            time = tick if tick - clock <= AHEAD else last + 1
        if time // 1000 != last // 1000:
            seen.clear()
        seen.update(histories)
        self._last = time
        return time
