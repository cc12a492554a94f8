"""Who may come to a door: up to so many from an address, and so many who are not in yet.

Anybody can connect, and holds something until they have logged in or registered. So those who are
not in yet are few for each address, and as a door fills up more and more newcomers are refused by
chance (as with OpenSSH's PerSourceMaxStartups and MaxStartups): whoever holds many places gets the
next one no more easily than somebody who holds none, and few addresses shut no door for all others.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hubbub.core.deciding.read_only import NO_QUORUM
from hubbub.core.world.bans import NetworkBan
from hubbub.node.limits.bounds import Bounds
from hubbub.node.limits.networks import is_loopback, network_of
from hubbub.node.sessions import Sessions
from hubbub.transport.proxy.trusted import Proxies
from hubbub.transport.stream import Address

TOO_MANY: Final = "too many connections from your address"
NOT_IN: Final = "too many connections from your address that are not logged in; finish or end those"
BUSY: Final = "too many people are coming in at once; try again in some seconds"
DRAINING: Final = "the server is about to stop and takes in nobody; try again in a minute"
_WORDS: Final = {
    TOO_MANY: "address",
    NOT_IN: "outside",
    BUSY: "busy",
    DRAINING: "draining",
    NO_QUORUM: "no-quorum",
}
"""What a refusal is called where they are counted; all others are bans."""
_START: Final = 0.5
"""From which share of its bound on a door refuses by chance."""
_LOCAL: Final = "local"

Refusal = Callable[[str], bytes]
"""Makes of a reason what is sent to whoever is turned away."""


@dataclass(slots=True)
class ConnectionCounts:
    """Hold what the doors of a node share: who is not counted, and what each address has."""

    sessions: Sessions
    proxies: Proxies
    connections: Counter[str] = field(default_factory=Counter)

    def is_exempt(self, address: Address) -> bool:
        """Say whether an address is not counted: this machine's, unless proxies are there."""
        return not self.proxies and is_loopback(address[0])

    def ban_on(self, address: Address) -> NetworkBan | None:
        """Return the ban that keeps an address out; none does this machine's or a proxy's."""
        ban = self.sessions.world.bans.of_address(address[0], self.sessions.seconds())
        if ban is None or is_loopback(address[0]) or address[0] in self.proxies:
            return None
        return ban


class Gate:
    """Admit to the doors of one kind, and count who is not in yet.

    For each address that is admitted follows either `released`, or `entered` and then `left`.
    `refused` counts those turned away, by a word that says why, `unused` those by whose connection
    nobody came in: balancers look every few seconds whether a door is there.
    """

    def __init__(
        self,
        counts: ConnectionCounts,
        bound: Callable[[Bounds], int],
        refusal: Refusal,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Let in at most `bound` who are not in yet; `chance` draws from 0 up to 1."""
        self._counts = counts
        self._bound = bound
        self._refusal = refusal
        self._chance = chance
        self._outside: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.unused = 0

    def admit(self, address: Address) -> bytes | None:
        """Count a connection that has come; or return what it is told, where it is turned away."""
        reason = self._reason(address)
        if reason is not None:
            return self._turned_away(reason)
        self._outside[self._place(address)] += 1
        if not self._counts.is_exempt(address):
            self._counts.connections[network_of(address[0])] += 1
        return None

    def admit_plain(self, address: Address) -> bytes | None:
        """Admit as above, but nobody where nobody is taken in: what is said here is heard.

        Over TLS it would not be before the handshake, so there it is said after that.
        """
        closed = self._closed_for()
        return self._turned_away(closed) if closed else self.admit(address)

    def late_reason(self, address: Address) -> str:
        """Return why somebody who was admitted is closed now, "" for no reason."""
        closed = self._closed_for()
        if closed:
            self.refused[_WORDS[closed]] += 1
            return closed
        # It came while the handshake went on.
        ban = self._counts.ban_on(address)
        return ban.text if ban is not None else ""

    def _closed_for(self) -> str:
        """Return why nobody is taken in at all, "" where they are."""
        sessions = self._counts.sessions
        if sessions.is_draining:
            return DRAINING
        return "" if sessions.has_quorum else NO_QUORUM

    def _turned_away(self, reason: str) -> bytes:
        self.refused[_WORDS.get(reason, "ban")] += 1
        return self._refusal(reason)

    def released(self, address: Address) -> None:
        """Learn that somebody has gone who never came in."""
        self.unused += 1
        self.entered(address)
        self.left(address)

    def entered(self, address: Address) -> None:
        """Learn that somebody has logged in, or registered."""
        _take(self._outside, self._place(address))

    def left(self, address: Address) -> None:
        """Learn that somebody has gone who was in."""
        if not self._counts.is_exempt(address):
            _take(self._counts.connections, network_of(address[0]))

    def _place(self, address: Address) -> str:
        return _LOCAL if self._counts.is_exempt(address) else network_of(address[0])

    def _reason(self, address: Address) -> str | None:
        ban, bounds = self._counts.ban_on(address), self._counts.sessions.bounds
        if ban is not None:
            return ban.text
        full = self._bound(bounds)
        if self._counts.is_exempt(address):
            return BUSY if self._outside[_LOCAL] >= full else None
        network = network_of(address[0])
        if self._counts.connections[network] >= bounds.connections_per_address:
            return TOO_MANY
        if self._outside[network] >= bounds.unauthenticated_per_address:
            return NOT_IN
        # This machine's own are counted by themselves, so that they shut the door for nobody.
        outside = self._outside.total() - self._outside[_LOCAL]
        refused = _refused_share(outside, full, bounds.unauthenticated_refused_percent / 100)
        return BUSY if refused and self._chance() < refused else None


def _refused_share(outside: int, full: int, first: float) -> float:
    """Return which share of newcomers is refused: from the start on `first`, at the bound all."""
    start = full * _START
    if outside >= full:
        return 1.0
    return first + (1 - first) * (outside - start) / (full - start) if outside >= start else 0.0


def _take(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
