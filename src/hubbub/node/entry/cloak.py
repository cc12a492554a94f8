"""Hosts as others see them: a keyed hash of the address, so that no address is ever shown.

The same address always has the same host under one key, so a ban meets whoever it was meant for;
an IPv6 address counts by its /64, which is what one household has.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from hubbub.node.limits.networks import network_of

CLOAK_CHARACTERS: Final = 20
SUFFIX: Final = ".cloak"


def cloak(key: bytes, address: str) -> str:
    """Return the host shown for an address: 20 hexadecimal digits and `.cloak`."""
    digest = hmac.new(key, network_of(address).encode(), hashlib.sha256).hexdigest()
    return digest[:CLOAK_CHARACTERS] + SUFFIX
