"""Failed logins slow down what comes next from the same address, and for the same account.

An address waits up to a minute, an account some seconds only: else anybody could keep its owner
out. Tokens, certificates and keys are random, cannot be guessed, and never wait.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

FREE_FAILURES: Final = 4
"""How many failures are forgiven before anybody waits."""
ADDRESS_SECONDS: Final = 60.0
ACCOUNT_SECONDS: Final = 8.0
FORGET_SECONDS: Final = 900.0
"""After how long without another failure they are forgotten."""
REMEMBERED: Final = 20_000
"""How many addresses and accounts are remembered; the one that failed longest ago is forgotten."""


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class LoginDelays:
    """Remember failures by address and account, and say how long the next login has to wait."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def delay(self, address: str, account: str, now: float) -> float:
        """Return the seconds that a check has to wait; `address` or `account` may be ""."""
        return max(
            self._delay(f"@{address}", ADDRESS_SECONDS, now) if address else 0.0,
            self._delay(account, ACCOUNT_SECONDS, now) if account else 0.0,
        )

    def _delay(self, key: str, most: float, now: float) -> float:
        failures = self._failures.get(key)
        if failures is None or now - failures.last > FORGET_SECONDS:
            return 0.0
        over = failures.count - FREE_FAILURES
        return min(most, float(2 ** min(over, 10))) if over >= 0 else 0.0

    def failed(self, address: str, account: str, now: float) -> None:
        """Count a failure."""
        for key in (f"@{address}" if address else "", account):
            if not key:
                continue
            failures = self._failures.pop(key, None)
            if failures is None or now - failures.last > FORGET_SECONDS:
                failures = _Failures(0, now)
            failures.count += 1
            failures.last = now
            self._failures[key] = failures
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, account: str) -> None:
        """Forget the failures of an account that was proved."""
        self._failures.pop(account, None)
