"""How fast a person may send: one allowance for an account, however many sessions it has.

Guests cannot be told apart but by their connections. So each has an allowance of its own, and all
guests of an address share another, which is large enough for a school and too small for a flood.
"""

from __future__ import annotations

from typing import Final, Protocol

from hubbub.core.policy.flood import Bucket
from hubbub.irc.names import fold
from hubbub.node.limits.networks import is_loopback, network_of

CROWD: Final = 16
"""All guests of an IPv4 address or an IPv6 /64 together may send as fast as so many people."""
_FEW: Final = 256
"""How many allowances are kept before it is looked which of them are full again."""


class Allowance(Protocol):
    """What may be sent, and how fast."""

    def delay(self, cost: float, now: float) -> float:
        """Take `cost` and return 0, or take nothing and return the seconds until it can be had."""

    def charge(self, cost: float) -> None:
        """Take `cost` for what has been done already."""


class Both:
    """Take from two buckets what is taken, or from none of them."""

    __slots__ = ("_first", "_second")

    def __init__(self, first: Bucket, second: Bucket) -> None:
        self._first = first
        self._second = second

    def delay(self, cost: float, now: float) -> float:
        """Take `cost` and return 0, or take nothing and return the seconds until it can be had."""
        wait = max(self._first.wait(cost, now), self._second.wait(cost, now))
        if not wait:
            self.charge(cost)
        return wait

    def charge(self, cost: float) -> None:
        """Take `cost` for what has been done already."""
        self._first.charge(cost)
        self._second.charge(cost)


class Allowances:
    """Hand out allowances, and forget those that are full again."""

    def __init__(self) -> None:
        self._shared: dict[str, Bucket] = {}
        self._look_at = _FEW

    def of(
        self, flood: tuple[int, float], account: str, address: str, exempt: bool, now: float
    ) -> Allowance:
        """Return the allowance of an account, or of a guest ("") at an address.

        `flood` is (burst, messages a second). Guests of this machine are `exempt` from sharing one
        where nobody else can come from there.
        """
        burst, rate = flood
        if account:
            return self._of(f"account {fold(account)}", burst, rate, now)
        own = Bucket(burst, rate)
        if exempt and is_loopback(address):
            return own
        key = f"address {network_of(address)}"
        return Both(own, self._of(key, CROWD * burst, CROWD * rate, now))

    def _of(self, key: str, burst: float, rate: float, now: float) -> Bucket:
        found = self._shared.get(key)
        if found is None or (found.burst, found.rate) != (burst, rate):
            self._forget(now)
            # Of one under other settings what has been used stays used.
            level = found.level if found is not None else 0.0
            found = self._shared[key] = Bucket(burst, rate, level, now)
        return found

    def _forget(self, now: float) -> None:
        """Let go of buckets that are as good as new: nobody gains by having another."""
        if len(self._shared) < self._look_at:
            return
        for key, bucket in list(self._shared.items()):
            if not bucket.used(now):
                del self._shared[key]
        self._look_at = max(_FEW, 2 * len(self._shared))
