"""Addresses that doors listen on."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from hubbub.irc.numbers import number_of


@dataclass(frozen=True, slots=True)
class Address:
    """Name a place to listen: an IP address and a port.

    `optional` marks an address that is skipped without complaint where the machine does not have
    it, as [::1] on a machine without IPv6. Port 0 lets the system choose one.
    """

    host: str
    port: int
    optional: bool = False

    def __str__(self) -> str:
        """Return `host:port`, with brackets round an IPv6 address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can connect."""
        address = ip_address(self.host)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return address.ipv4_mapped.is_loopback
        return address.is_loopback


def loopback(port: int) -> tuple[Address, Address]:
    """Return both loopback addresses; the IPv6 one is optional."""
    return Address("127.0.0.1", port), Address("::1", port, optional=True)


def parse_host(text: str) -> str:
    """Return the canonical form of an IP address, with or without brackets.

    Raises ValueError when it is not one.
    """
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ip_address(inner))
    except ValueError:
        raise ValueError(f'"{text}" is not an IP address') from None


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """Return a network; one of IPv4 that is written as IPv6 is what it is. Raises ValueError."""
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - 96))
    return network


def parse_port(text: str) -> int:
    """Return a port, 0 to 65535. Raises ValueError when it is not one."""
    port = number_of(text)
    if port is None or port > 65535:
        raise ValueError(f'"{text}" is not a port from 0 to 65535')
    return port


def parse_address(text: str) -> tuple[Address, ...]:
    """Return the addresses that `ADDRESS:PORT`, `[IPV6]:PORT` or `localhost:PORT` stands for.

    Raises ValueError when the text is none of them.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not host or (":" in host and not host.startswith("[")):
        raise ValueError(f'"{text}" is not ADDRESS:PORT, such as "127.0.0.1:6697" or "[::1]:6697"')
    if host == "localhost":
        return loopback(parse_port(port))
    return (Address(parse_host(host), parse_port(port)),)
