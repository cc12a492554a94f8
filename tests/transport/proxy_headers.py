"""PROXY headers as proxies send them."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

from hubbub.transport.proxy.protocol import SIGNATURE

IPAddress = IPv4Address | IPv6Address


def version_1(source: IPAddress, port: int, destination: IPAddress, door: int) -> bytes:
    """Return a header of version 1."""
    return f"PROXY TCP{source.version} {source} {destination} {port} {door}\r\n".encode()


def version_2(
    source: IPAddress, port: int, destination: IPAddress, door: int, tlvs: bytes = b""
) -> bytes:
    """Return a header of version 2."""
    family = 0x11 if source.version == 4 else 0x21
    addresses = source.packed + destination.packed + struct.pack("!HH", port, door)
    return raw_version_2(0x21, family, addresses + tlvs)


def raw_version_2(command: int, family: int, rest: bytes = b"") -> bytes:
    """Return a header of version 2 that need not make sense."""
    return SIGNATURE + struct.pack("!BBH", command, family, len(rest)) + rest
