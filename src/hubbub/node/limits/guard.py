"""What holds the loop for long: counted, told to the log with its name, and charged to whoever
asked for it.

Everything that may take long is done in slices. This is for what was thought to be short, so that
it is seen, and so that who finds such a thing has less of it than others have of everything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import structlog

LONG_SECONDS: Final = 0.02
"""How long something may hold the loop before it is counted."""
LOG_SECONDS: Final = 10.0
"""How often the log is told, at most."""
MOST_CHARGED: Final = 20.0
"""What is charged of the flood allowance, at most: the machine may have been slow as well."""

_log = structlog.get_logger(__name__)


class Charged(Protocol):
    """Who asked for something."""

    address: str

    def charge(self, cost: float) -> None:
        """Take so many messages of the flood allowance for what has been done."""


class Guard:
    """Notice what holds the loop for longer than LONG_SECONDS, by a clock that never goes back."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.count = 0
        self.longest = 0.0
        self._by = ""
        self._told_at = -LOG_SECONDS
        self._untold = 0

    def since(self, begun: float, what: str, whose: Charged | None = None) -> None:
        """Look how long something has taken that began at the clock's time `begun`."""
        seconds = self.clock() - begun
        if seconds > LONG_SECONDS:
            self.held(what, seconds, whose)

    def held(self, what: str, seconds: float, whose: Charged | None = None) -> None:
        """Count what has held the loop for so long."""
        self.count += 1
        if seconds > self.longest:
            self.longest, self._by = seconds, what
        if whose is not None:
            whose.charge(min(MOST_CHARGED, seconds / LONG_SECONDS))
        now = self.clock()
        if now - self._told_at < LOG_SECONDS:
            self._untold += 1
            return
        address = whose.address if whose is not None else ""
        more, self._untold = self._untold, 0
        self._told_at = now
        _log.warning(
            "the loop was held", what=what, seconds=round(seconds, 3), address=address, more=more
        )

    def status(self) -> Mapping[str, str]:
        """Return what STATUS says of it; nothing where nothing was held."""
        if not self.count:
            return {}
        times = f"{self.count} time{'s' * (self.count != 1)}"
        longest = f"{self.longest:.2f} s by {self._by}"
        text = f"{times} for more than {LONG_SECONDS * 1000:.0f} ms, at most {longest}; see the log"
        return {"held": text}
