"""The server's time: it runs by the monotonic clock, and leans towards the wall clock.

What the wall clock does from one second to the next (a leap by an hour, by a year, back again) is
no time that has passed, so nothing that counts time may follow it: neither the times of messages
nor what is over after an hour. See docs/decisions/time-and-milliseconds.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

LEAN: Final = 0.1
"""How much faster or slower than time itself a difference from the wall clock is worked off."""
WITHIN_SECONDS: Final = 10.0
"""A small difference is worked off in so long."""
SAID: Final = 1_000_000
"""Microseconds of difference from which on it is a fault that the operator hears of."""

_MICRO: Final = 1_000_000


def wall_clock() -> int:
    """Return the machine's time of day in microseconds since 1970."""
    return time.time_ns() // 1000


monotonic_clock: Final[Callable[[], float]] = partial(
    time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
)
"""Return the seconds of a clock that nobody sets, and that counts a suspended machine's."""


class SteadyClock:
    """Show microseconds since 1970, rising whatever the wall clock does; usable from any thread.

    `look` is for about once a second. Without it the clock goes on at the pace of time.
    """

    def __init__(
        self,
        wall: Callable[[], int] = wall_clock,
        monotonic: Callable[[], float] = monotonic_clock,
    ) -> None:
        """Begin at the wall clock's time."""
        self._wall = wall
        self._monotonic = monotonic
        # Swapped as a whole, so that no other thread sees half of it: monotonic seconds, the time
        # shown then, microseconds for each second since.
        self._anchor = (monotonic(), wall(), float(_MICRO))

    def __call__(self) -> int:
        """Return the time."""
        since, shown, pace = self._anchor
        passed = self._monotonic() - since
        # Not even the monotonic clock is to be trusted where it is faked: it must not go back.
        return shown + int(passed * pace) if passed > 0 else shown

    def begin_after(self, last: int) -> None:
        """Begin at `last` where that is later: what has been given a time is over."""
        shown = self()
        if last > shown:
            self._anchor = (self._monotonic(), last, float(_MICRO))

    @property
    def lead(self) -> int:
        """Return by how many microseconds this clock is ahead of the wall clock; < 0: behind."""
        return self() - self._wall()

    def look(self) -> None:
        """Look at the wall clock, and lean towards it."""
        now, shown = self._monotonic(), self()
        behind = (self._wall() - shown) / _MICRO / WITHIN_SECONDS
        self._anchor = (now, shown, _MICRO * (1 + max(-LEAN, min(LEAN, behind))))

    def accept(self) -> None:
        """Take the wall clock's time where it is later: its operator says that it is right."""
        self.begin_after(self._wall())

    @property
    def trouble(self) -> str:
        """Return what is wrong with the wall clock and what to do, "" where nothing is."""
        lead = self.lead
        if abs(lead) < SAID:
            return ""
        if lead > 0:
            return (
                f"the machine's clock is {span(lead)} behind the time that this server has come to;"
                " times go on from there, a little slower; if the machine's clock is right, restart"
                " the server, otherwise set it"
            )
        return (
            f"the machine's clock has leapt {span(lead)} ahead; times go on without it, a little "
            "faster; if the machine's clock is right, have the server reread its settings (SIGHUP, "
            "REHASH), otherwise set it"
        )


def span(microseconds: int) -> str:
    """Return a length of time for people: `90 s`, `1 h`, `365.0 days`."""
    seconds = abs(microseconds) / _MICRO
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
