"""The times of entries: in one history never backwards, and told apart as clients can see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

LEADING: Final = 1_000_000
"""Microseconds ahead of the clock from which on a history is one that leads: the archive then notes
its name, and the operator hears of it."""

_REMEMBERED: Final = 1_000
"""How many histories are remembered before those that the clock has passed are looked for."""


Stamp = tuple[int, int]
"""A time in microseconds since 1970, and by how much it is ahead of the clock."""


class Stamps:
    """Give each entry its time.

    In one history each is later than the one before it by a millisecond at least, which is what
    server-time and CHATHISTORY show, whatever the clock does and however much is said. So a history
    with more than a thousand entries a second runs ahead of the clock, for as long as that lasts,
    and no other history does.
    All that this depends on follows from the entries given before: a start gives the same times as
    the process would have that went on.
    """

    def __init__(self, clock: int = 0, newest: Mapping[str, int] | None = None) -> None:
        """Go on where the clock had come to `clock`, with the `newest` times of histories.

        Those whose last time is in an earlier millisecond than `clock` may be left out.
        """
        self._clock = clock
        self._newest = {history: time // 1000 for history, time in (newest or {}).items()}
        self._latest = max(self._newest.values(), default=clock // 1000) * 1000
        self._most = max(_REMEMBERED, 2 * len(self._newest))

    @property
    def clock(self) -> int:
        """Return what the clock had come to with the entry stamped last; it never goes back."""
        return self._clock

    @property
    def latest(self) -> int:
        """Return the latest of all times given, whatever its history."""
        return max(self._clock, self._latest)

    def newest(self) -> dict[str, int]:
        """Return the last times of the histories that the clock has not passed."""
        now = self._clock // 1000
        return {name: last * 1000 for name, last in self._newest.items() if last >= now}

    def stamp(self, now: int, histories: Sequence[str]) -> Stamp:
        """Return the time of an entry of these histories, the clock showing `now`."""
        if now > self._clock:
            self._clock = now
        clock = self._clock
        tick = now_in = clock // 1000
        newest = self._newest
        for history in histories:
            last = newest.get(history, -1)
            if last >= tick:
                tick = last + 1
        for history in histories:
            newest[history] = tick
        if len(newest) > self._most:
            self._let_go()
        if tick == now_in:
            return clock, 0
        time = tick * 1000
        if time > self._latest:
            self._latest = time
        return time, time - clock

    def _let_go(self) -> None:
        """Forget the histories that the clock has passed: they begin with its time again."""
        now = self._clock // 1000
        self._newest = {history: last for history, last in self._newest.items() if last >= now}
        self._most = max(_REMEMBERED, 2 * len(self._newest))
