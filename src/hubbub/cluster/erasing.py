"""Taking out of the order what was erased from the archives: in minutes, not when it is a day old.

Batches are overwritten in which it may stand, and what comes before them is let go of, so that a
member which has not heard them fetches a copy, where it is erased. A server's own log of what its
quorum agreed on has it for some two minutes more, until that is compacted.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Final

import structlog

WAIT_SECONDS: Final = 120.0
"""How long it waits for members whose archives are not so far yet, or that are away."""
TURN_SECONDS: Final = 30.0
"""How much later than the one before it each member does it, if nobody has by then."""
SAMPLES: Final = 48 * 3_600
"""How many places of seqs are remembered: one a second, for two days."""
WINDOWS: Final = 1_000
"""Past how many stretches of the order it is taken as one, from the first of them to the last."""

EDITS: Final = 10_000
"""Of how many messages it is remembered by what entries they were edited."""

Erase = Callable[[Sequence[range], int], "Future[None]"]
"""Overwrite the batches of stretches of positions, and let go of all up to a position."""

_log = structlog.get_logger(__name__)


class BatchPlaces:
    """Know between which positions of the order an entry's batch is, by its seq."""

    def __init__(self) -> None:
        self._positions, self._seqs = array("Q"), array("Q")

    def note(self, position: int, seq: int) -> None:
        """Learn that the order had come to a seq at a position."""
        if self._positions and position <= self._positions[-1]:
            return
        self._positions.append(position)
        self._seqs.append(seq)
        if len(self._positions) > SAMPLES:
            del self._positions[: SAMPLES // 4], self._seqs[: SAMPLES // 4]

    def of(self, seq: int, newest: int) -> range:
        """Return the positions of which one has it; `newest` is where the order is by now."""
        at = bisect_left(self._seqs, seq)
        first = self._positions[at - 1] + 1 if at else 1
        last = self._positions[at] if at < len(self._positions) else newest
        return range(first, last + 1)


class OrderErasing:
    """Have the order lose what was erased, once the members' archives have it no more.

    Each member does this, one after the other: what another has done by then is done. `durable`
    says how far a member's archive is, `turn` how many members come before this one, `newest` at
    which position the order is; `clock` is any steady one, in seconds. An ErasureListener.
    """

    def __init__(
        self,
        durable: Callable[[int], int],
        members: Callable[[], Iterable[int]],
        turn: Callable[[], int],
        erase: Erase,
        newest: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._durable, self._members, self._turn, self._erase = durable, members, turn, erase
        self._newest, self._clock = newest, clock
        self.places = BatchPlaces()
        # The seqs of edits, by that of their message.
        self._edits: dict[int, list[int]] = {}
        self._windows: list[range] = []
        self._waits_since = 0.0
        self._doing: tuple[Future[None], list[range]] | None = None

    @property
    def waiting(self) -> int:
        """Return how many stretches of the order are to be overwritten."""
        return len(self._windows)

    def erased(self, seqs: Sequence[int], upto: int = 0) -> None:
        """Have entries erased with their edits, and any up to a seq."""
        if not self._windows:
            self._waits_since = self._clock()
        newest = self._newest()
        for seq in seqs:
            for one in (seq, *self._edits.pop(seq, ())):
                self._windows.append(self.places.of(one, newest))
        if upto:
            self._windows.append(range(1, self.places.of(upto, newest).stop))
        if len(self._windows) > WINDOWS:
            stops = max(window.stop for window in self._windows)
            self._windows = [range(min(window.start for window in self._windows), stops)]

    def revised(self, seq: int, by: int, keeps: bool) -> None:
        """Have what an entry said before an edit erased, unless it is kept."""
        if not keeps:
            self.erased((seq,))
        self._edits.setdefault(seq, []).append(by)
        if len(self._edits) > EDITS:
            # The order itself is let go of before so many come.
            del self._edits[next(iter(self._edits))]

    def look(self) -> None:
        """Begin, if it is time for that; begin again what has failed."""
        if self._doing is not None:
            self._see_done()
        if self._doing is not None or not self._windows:
            return
        upto = max(window.stop for window in self._windows) - 1
        waited = self._clock() - self._waits_since
        all_there = all(self._durable(number) >= upto for number in self._members())
        if waited >= self._turn() * TURN_SECONDS + (0 if all_there else WAIT_SECONDS):
            windows, self._windows = self._windows, []
            self._doing = self._erase(windows, upto), windows

    def _see_done(self) -> None:
        assert self._doing is not None
        future, windows = self._doing
        if not future.done():
            return
        self._doing = None
        if future.cancelled() or (error := future.exception()) is None:
            return
        self._windows = windows + self._windows
        _log.warning("what was erased is still in the order; it is tried again", why=str(error))
