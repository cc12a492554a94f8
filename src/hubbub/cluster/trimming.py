"""Letting go of what the order holds and every member's archive has.

Each member says with its batches how far its archive is on its disk for good. The order keeps a day
more than that, so that who was away goes on by itself; who stays away for days fetches a copy.
"""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.port import JournalBroken, JournalFull, Route
from hubbub.journal.shared import SharedLog

KEPT_SECONDS: Final = 24 * 3_600
"""How long the order keeps a batch, even if every archive has it."""
ABSENT_SECONDS: Final = 3 * 24 * 3_600
"""After how long without a word a member holds nothing up any more."""
EVERY_SECONDS: Final = 600.0
"""How often the one that keeps house looks."""
SAMPLE_SECONDS: Final = 60
SAMPLES: Final = 2 * KEPT_SECONDS // SAMPLE_SECONDS
"""How many times of positions are remembered: two days of them."""

_MICRO: Final = 1_000_000
_log = structlog.get_logger(__name__)


class Progress:
    """Know how far each member's archive is, and how old positions are, by what is heard.

    Times are the order's stamps, in microseconds. Who has not been heard since `started` may have
    spoken right before that.
    """

    def __init__(self, started: int) -> None:
        self._started = started
        self._durable: dict[int, tuple[int, int]] = {}
        self._sampled: deque[tuple[int, int]] = deque(maxlen=SAMPLES)

    def note(self, ordered: Ordered) -> None:
        """Learn from a batch; in any thread, one at a time."""
        batch, stamp = ordered.batch, ordered.stamp
        # A node's batches come in their order, but one may have been sent before it was lost.
        known = self._durable.get(batch.node, (0, 0))[0]
        self._durable[batch.node] = max(known, batch.applied), stamp
        last = self._sampled[-1][0] if self._sampled else 0
        if stamp - last >= SAMPLE_SECONDS * _MICRO:
            self._sampled.append((stamp, ordered.position))

    def covered(self, members: Iterable[int], now: int) -> int:
        """Return the position up to which the order need not hold anything any more, 0 if none."""
        upto = self._aged(now - KEPT_SECONDS * _MICRO)
        for number in members:
            durable, heard = self._durable.get(number, (0, self._started))
            if now - heard < ABSENT_SECONDS * _MICRO:
                upto = min(upto, durable)
        return upto

    def _aged(self, before: int) -> int:
        """Return the last position of which it is known that it is older than that."""
        sampled = list(self._sampled)
        at = bisect_right(sampled, before, key=lambda sample: sample[0])
        return sampled[at - 1][1] if at else 0


class Watched:
    """Be a log of which `note` sees each batch that is heard, before who follows it."""

    def __init__(self, log: SharedLog, note: Callable[[Ordered], None]) -> None:
        self._log, self._note = log, note

    def append(self, batch: DraftBatch) -> None:
        """Append a batch."""
        self._log.append(batch)

    def hear(self, position: int, take: Callable[[Ordered], None]) -> None:
        """Have `take` called with all batches after a position."""

        def both(ordered: Ordered) -> None:
            self._note(ordered)
            take(ordered)

        self._log.hear(position, both)

    def report(
        self,
        refused: Callable[[DraftBatch, JournalFull], None],
        broken: Callable[[JournalBroken], None],
    ) -> None:
        """Have it told what was refused, and that the log is broken."""
        self._log.report(refused, broken)

    @property
    def route(self) -> Route:
        """Return how far it sees."""
        return self._log.route

    def rest(self) -> None:
        """Let nothing more be heard until `hear` is called."""
        self._log.rest()

    def trim(self, upto: int) -> None:
        """Let go of the batches up to a position."""
        self._log.trim(upto)


class Trimming:
    """Have the log trimmed now and then, where this node is the one that keeps house."""

    def __init__(
        self,
        progress: Progress,
        members: Callable[[], Iterable[int]],
        is_ours: Callable[[], bool],
        trim: Callable[[int], None],
        clock: Callable[[], int],
    ) -> None:
        """Be ready; `clock` returns microseconds since 1970."""
        self._progress, self._members, self._is_ours = progress, members, is_ours
        self._trim, self._clock = trim, clock
        self._upto = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, on the loop that runs now."""
        self._task = asyncio.create_task(self._go_on())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def look(self) -> int:
        """Trim what may be trimmed, if that is this node's to do; return up to where it is."""
        if self._is_ours():
            upto = self._progress.covered(self._members(), self._clock())
            if upto > self._upto:
                self._trim(upto)
                self._upto = upto
                _log.info("the order let go of what every archive has", upto=upto)
        return self._upto

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            self.look()
