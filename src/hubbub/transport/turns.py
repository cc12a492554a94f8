"""What peers send over SSH and type, worked off in turns: a little of each, none for long.

Bytes that cost little to send may cost much to take: keys, sizes of a window, packets that say
nothing. So what each peer brings about is measured. All of them together have the loop for a slice
at a time, and then leave it to others for as long; a peer that has used up its share waits, and
what it sends waits with it, at its end at last.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

SLICE_SECONDS: Final = 0.002
"""How long all peers together hold the loop; one step comes on top of that."""
QUANTUM_SECONDS: Final = 0.0005
"""How long one of them goes on before the next has its turn."""
SHARE: Final = 0.1
"""What part of the loop's time one peer may take in the long run."""
AT_ONCE_SECONDS: Final = 0.1
"""What it may take before that counts: somebody who types never waits."""
LONG_SECONDS: Final = 0.02
"""A step that holds the loop for longer is told to the guard."""


class Share:
    """Hold what one peer has used of the loop's time, less what it was due since.

    `part` is what part of that it may take in the long run.
    """

    __slots__ = ("_at", "_part", "_used")

    def __init__(self, part: float = SHARE) -> None:
        self._part = part
        self._used = 0.0
        self._at = 0.0

    def take(self, seconds: float, now: float) -> None:
        """Use so much at the loop's time `now`."""
        self._used = max(0.0, self._used - (now - self._at) * self._part) + seconds
        self._at = now

    def delay(self, now: float) -> float:
        """Return after how many seconds there is something left to use."""
        used = self._used - (now - self._at) * self._part
        return max(0.0, (used - AT_ONCE_SECONDS) / self._part)


class Worker(Protocol):
    """Who has something to do; several may use one share."""

    share: Share

    def step(self) -> bool:
        """Do a little of it, in less than a millisecond; say whether something is left."""

    def failed(self, error: Exception) -> None:
        """Learn that a step failed; nothing else is to suffer from it."""


class Turns:
    """Let workers have their turns on the running loop.

    `clock` tells what time this thread has used; `held` is told of a step that took too long, by
    what kind of worker.
    """

    def __init__(
        self,
        held: Callable[[str, float], None] = lambda what, seconds: None,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._held = held
        self._waiting: dict[Worker, None] = {}
        self._asleep: set[Worker] = set()
        self._going = False
        self._resting: asyncio.TimerHandle | None = None

    def add(self, worker: Worker) -> None:
        """Give a worker its turn: at once, where nobody waits and its share is not used up."""
        if worker in self._waiting or worker in self._asleep:
            return
        delay = worker.share.delay(self._loop.time())
        if delay:
            self._asleep.add(worker)
            self._loop.call_later(delay, self._wake, worker)
            return
        self._waiting[worker] = None
        if not self._going and self._resting is None:
            self._go_on()

    def _wake(self, worker: Worker) -> None:
        self._asleep.discard(worker)
        self.add(worker)

    def _rested(self) -> None:
        self._resting = None
        self._go_on()

    def _go_on(self) -> None:
        self._going = True
        begun = now = self._clock()
        try:
            while self._waiting and now - begun < SLICE_SECONDS:
                worker = next(iter(self._waiting))
                del self._waiting[worker]
                now = self._work(worker, now)
        finally:
            self._going = False
        if self._waiting:
            self._resting = self._loop.call_later(now - begun, self._rested)

    def _work(self, worker: Worker, begun: float) -> float:
        """Let a worker go on for its quantum; return what the clock says then."""
        more, now = True, begun
        while more and now - begun < QUANTUM_SECONDS:
            before = now
            # One that fails must not take the turns of all others with it.
            try:
                more = worker.step()
            except Exception as error:
                more = False
                worker.failed(error)
            now = self._clock()
            if now - before > LONG_SECONDS:
                self._held(type(worker).__name__, now - before)
        # What it took is charged to its share, so that it waits the longer for its next turn.
        worker.share.take(now - begun, self._loop.time())
        if more:
            self.add(worker)
        return now
