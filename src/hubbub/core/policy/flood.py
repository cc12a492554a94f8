"""How fast: a token bucket, which says how long to wait and never drops anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

MAX_RATE_LIMIT: Final = 1000
MAX_RATE_SECONDS: Final = 3600
_RATE = re.compile(r"(\d{1,4}):(\d{1,4})", re.ASCII)


class Rate(NamedTuple):
    """Say how many of something there may be in so many seconds."""

    limit: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.limit}:{self.seconds}"


def parse_rate(text: str) -> Rate | None:
    """Return the rate of a text such as `5:10`, or None where it is none or out of bounds."""
    found = _RATE.fullmatch(text)
    if found is None:
        return None
    limit, seconds = map(int, found.groups())
    if 0 < limit <= MAX_RATE_LIMIT and 0 < seconds <= MAX_RATE_SECONDS:
        return Rate(limit, seconds)
    return None


@dataclass(slots=True)
class Bucket:
    """Allow `burst` at once and `rate` a second after that; `level` is what is in it at `time`."""

    burst: float
    rate: float
    level: float = 0.0
    time: float = 0.0

    def delay(self, cost: float, now: float) -> float:
        """Take `cost` and return 0, or take nothing and return the seconds until it can be had."""
        wait = self.wait(cost, now)
        if not wait:
            self.level += min(cost, self.burst)
        return wait

    def wait(self, cost: float, now: float) -> float:
        """Return the seconds until `cost` can be had; what costs more than the burst is one."""
        level = self.level = self.used(now)
        self.time = now
        cost = min(cost, self.burst)
        return max(0.0, (level + cost - self.burst) / self.rate)

    def used(self, now: float) -> float:
        """Return what is in it."""
        return max(0.0, self.level - (now - self.time) * self.rate)

    def charge(self, cost: float) -> None:
        """Take `cost` for what has been done already; what comes next waits the longer."""
        self.level += cost
