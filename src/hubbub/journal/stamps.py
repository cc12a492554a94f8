"""The times of entries: never backwards, and told apart as clients can see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

AHEAD: Final = 60_000_000
"""Microseconds that times may run ahead of the clock so that they can be told apart in
milliseconds; then the journal waits before it takes more. One history with a thousand records in
each second gets there never, one with two thousand after a minute."""


class Stamps:
    """Give each entry its time, in microseconds since 1970.

    No time is before the one given last. In one history each is later than the one before it by a
    millisecond at least, which is what server-time and CHATHISTORY show, whatever the clock does.
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

    @property
    def last(self) -> int:
        """Return the time given last."""
        return self._last

    def stamp(self, now: int, histories: Sequence[str]) -> int:
        """Return the time of an entry of these histories, the clock showing `now`."""
        last = self._last
        time = now if now > last else last
        seen = self._in_millisecond
        if time // 1000 == last // 1000:
            if not seen.isdisjoint(histories):
                time = (last // 1000 + 1) * 1000
                seen.clear()
        else:
            seen.clear()
        seen.update(histories)
        self._last = time
        return time
