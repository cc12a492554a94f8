"""What stands in the extensions of a handshake (RFC 8446 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubbub.wire.decoding.cursor import ByteCursor
from hubbub.wire.decoding.tls import names
from hubbub.wire.failures import CutShort
from hubbub.wire.seen import Fact

_HELLO_RETRY: Final = 2
"""How many bytes key_share has in a HelloRetryRequest: a group, and no key."""


def extensions(cursor: ByteCursor) -> list[tuple[str, Fact]]:
    """Return each extension with what it says. Raise CutShort where the list itself is."""
    found: list[tuple[str, Fact]] = []
    while len(cursor):
        number = cursor.number(2)
        body = cursor.counted(2)
        found.append((names.extension_name(number), _said(number, body)))
    return found


def _said(number: int, body: bytes) -> Fact:
    reader = _READERS.get(number)
    if reader is None:
        return f"{len(body)} bytes" if body else "yes"
    try:
        return reader(ByteCursor(body))
    except CutShort:
        return f"cut short, {len(body)} bytes"


def _server_name(cursor: ByteCursor) -> Fact:
    if not len(cursor):
        return "yes"
    inner = cursor.within(2)
    found = []
    while len(inner):
        inner.number(1)
        found.append(inner.text(2))
    return tuple(found)


def _groups(cursor: ByteCursor) -> Fact:
    return tuple(map(names.group_name, cursor.numbers(2, 2)))


def _signatures(cursor: ByteCursor) -> Fact:
    return tuple(map(names.signature_name, cursor.numbers(2, 2)))


def _protocols(cursor: ByteCursor) -> Fact:
    inner = cursor.within(2)
    found = []
    while len(inner):
        found.append(inner.text(1))
    return tuple(found)


def _versions(cursor: ByteCursor) -> Fact:
    # A server answers with one, and without a length.
    if len(cursor) == 2:
        return names.version_name(cursor.number(2))
    return tuple(map(names.version_name, cursor.numbers(1, 2)))


def _key_share(cursor: ByteCursor) -> Fact:
    if len(cursor) == _HELLO_RETRY:
        return names.group_name(cursor.number(2))
    body = cursor.rest()
    # A client's come behind the length of all of them; a server has one, and no such length.
    of_client = int.from_bytes(body[:2], "big") == len(body) - 2
    return tuple(_shares(ByteCursor(body[2:] if of_client else body)))


def _shares(cursor: ByteCursor) -> list[str]:
    found = []
    while len(cursor):
        group = names.group_name(cursor.number(2))
        found.append(f"{group}, {len(cursor.counted(2))} bytes")
    return found


def _modes(cursor: ByteCursor) -> Fact:
    known = {0: "psk_ke", 1: "psk_dhe_ke"}
    return tuple(known.get(number, str(number)) for number in cursor.numbers(1, 1))


_READERS: Final[dict[int, Callable[[ByteCursor], Fact]]] = {
    0: _server_name,
    10: _groups,
    13: _signatures,
    16: _protocols,
    43: _versions,
    45: _modes,
    50: _signatures,
    51: _key_share,
}
