"""The log's clock is that of whichever server leads it: what it shows beside the node's own.

A stamp that is behind does no harm, for times never go back. One that is ahead stays, for all.
"""

from __future__ import annotations

from typing import Final

SAY_SECONDS: Final = 2.0
"""From so far ahead on the operator is told."""
STEP_DOWN_SECONDS: Final = 30.0
"""From so far ahead on another server is to lead."""
AGAIN_SECONDS: Final = 60.0
"""How long until that is asked for again: all of them may be so."""


class LeadersClock:
    """Compare stamps with this machine's clock; `now` and stamps are in microseconds since 1970."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._asked = -AGAIN_SECONDS

    def note(self, stamp: int, now: int) -> None:
        """Take note of a batch that was just heard: what is heard late is behind."""
        self._ahead = (stamp - now) / 1_000_000

    def fault(self, leader: str) -> str:
        """Return what is wrong and what to do, "" where nothing is."""
        if self._ahead < SAY_SECONDS:
            return ""
        return (
            f"the clock of {leader or 'the server that leads the log'} is {self._ahead:.0f} s ahead"
            " of this machine's, and messages get its time: have one of them set right (NTP)"
        )

    def asks_for_another(self, monotonic: float) -> bool:
        """Say whether another server is to lead; now and then only."""
        if self._ahead < STEP_DOWN_SECONDS or monotonic - self._asked < AGAIN_SECONDS:
            return False
        self._asked = monotonic
        return True
