"""What thousands of sockets bring at one moment: taken in rounds, between which others have a turn.

A loop calls back for every socket that is ready before it does anything else. So what one round of
the loop may take is bounded: who comes when it is used up waits for one of the next, in order, and
to close what has ended, which costs most and concerns nobody, waits until nobody has anything to
read. With thousands that end at one moment it lasts some tenths of a second until the last
descriptor is free again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

from hubbub.transport.budget import Share, budget_of

ROUND_SECONDS: Final = 0.004
"""How long what comes may hold one turn of the loop; one call comes on top, and for each of
thousands that are ready at once a few microseconds, in which it is seen and put off."""
END_SECONDS: Final = 0.002
"""How much of that is for ends, where there is nothing else."""
ENDS_AT_LEAST: Final = 8
"""How many ends a round has in any case, lest those who always have something keep them waiting."""

Call = Callable[[], object]


class Rounds:
    """Let what sockets bring, and then what ends, have a bounded part of each turn of a loop.

    `call_soon` calls something at the loop's next turn, `share` says how much of a round there is
    in the present one.
    """

    def __init__(
        self,
        call_soon: Callable[[Call], object],
        clock: Callable[[], float] = time.perf_counter,
        share: Share = lambda seconds: seconds,
    ) -> None:
        self._call_soon = call_soon
        self._clock = clock
        self._share = share
        self._until = 0.0
        self._is_on = False
        self._coming: deque[Call] = deque()
        self._ending: deque[Call] = deque()

    def has_time(self) -> bool:
        """Say whether what a socket brings may be taken now; if not, it has to be `later`."""
        if not self._is_on:
            self._begin()
            return True
        return not self._coming and self._clock() < self._until

    def later(self, call: Call) -> None:
        """Call in one of the next rounds, after what waits there already."""
        self._coming.append(call)
        if not self._is_on:
            self._begin()

    def end(self, call: Call) -> None:
        """Call in one of the next rounds, when nobody has anything else."""
        self._ending.append(call)
        if not self._is_on:
            self._begin()

    def _begin(self) -> None:
        self._is_on = True
        self._until = self._clock() + self._share(ROUND_SECONDS)
        # Before anything is called: what fails there must not keep the others waiting.
        self._call_soon(self._go_on)

    def _go_on(self) -> None:
        self._is_on = False
        if not self._coming and not self._ending:
            return
        self._begin()
        clock, coming, ending = self._clock, self._coming, self._ending
        while coming:
            coming.popleft()()
            if clock() >= self._until:
                break
        until = clock() + END_SECONDS if not coming else 0.0
        for count in range(len(ending)):
            if count >= ENDS_AT_LEAST and clock() >= until:
                break
            ending.popleft()()


_rounds: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Rounds]] = WeakKeyDictionary()


def rounds_of(loop: asyncio.AbstractEventLoop) -> Rounds:
    """Return the rounds of a loop, which all its sockets share."""
    found = _rounds.get(loop)
    if found is None:
        found = _rounds[loop] = Rounds(loop.call_soon, share=budget_of(loop).share)
    return found
