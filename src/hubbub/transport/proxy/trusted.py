"""Which peers speak for others, and for whom: the trust that proxies are given, without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


class Proxies:
    """Hold the addresses and networks whose word about a client's address is taken."""

    __slots__ = ("_networks",)

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Take addresses and networks as text. Raise ValueError where one is neither."""
        self._networks = tuple(ip_network(network) for network in networks)

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._networks)

    def __contains__(self, address: object) -> bool:
        """Tell whether a peer's address, as text, is a proxy's."""
        if not self._networks or not isinstance(address, str):
            return False
        try:
            parsed = parse_ip(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def client_of(self, forwarded: Sequence[str]) -> str | None:
        """Return for whom a proxy speaks: the rightmost address that is no proxy's own.

        `forwarded` holds the values of X-Forwarded-For in order. Whatever stands left of that
        address is the client's own claim. Where all are proxies it is the leftmost; None where
        there is no address, or one that cannot be read.
        """
        client = None
        entries = [entry.strip() for value in forwarded for entry in value.split(",")]
        for entry in reversed(entries):
            try:
                client = str(parse_ip(_without_port(entry)))
            except ValueError:
                return None
            if client not in self:
                break
        return client


def parse_ip(text: str) -> IPv4Address | IPv6Address:
    """Return an IP address; one of IPv4 that is written as IPv6 becomes what it is.

    A zone (`fe80::1%eth0`) is left out. Raise ValueError where the text is no address.
    """
    parsed = ip_address(text.partition("%")[0])
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def _without_port(entry: str) -> str:
    """Return the address of `192.0.2.1:5000` or `[2001:db8::1]:5000`, as some proxies write it."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
