"""Long work on the loop, in slices: everything else has its turn between them.

What thousands are told, or thousands bring about at one moment, would hold up everybody else until
it is over. So it is done in steps, each of which is short, and when its time is up the rest waits
for the loop's next turn.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from hubbub.node.limits.guard import LONG_SECONDS
from hubbub.transport.budget import Share

Steps = Iterator[None]
"""Work that can wait after each item."""

SLICE_SECONDS: Final = 0.005
"""How long work holds the loop before others have their turn; one step comes on top of that."""


class Slices:
    """Do pieces of work one after the other, in the order in which they were asked for.

    What fails is over, and its error the loop's; what waits behind it goes on.

    `later` calls something at the loop's next turn, `held` learns what took how long that took
    long: what a step yielded, or else the name of the work. `share` says how much of a slice there
    is in the present turn.
    """

    def __init__(
        self,
        later: Callable[[Callable[[], None]], object],
        clock: Callable[[], float] = time.perf_counter,
        held: Callable[[object, float], None] = lambda what, seconds: None,
        share: Share = lambda seconds: seconds,
    ) -> None:
        self._later = later
        self._clock = clock
        self._held = held
        self._share = share
        self._waiting: deque[Iterator[object]] = deque()

    @property
    def is_busy(self) -> bool:
        """Say whether something has not been done to its end."""
        return bool(self._waiting)

    def do(self, steps: Iterator[object]) -> None:
        """Do work: at once, as far as a slice goes, where nothing else waits.

        Steps may yield what they have just done, for `held`.
        """
        self._waiting.append(steps)
        if len(self._waiting) == 1:
            self._go_on()

    def _go_on(self) -> None:
        clock, waiting = self._clock, self._waiting
        now = clock()
        until = now + self._share(SLICE_SECONDS)
        while waiting:
            try:
                # An iterator: the next turn goes on where this one stops.
                for done in waiting[0]:
                    before, now = now, clock()
                    if now - before > LONG_SECONDS:
                        name = getattr(waiting[0], "__qualname__", "steps")
                        self._held(name if done is None else done, now - before)
                    if now >= until:
                        self._later(self._go_on)
                        return
            except BaseException:
                # What has failed is dropped, and the rest goes on: it is other people's.
                waiting.popleft()
                if waiting:
                    self._later(self._go_on)
                raise
            waiting.popleft()
