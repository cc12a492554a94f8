"""Hosts as others see them: a keyed hash of the address, so that no address is ever shown.

The same address always has the same host under one key, so a ban meets whoever it was meant for;
an IPv6 address counts by its /64, which is what one household has.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from functools import lru_cache
from typing import Final

REMEMBERED: Final = 4_096
"""Of how many addresses it is remembered what they are: each that comes is asked for some times,
and thousands come back from a few."""
CLOAK_CHARACTERS: Final = 20
SUFFIX: Final = ".cloak"


@lru_cache(maxsize=REMEMBERED)
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


@lru_cache(maxsize=REMEMBERED)
def is_loopback(address: str) -> bool:
    """Say whether an address is of this machine."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (parsed.ipv4_mapped or parsed).is_loopback if parsed.version == 6 else parsed.is_loopback


def cloak(key: bytes, address: str) -> str:
    """Return the host shown for an address: 20 hexadecimal digits and `.cloak`."""
    digest = hmac.new(key, network_of(address).encode(), hashlib.sha256).hexdigest()
    return digest[:CLOAK_CHARACTERS] + SUFFIX
