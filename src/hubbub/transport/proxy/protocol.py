"""The PROXY protocol, versions 1 and 2 (haproxy's proxy-protocol.txt): for whom a proxy connects.

A header stands before everything else, so no byte behind it may be taken with it: what follows may
be the first of a TLS handshake. `read_header` says how far it goes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from hubbub.transport.errors import MalformedHeader
from hubbub.transport.proxy.trusted import parse_ip

SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
"""What a header of version 2 begins with (2.2)."""
V1_BYTES: Final = 107
"""The longest header of version 1, CR LF included (2.1)."""
V2_BYTES: Final = 4096
"""The longest header of version 2 that is taken, with all its TLVs; a usual one has under 200."""

_V1: Final = b"PROXY "
_V2_START: Final = struct.Struct("!12sBBH")
_LOCAL: Final = 0x20
_PROXY: Final = 0x21
_UNSPECIFIED: Final = 0x00
_STREAMS: Final = {0x11: struct.Struct("!4s4sHH"), 0x21: struct.Struct("!16s16sHH")}
_UNIX_STREAM: Final = 0x31


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """Hold what a header says: the client's IP address and port.

    None: the proxy connects for itself, as health checks do (LOCAL), or does not know for whom, or
    for one that has no IP address; then its own address stands.
    """

    client: tuple[str, int] | None


def read_header(data: bytes) -> tuple[int, ProxyHeader | None]:
    """Return how many of these bytes belong to a header, and the header once it is whole.

    Raise MalformedHeader as soon as they cannot be the beginning of one.
    """
    if SIGNATURE.startswith(data[: len(SIGNATURE)]):
        return _read_v2(data)
    if _V1.startswith(data[: len(_V1)]):
        return _read_v1(data)
    raise MalformedHeader("no PROXY header")


def _read_v1(data: bytes) -> tuple[int, ProxyHeader | None]:
    end = data.find(b"\n", 0, V1_BYTES) + 1
    if end:
        return end, ProxyHeader(_parse_v1(data[:end]))
    if len(data) >= V1_BYTES:
        raise MalformedHeader("no end of the line")
    return len(data), None


def _parse_v1(line: bytes) -> tuple[str, int] | None:
    """Return the source of `PROXY TCP4 SOURCE DESTINATION PORT PORT`, None for `PROXY UNKNOWN`."""
    if not line.endswith(b"\r\n"):
        raise MalformedHeader("the line does not end with CR LF")
    words = line[:-2].split(b" ")
    if words[1] == b"UNKNOWN":
        return None
    if len(words) != 6 or words[1] not in (b"TCP4", b"TCP6"):
        raise MalformedHeader("not TCP4 or TCP6 with two addresses and two ports")
    version = 4 if words[1] == b"TCP4" else 6
    source = _v1_address(words[2], version)
    _v1_address(words[3], version)
    port = _v1_port(words[4])
    _v1_port(words[5])
    return source, port


def _v1_address(word: bytes, version: int) -> str:
    try:
        address = ip_address(word.decode("ascii"))
    except ValueError:
        raise MalformedHeader("not an address") from None
    if address.version != version or "%" in str(address):
        raise MalformedHeader("an address of another kind")
    return str(parse_ip(str(address)))


def _v1_port(word: bytes) -> int:
    if not word.isdigit() or len(word) > 5 or int(word) > 65535 or word != b"%d" % int(word):
        raise MalformedHeader("not a port")
    return int(word)


def _read_v2(data: bytes) -> tuple[int, ProxyHeader | None]:
    if len(data) < _V2_START.size:
        return len(data), None
    _, command, family, length = _V2_START.unpack_from(data)
    end = _V2_START.size + length
    # Before all of it is there: a length of 65,535 is not waited for.
    if end > V2_BYTES:
        raise MalformedHeader("too long")
    if command not in (_LOCAL, _PROXY):
        raise MalformedHeader("neither LOCAL nor PROXY of version 2")
    if command == _PROXY and family not in (_UNSPECIFIED, *_STREAMS, _UNIX_STREAM):
        raise MalformedHeader("not of a stream")
    if len(data) < end:
        return len(data), None
    # LOCAL is the proxy itself, and a Unix socket has no address: the connection's own counts.
    addresses = _STREAMS.get(family) if command == _PROXY else None
    if addresses is None:
        return end, ProxyHeader(None)
    if length < addresses.size:
        raise MalformedHeader("addresses cut short")
    source, _, port, _ = addresses.unpack_from(data, _V2_START.size)
    return end, ProxyHeader((str(parse_ip(str(ip_address(source)))), port))
