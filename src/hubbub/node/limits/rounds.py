"""Commands in rounds: at each turn of the loop for so long, and of one connection a few at once.

A command is short, and many of them are not: fifty signs of typing in a room of thousands, of
twenty connections that came at the same moment. So what has come waits where the round's time is
up. Who has not had a turn yet goes first, and then one after the other those who want more of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from hubbub.transport.budget import Share

ROUND_SECONDS: Final = 0.005
"""How long commands hold the loop before all else has its turn; one command comes on top of that.
"""
QUANTUM_SECONDS: Final = 0.001
"""How long one connection goes on before the next has its turn."""


class Participant(Protocol):
    """Whose commands have come: a connection."""

    def work(self) -> None:
        """Carry out commands, as long as it `has_turn`."""


class CommandRounds:
    """Say whose turn it is; `soon` calls something at the loop's next turn.

    `share` says how much of a round there is in the present turn.
    """

    def __init__(
        self,
        soon: Callable[[Callable[[], None]], object],
        clock: Callable[[], float] = time.perf_counter,
        share: Share = lambda seconds: seconds,
    ) -> None:
        self._soon = soon
        self._clock = clock
        self._share = share
        self._new: dict[Participant, None] = {}
        self._again: dict[Participant, None] = {}
        self._whose: Participant | None = None
        self._until = 0.0
        self._ends = 0.0
        self._is_open = False

    def has_turn(self, worker: Participant) -> bool:
        """Say whether one may carry out a command now; if not, it is told to `work` later."""
        now = self._clock()
        if not self._is_open:
            self._open(now)
        waits = worker in self._again
        if worker is not self._whose and not (waits or self._new) and now < self._ends:
            self._begin(worker, now)
        if worker is self._whose and now < self._until:
            return True
        if worker is self._whose:
            self._again[worker] = None
        elif not waits:
            self._new[worker] = None
        return False

    def _open(self, now: float) -> None:
        self._is_open = True
        self._ends = now + self._share(ROUND_SECONDS)
        self._soon(self._next)

    def _begin(self, worker: Participant, now: float) -> None:
        self._whose, self._until = worker, now + QUANTUM_SECONDS

    def _next(self) -> None:
        """Begin the next round with those who wait, in the order in which they came."""
        self._is_open, self._whose = False, None
        if not (self._new or self._again):
            return
        now = self._clock()
        self._open(now)
        for waiting in (self._new, self._again):
            # Who is not through then stands at the end, and comes again in another round.
            for worker in list(waiting):
                if now >= self._ends:
                    break
                del waiting[worker]
                self._begin(worker, now)
                worker.work()
                now = self._clock()
        self._whose = None
