"""Whom an address stands for: what is counted as one peer, and what is this machine itself."""

from __future__ import annotations

import ipaddress


def network_of(address: str) -> str:
    """Return what counts as one peer: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def is_loopback(address: str) -> bool:
    """Say whether an address is of this machine."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (parsed.ipv4_mapped or parsed).is_loopback if parsed.version == 6 else parsed.is_loopback
