"""One budget for each turn of the loop, which all share that may hold it.

What sockets bring, commands, what is applied, told and written have bounds of their own, of some
milliseconds each. When thousands arrive at one moment all of these have much to do, in the same
turn. So what one has used of the turn the others have less of, and each has a little in any case:
so nobody waits for ever behind those who come first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

TURN_SECONDS: Final = 0.01
"""How long a turn lasts before all that is bounded has the least only."""
LEAST_SECONDS: Final = 0.001
"""How much each has in a turn that is over already."""

Share = Callable[[float], float]
"""Say how much of so many seconds one may hold the loop now."""


class TurnBudget:
    """Say who has how much of the present turn; `soon` calls something at the loop's next turn."""

    def __init__(
        self,
        soon: Callable[[Callable[[], None]], object],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._soon = soon
        self._clock = clock
        self._is_on = False
        self._ends = 0.0

    def share(self, seconds: float) -> float:
        """Say how long something may hold the loop that would have so many seconds for itself."""
        now = self._clock()
        if not self._is_on:
            self._is_on = True
            self._ends = now + TURN_SECONDS
            self._soon(self._over)
        return max(LEAST_SECONDS, min(seconds, self._ends - now))

    def _over(self) -> None:
        self._is_on = False


_budgets: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, TurnBudget]] = WeakKeyDictionary()


def budget_of(loop: asyncio.AbstractEventLoop) -> TurnBudget:
    """Return the budget of a loop's turns."""
    found = _budgets.get(loop)
    if found is None:
        found = _budgets[loop] = TurnBudget(loop.call_soon)
    return found
