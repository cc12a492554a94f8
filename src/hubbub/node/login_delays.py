"""Failed logins slow down what comes next from the same address, and for the same account.

An address waits up to a minute, and its logins wait one after the other; an account waits some
seconds only: else anybody could keep its owner out. Tokens, certificates and keys are random,
cannot be guessed, and never wait. Who guesses one-time passwords knows the password already: their
number is small, so an account takes fewer and fewer of them.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

FREE_FAILURES: Final = 4
"""How many failures are forgiven before anybody waits."""
ADDRESS_SECONDS: Final = 60.0
ACCOUNT_SECONDS: Final = 8.0
LONGEST_SECONDS: Final = 180.0
"""A login that had to wait longer behind others from its address is refused."""
FREE_CODES: Final = 5
"""How many wrong one-time passwords with the right password an account takes at once."""
CODE_SECONDS: Final = 30.0
"""For how long it takes none after that; twice as long after each further one."""
MOST_CODE_SECONDS: Final = 3_600.0
FORGET_SECONDS: Final = 900.0
"""After how long without another failure they are forgotten; of one-time passwords, a day."""
FORGET_CODE_SECONDS: Final = 86_400.0
REGISTRATIONS: Final = 20
"""How many accounts without an invite one address may make in REGISTRATION_SECONDS."""
REGISTRATION_SECONDS: Final = 3_600.0
REMEMBERED: Final = 20_000
"""How many addresses and accounts are remembered; the one that failed longest ago is forgotten."""


@dataclass(slots=True)
class _Failures:
    """Hold how many there were, when the last one was, and until when the next has to wait."""

    count: int
    last: float
    until: float = 0.0


class LoginDelays:
    """Remember failures by address and account, and say how long the next login has to wait."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._codes: OrderedDict[str, _Failures] = OrderedDict()
        self._registrations: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, address: str, account: str, now: float) -> float | None:
        """Return the seconds that a check has to wait, or None where that is too long.

        `address` or `account` may be "". An address takes its turn by asking.
        """
        turn = self._turn(f"@{address}", now) if address else 0.0
        if turn is None:
            return None
        return max(turn, self._delay(account, ACCOUNT_SECONDS, now) if account else 0.0)

    def _turn(self, key: str, now: float) -> float | None:
        delay = self._delay(key, ADDRESS_SECONDS, now)
        if not delay:
            return 0.0
        failures = self._failures[key]
        until = max(failures.until, now) + delay
        if until - now > LONGEST_SECONDS:
            return None
        failures.until = until
        return until - now

    def _delay(self, key: str, most: float, now: float) -> float:
        failures = self._failures.get(key)
        if failures is None or now - failures.last > FORGET_SECONDS:
            return 0.0
        over = failures.count - FREE_FAILURES
        return min(most, float(2 ** min(over, 10))) if over >= 0 else 0.0

    def failed(self, address: str, account: str, now: float) -> None:
        """Count a failure."""
        for key in (f"@{address}" if address else "", account):
            if key:
                _count(self._failures, key, now, FORGET_SECONDS)

    def takes_codes(self, account: str, now: float) -> bool:
        """Say whether an account takes one-time passwords now."""
        failures = self._codes.get(account)
        return failures is None or now >= failures.until

    def code_failed(self, account: str, now: float) -> None:
        """Count a one-time password that was wrong while all else was right."""
        failures = _count(self._codes, account, now, FORGET_CODE_SECONDS)
        over = failures.count - FREE_CODES
        if over >= 0:
            failures.until = now + min(MOST_CODE_SECONDS, CODE_SECONDS * 2 ** min(over, 10))

    def may_register(self, address: str, now: float) -> bool:
        """Count a registration from an address, and say whether it may have one more; "" always."""
        if not address:
            return True
        kept = self._registrations
        held = kept.get(address)
        if held is not None and now >= held.until:
            del kept[address]
        counted = _count(kept, address, now, REGISTRATION_SECONDS)
        if counted.count == 1:
            counted.until = now + REGISTRATION_SECONDS
        return counted.count <= REGISTRATIONS

    def succeeded(self, account: str) -> None:
        """Forget the failures of an account that was proved."""
        self._failures.pop(account, None)
        self._codes.pop(account, None)


def _count(kept: OrderedDict[str, _Failures], key: str, now: float, forget: float) -> _Failures:
    failures = kept.pop(key, None)
    if failures is None or now - failures.last > forget:
        failures = _Failures(0, now)
    failures.count += 1
    failures.last = now
    kept[key] = failures
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)
    return failures
