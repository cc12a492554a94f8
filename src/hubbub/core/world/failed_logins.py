"""Failed logins by account: for its owner, who is told at the next login, and for operators.

They are counted since the server's start and are no part of the World: whoever guesses would else
write to the journal.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Final

from hubbub.irc.names import fold

REMEMBERED: Final = 10_000
"""Of how many accounts failures are remembered; the one that failed longest ago is forgotten."""


@dataclass(slots=True)
class Failures:
    """Hold how many logins failed in all and since the last login, when and where the last one.

    `last` is in seconds since 1970, `door` the kind of door.
    """

    total: int = 0
    unseen: int = 0
    last: int = 0
    door: str = ""


class FailedLogins:
    """Count failed logins: all, those of each kind of door, and those of each account."""

    def __init__(self) -> None:
        self.total = 0
        self.by_door: Counter[str] = Counter()
        self._by_account: OrderedDict[str, Failures] = OrderedDict()

    def failed(self, account: str, door: str, now: int) -> None:
        """Count one, at a time in seconds since 1970; "" is no account that there is."""
        self.total += 1
        self.by_door[door] += 1
        if account:
            self.failed_elsewhere(account, door, now)

    def failed_elsewhere(self, account: str, door: str, now: int) -> None:
        """Count one at another node, which its owner is told of here as well."""
        held = self._by_account.setdefault(fold(account), Failures())
        held.total, held.unseen = held.total + 1, held.unseen + 1
        held.last, held.door = now, door
        self._by_account.move_to_end(fold(account))
        while len(self._by_account) > REMEMBERED:
            self._by_account.popitem(last=False)

    def of(self, account: str) -> Failures | None:
        """Return what is known of an account, None where nothing failed."""
        return self._by_account.get(fold(account))

    def take_unseen(self, account: str) -> Failures | None:
        """Return what has failed since the last login, if anything has; it counts as seen then."""
        held = self.of(account)
        if held is None or not held.unseen:
            return None
        seen = Failures(held.total, held.unseen, held.last, held.door)
        held.unseen = 0
        return seen
