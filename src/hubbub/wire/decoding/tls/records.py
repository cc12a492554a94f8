"""TLS records: what goes over TCP, five bytes in the clear before each (RFC 8446 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hubbub.wire.decoding.tls.names import content_type, version_name
from hubbub.wire.seen import OnLayer, Seen, Way

HEADER: Final = 5
LONGEST: Final = 2**14 + 2048
"""The most bytes of one record (RFC 5246 6.2.3); what announces more is no TLS."""
_KINDS: Final = range(20, 25)
_MAJOR: Final = (b"", b"\x03")
QUOTED: Final = 64
"""How many bytes of what is no TLS are kept to be shown."""


@dataclass(frozen=True, slots=True)
class TLSRecord:
    """Hold one record: the number of its content type, its version field and its body."""

    kind: int
    version: int
    body: bytes

    @property
    def raw(self) -> bytes:
        """Return it as it stood on the wire."""
        head = bytes((self.kind, *self.version.to_bytes(2, "big")))
        return head + len(self.body).to_bytes(2, "big") + self.body

    def seen(self, way: Way) -> Seen:
        """Say what a listener sees of it."""
        details = (("type", content_type(self.kind)), ("version field", version_name(self.version)))
        return Seen(OnLayer.TLS, "record", way, HEADER + len(self.body), details)


class TLSRecords:
    """Cut what comes one way into records.

    `broken` holds the first bytes of what is none, from which on nothing is read any more.
    """

    def __init__(self) -> None:
        """Begin before the first record."""
        self._partial = b""
        self.broken = b""

    def feed(self, data: bytes) -> list[TLSRecord]:
        """Return the records that are complete with these bytes."""
        if self.broken:
            return []
        data = self._partial + data
        at, found = 0, []
        while not self.broken and (record := self._next(data, at)) is not None:
            found.append(record)
            at += HEADER + len(record.body)
        self._partial = b"" if self.broken else data[at:]
        return found

    def _next(self, data: bytes, at: int) -> TLSRecord | None:
        head = data[at : at + HEADER]
        length = int.from_bytes(head[3:], "big") if len(head) == HEADER else 0
        if head and (head[0] not in _KINDS or head[1:2] not in _MAJOR or length > LONGEST):
            self.broken = data[at : at + QUOTED]
            return None
        body = data[at + HEADER : at + HEADER + length]
        if len(head) < HEADER or len(body) < length:
            return None
        return TLSRecord(head[0], int.from_bytes(head[1:3], "big"), body)
