"""Counting how long something took, cheaply enough for what happens thousands of times a second."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""The upper ends of buckets for what takes from half a millisecond to some seconds."""


class Histogram:
    """Count values by the bucket they fall into, and add them up.

    `counts` has one more than `bounds`, for what is beyond the last; a bound belongs to its bucket.
    One thread may observe while another reads: it sees all but the newest value, or half of that.
    """

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        """Count by buckets with these upper ends, which rise."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count one value, in the bucket where it belongs."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value
