"""The collector of cycles: how often it looks, and at how much, for the loop waits meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Final

COLLECT_AFTER: Final = (1_500, 2, 1 << 30)
"""How many new objects, and how many rounds of the younger generation, before a collection.

So it looks at some 5,000 objects at once, which takes 1 to 7 ms. A look at all that there is takes
0.1 s with 4,000 people in 10,000 channels, and never comes by itself.
"""
DUE_ROUNDS: Final = 2_000
"""After how many rounds of the middle generation all is looked at as soon as nobody asks for
anything: that is some million objects that came and stayed for a while."""
MOST_ROUNDS: Final = 100_000
"""After how many it is looked at in any case. What ends a connection leaves nothing in cycles
(tests/transport/test_ends.py), so there is next to nothing to be found."""
QUIET_LOOKS: Final = 5
"""How often, once a second, nobody has asked for anything when it counts as quiet."""


def tune() -> None:
    """Let the collector look at what is made from here on.

    What a start leaves behind stays for good, and would be gone through again and again for
    nothing. Not even once: to find the thousand objects that are garbage, 0.3 MB, takes 40 ms, a
    seventh of a start.
    """
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()


class Collector:
    """Have all looked at when nobody waits; `asked_for` counts what people ask for."""

    def __init__(self, asked_for: Callable[[], int]) -> None:
        self._asked_for = asked_for
        self._before = asked_for()
        self._quiet = 0

    def look(self) -> None:
        """Look whether it is due, and quiet; called once a second."""
        asked = self._asked_for()
        self._quiet = self._quiet + 1 if asked == self._before else 0
        self._before = asked
        rounds = gc.get_count()[2]
        if rounds >= (DUE_ROUNDS if self._quiet >= QUIET_LOOKS else MOST_ROUNDS):
            gc.collect()
