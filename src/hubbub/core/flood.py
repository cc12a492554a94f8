"""How fast: a token bucket, which says how long to wait and never drops anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """Allow `burst` at once and `rate` a second after that; `level` is what is in it at `time`."""

    burst: float
    rate: float
    level: float = 0.0
    time: float = 0.0

    def delay(self, cost: float, now: float) -> float:
        """Take `cost` and return 0, or take nothing and return the seconds until it can be had."""
        level = max(0.0, self.level - (now - self.time) * self.rate)
        self.time = now
        self.level = level
        if level + cost > self.burst:
            return (level + cost - self.burst) / self.rate
        self.level = level + cost
        return 0.0

    def charge(self, cost: float) -> None:
        """Take `cost` for what has been done already; what comes next waits the longer."""
        self.level += cost
