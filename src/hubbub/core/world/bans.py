"""Network bans: who is kept out of the whole server, by mask, by address or by account.

A mask is matched against nick!user@host, the host being the cloaked one. An address is matched by
the shell, at its doors, for the World knows no addresses of those who connect.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hubbub.core.policy.privileges import privileges_of
from hubbub.irc.masks import matches
from hubbub.irc.names import fold

MASK: Final = "mask"
ADDRESS: Final = "address"
ACCOUNT: Final = "account"
BANS: Final = {MASK: 1_000, ADDRESS: 10_000, ACCOUNT: 10_000}
"""How many bans of each kind there may be; more are refused. Every newcomer is matched with every
mask, the others are looked up."""
GONE: Final = "Banned"
"""Why those left who were ended by a ban, as others see it."""
IPV6_BITS: Final = 64
"""A single IPv6 address stands for its /64: what one household has."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class NetworkBan:
    """Hold one ban. Times are in seconds since 1970; `expires` is 0 for good.

    `target` is a mask, a network such as `192.0.2.0/24`, or an account's name. `by` is the name of
    the operator, `reason` is for everybody, `note` for operators. `rank` is the operator's class,
    "" where that was not written down: it binds nobody who may do what that class may not.
    """

    kind: str
    target: str
    by: str
    time: int
    expires: int = 0
    reason: str = ""
    note: str = ""
    rank: str = ""

    def is_over(self, now: int) -> bool:
        """Say whether the ban has expired."""
        return 0 < self.expires <= now

    def meets(self, source: str, account: str) -> bool:
        """Say whether it is a ban of this source or account ("" for none), be it over or not."""
        if self.kind == ACCOUNT:
            return account != "" and fold(account) == fold(self.target)
        return self.kind == MASK and matches(self.target, source)

    def binds(self, standing: frozenset[str]) -> bool:
        """Say whether it keeps out who may do this as an operator: not who outranks its setter."""
        return not self.rank or standing <= privileges_of(self.rank)

    @property
    def text(self) -> str:
        """Return what those are told who are kept out."""
        reason = f": {self.reason}" if self.reason else ""
        return f"You are banned from this server{reason}"


def parse_network(text: str) -> Network | None:
    """Return the network of an address or a range in CIDR notation, or None for anything else.

    A single IPv6 address is its /64; an IPv4 address mapped into IPv6 is what it was.
    """
    try:
        network = ipaddress.ip_network(text.partition("%")[0], strict=False)
    except ValueError:
        return None
    if isinstance(network, ipaddress.IPv4Network):
        return network
    mapped = network.network_address.ipv4_mapped
    if mapped is not None and network.prefixlen >= 96:
        return ipaddress.ip_network((mapped, network.prefixlen - 96))
    return network if "/" in text else network.supernet(new_prefix=IPV6_BITS)


def is_within(network: Network, address: str) -> bool:
    """Say whether an address, as a socket tells it, lies in a network."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    return parsed in network


class NetworkBans:
    """Hold all network bans and find the one that meets somebody.

    Expired ones meet nobody, and go when the next one is added.
    """

    def __init__(self, bans: Iterable[NetworkBan] = ()) -> None:
        self._bans: dict[str, dict[str, NetworkBan]] = {kind: {} for kind in BANS}
        self._prefixes: Counter[tuple[int, int]] = Counter()
        for ban in bans:
            self.add(ban)

    def __iter__(self) -> Iterator[NetworkBan]:
        """Go through the bans, kind by kind, the oldest first."""
        for bans in self._bans.values():
            yield from bans.values()

    def has_room(self, kind: str, target: str, now: int) -> bool:
        """Say whether one more may be added, or takes the place of one there is."""
        bans = self._bans[kind]
        if fold(target) in bans or len(bans) < BANS[kind]:
            return True
        return sum(not ban.is_over(now) for ban in bans.values()) < BANS[kind]

    def add(self, ban: NetworkBan) -> None:
        """Add a ban, in the place of one with the same target."""
        self.remove(ban.kind, ban.target)
        self._bans[ban.kind][fold(ban.target)] = ban
        if ban.kind == ADDRESS:
            network = ipaddress.ip_network(ban.target)
            self._prefixes[network.version, network.prefixlen] += 1

    def remove(self, kind: str, target: str) -> NetworkBan | None:
        """Remove a ban and return it, or None where there is none."""
        ban = self._bans[kind].pop(fold(target), None)
        if ban is not None and kind == ADDRESS:
            network = ipaddress.ip_network(ban.target)
            key = network.version, network.prefixlen
            self._prefixes[key] -= 1
            if not self._prefixes[key]:
                del self._prefixes[key]
        return ban

    def remove_expired(self, now: int) -> None:
        """Remove what has expired."""
        for ban in [ban for ban in self if ban.is_over(now)]:
            self.remove(ban.kind, ban.target)

    def get(self, kind: str, target: str, now: int) -> NetworkBan | None:
        """Return the ban with exactly this target, unless it has expired."""
        ban = self._bans[kind].get(fold(target))
        return ban if ban is not None and not ban.is_over(now) else None

    def of_user(
        self, source: str, account: str, now: int, standing: frozenset[str] = frozenset()
    ) -> NetworkBan | None:
        """Return a ban that binds a source or an account ("" for none), or None.

        `standing` is what the account may do as an operator (hubbub.core.access.ranks).
        """
        if account:
            ban = self.get(ACCOUNT, account, now)
            if ban is not None and ban.binds(standing):
                return ban
        for ban in self._bans[MASK].values():
            if matches(ban.target, source) and not ban.is_over(now) and ban.binds(standing):
                return ban
        return None

    def of_address(self, address: str, now: int) -> NetworkBan | None:
        """Return a ban that meets an address, as a socket tells it, or None."""
        if not self._prefixes:
            return None
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return None
        if isinstance(parsed, ipaddress.IPv6Address):
            parsed = parsed.ipv4_mapped or parsed
        for version, length in self._prefixes:
            if version == parsed.version:
                network = ipaddress.ip_network((parsed, length), strict=False)
                ban = self.get(ADDRESS, str(network), now)
                if ban is not None:
                    return ban
        return None
