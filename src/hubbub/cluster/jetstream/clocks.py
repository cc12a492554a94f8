"""The log's clock is that of whichever server leads it: what it shows beside the node's own.

A stamp that is behind does no harm, for times never go back. One that is ahead stays, for all. It
may be this machine's fault as well, whose clock is behind: another leader would be no better then,
and this one, if the lead came to it, would have times stand still. So only who has agreed with the
log before, and whose own clock has gone on evenly since, asks for another.
"""

from __future__ import annotations

from typing import Final

SAY_SECONDS: Final = 2.0
"""From so far ahead on the operator is told."""
STEP_DOWN_SECONDS: Final = 30.0
"""From so far ahead on another server is to lead."""
AGREED_SECONDS: Final = 10.0
"""For how long the clocks agree until that counts: what is heard late passes by quickly."""
AGAIN_SECONDS: Final = 60.0
"""How long until that is asked for again: all of them may be so."""


class LeadersClock:
    """Compare stamps with this machine's clock; `now` and stamps are in microseconds since 1970."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._own = 0.0
        self._agrees_since: float | None = None
        # This machine's wall clock without its monotonic one, when it last agreed with the log's.
        self._agreed: float | None = None
        self._asked = -AGAIN_SECONDS

    def note(self, stamp: int, now: int, monotonic: float) -> None:
        """Take note of a batch that was just heard: what is heard late is behind."""
        self._ahead = (stamp - now) / 1_000_000
        self._own = now / 1_000_000 - monotonic
        if abs(self._ahead) >= SAY_SECONDS:
            self._agrees_since = None
            return
        if self._agrees_since is None:
            self._agrees_since = monotonic
        if monotonic - self._agrees_since >= AGREED_SECONDS:
            self._agreed = self._own

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
        if (
            self._ahead < STEP_DOWN_SECONDS
            or not self._is_sure
            or monotonic - self._asked < AGAIN_SECONDS
        ):
            return False
        self._asked = monotonic
        return True

    @property
    def _is_sure(self) -> bool:
        """Say whether the difference came with the log's clock, not with this machine's."""
        return self._agreed is not None and abs(self._own - self._agreed) < SAY_SECONDS
