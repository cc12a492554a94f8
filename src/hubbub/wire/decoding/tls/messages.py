"""The messages of a TLS handshake, taken apart (RFC 8446 4, RFC 5246 7.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubbub.wire.decoding.cursor import ByteCursor
from hubbub.wire.decoding.tls import names
from hubbub.wire.decoding.tls.certificates import describe_certificate
from hubbub.wire.decoding.tls.extensions import extensions
from hubbub.wire.failures import CutShort
from hubbub.wire.seen import Fact, OnLayer, Seen, Way

CLIENT_HELLO: Final = 1
SERVER_HELLO: Final = 2
TLS13: Final = 0x0304
LONGEST: Final = 2**17
"""The most bytes of a message that is put together of records; a longer one is passed over."""
CERTIFICATES: Final = 10
"""How many certificates of a chain are read."""
_HEAD: Final = 4
_RETRY: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that is a HelloRetryRequest (RFC 8446 4.1.3)."""

Facts = list[tuple[str, Fact]]


def describe_message(data: bytes, way: Way, version: int = TLS13) -> Seen:
    """Say what a message with its head of four bytes is; `version` is that of the connection."""
    kind = data[0] if data else -1
    facts: Facts = []
    cursor = ByteCursor(data[_HEAD:])
    try:
        _READERS.get(kind, _unread)(cursor, facts, version)
    except CutShort:
        facts.append(("cut short", "it ends before what it announces"))
    name = names.message_name(kind) if data else "empty message"
    if kind == SERVER_HELLO and ("random", _RETRY.hex()) in facts:
        name = "HelloRetryRequest"
    return Seen(OnLayer.TLS, name, way, len(data), tuple(facts))


def describe_alert(body: bytes, way: Way) -> Seen:
    """Say what an alert in the clear is; an encrypted one cannot be told."""
    if len(body) != 2:
        return Seen(OnLayer.TLS, "alert", way, len(body), (("says", "encrypted"),))
    level = {1: "warning", 2: "fatal"}.get(body[0], str(body[0]))
    facts = (("level", level), ("says", names.alert_name(body[1])))
    return Seen(OnLayer.TLS, "alert", way, len(body), facts)


class HandshakeMessages:
    """Put the messages together that the records of one way carry in the clear."""

    def __init__(self) -> None:
        """Begin before the first message."""
        self._partial = bytearray()

    def feed(self, body: bytes) -> list[bytes]:
        """Return the messages that are complete with this record, with their heads."""
        self._partial += body
        found = []
        while len(self._partial) >= _HEAD:
            length = _HEAD + int.from_bytes(self._partial[1:_HEAD], "big")
            if length > LONGEST:
                self._partial.clear()
            if len(self._partial) < length:
                break
            found.append(bytes(self._partial[:length]))
            del self._partial[:length]
        return found


def _client_hello(cursor: ByteCursor, facts: Facts, version: int) -> None:
    facts.append(("version field", names.version_name(cursor.number(2))))
    facts.append(("random", cursor.take(32).hex()))
    facts.append(("session id", f"{len(cursor.counted(1))} bytes"))
    facts.append(("ciphers offered", tuple(map(names.cipher_name, cursor.numbers(2, 2)))))
    cursor.counted(1)
    if len(cursor):
        facts += extensions(cursor.within(2))


def _server_hello(cursor: ByteCursor, facts: Facts, version: int) -> None:
    facts.append(("version field", names.version_name(cursor.number(2))))
    facts.append(("random", cursor.take(32).hex()))
    facts.append(("session id", f"{len(cursor.counted(1))} bytes"))
    facts.append(("cipher chosen", names.cipher_name(cursor.number(2))))
    cursor.number(1)
    if len(cursor):
        facts += extensions(cursor.within(2))


def _encrypted_extensions(cursor: ByteCursor, facts: Facts, version: int) -> None:
    said = extensions(cursor.within(2))
    facts += said or [("extensions", "none")]


def _certificate(cursor: ByteCursor, facts: Facts, version: int) -> None:
    if version >= TLS13:
        cursor.counted(1)
    inner = cursor.within(3)
    number = 0
    while len(inner):
        number += 1
        if number > CERTIFICATES:
            facts.append(("more certificates", f"{len(inner)} bytes"))
            break
        der = inner.counted(3)
        if version >= TLS13:
            inner.counted(2)
        mark = "" if number == 1 else f"{number}. "
        facts += [(f"{mark}{name}", fact) for name, fact in describe_certificate(der)]
    if not number:
        facts.append(("certificates", "none"))


def _server_key_exchange(cursor: ByteCursor, facts: Facts, version: int) -> None:
    # Behind another first byte stand the numbers of a finite field, which one hardly meets.
    if cursor.number(1) != 3:
        facts.append(("parameters", f"{len(cursor) + 1} bytes"))
        return
    facts.append(("group", names.group_name(cursor.number(2))))
    facts.append(("public key", f"{len(cursor.counted(1))} bytes"))
    if len(cursor):
        facts.append(("signed with", names.signature_name(cursor.number(2))))
        facts.append(("signature", f"{len(cursor.counted(2))} bytes"))


def _certificate_request(cursor: ByteCursor, facts: Facts, version: int) -> None:
    if version >= TLS13:
        cursor.counted(1)
        facts += extensions(cursor.within(2))
        return
    cursor.counted(1)
    signatures = tuple(map(names.signature_name, cursor.numbers(2, 2)))
    facts.append(("signature_algorithms", signatures))


def _certificate_verify(cursor: ByteCursor, facts: Facts, version: int) -> None:
    facts.append(("signed with", names.signature_name(cursor.number(2))))
    facts.append(("signature", f"{len(cursor.counted(2))} bytes"))


def _ticket(cursor: ByteCursor, facts: Facts, version: int) -> None:
    facts.append(("lifetime", f"{cursor.number(4)} s"))
    if version >= TLS13:
        cursor.number(4)
        cursor.counted(1)
    facts.append(("ticket", f"{len(cursor.counted(2))} bytes, not shown: who has it can resume"))


def _finished(cursor: ByteCursor, facts: Facts, version: int) -> None:
    facts.append(("checksum of all messages so far", cursor.rest().hex()))


def _unread(cursor: ByteCursor, facts: Facts, version: int) -> None:
    if len(cursor):
        facts.append(("body", f"{len(cursor)} bytes"))


_READERS: Final[dict[int, Callable[[ByteCursor, Facts, int], None]]] = {
    CLIENT_HELLO: _client_hello,
    SERVER_HELLO: _server_hello,
    4: _ticket,
    8: _encrypted_extensions,
    11: _certificate,
    12: _server_key_exchange,
    13: _certificate_request,
    15: _certificate_verify,
    20: _finished,
}
