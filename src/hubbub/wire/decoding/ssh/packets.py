"""What SSH puts on TCP: version lines, then packets, in the clear until NEWKEYS (RFC 4253)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hubbub.wire.decoding.ssh.names import NEWKEYS

LINE_BYTES: Final = 8192
"""The longest line before or with the version; a longer one is no SSH."""
LINES: Final = 1024
"""How many lines a server may send before its version."""
PACKET_BYTES: Final = 256 * 1024
"""The longest packet; one that announces more is no SSH."""
_LENGTH: Final = 4


@dataclass(frozen=True, slots=True)
class SSHLine:
    """Hold a line that comes before all packets: the version, or what a server says before it."""

    text: str
    is_version: bool


@dataclass(frozen=True, slots=True)
class SSHPacket:
    """Hold one packet, decrypted: `length` is its own field, `mac` the bytes of its MAC or tag."""

    sequence: int
    length: int
    padding: int
    payload: bytes
    mac: int = 0
    encrypted: bool = False

    @property
    def size(self) -> int:
        """Return how many bytes it takes on the wire."""
        return _LENGTH + self.length + self.mac


def packet_of(sequence: int, content: bytes, mac: int = 0, encrypted: bool = False) -> SSHPacket:
    """Return the packet whose padding length, payload and padding these bytes are."""
    padding = content[0] if content else 0
    end = max(1, len(content) - padding)
    return SSHPacket(sequence, len(content), padding, content[1:end], mac, encrypted)


class SSHStream:
    """Cut what comes one way into lines and packets.

    From NEWKEYS on everything is encrypted, and passed over here. `broken` says why what came is no
    SSH, from which on nothing is read any more.
    """

    def __init__(self) -> None:
        """Begin before the version."""
        self._partial = b""
        self._lines = 0
        self._sequence = 0
        self._versioned = False
        self.encrypted = False
        self.broken = ""

    def feed(self, data: bytes) -> list[SSHLine | SSHPacket]:
        """Return what is complete with these bytes."""
        if self.encrypted or self.broken:
            return []
        data = self._partial + data
        at, found = 0, []
        while not self.encrypted and not self.broken:
            step = self._packet(data, at) if self._versioned else self._line(data, at)
            if step is None:
                break
            thing, at = step
            found.append(thing)
        self._partial = b"" if self.encrypted or self.broken else data[at:]
        return found

    def _line(self, data: bytes, at: int) -> tuple[SSHLine | SSHPacket, int] | None:
        end = data.find(b"\n", at, at + LINE_BYTES)
        if end < 0:
            if len(data) - at >= LINE_BYTES:
                self.broken = "a line without an end where the version was to come"
            return None
        self._lines += 1
        text = data[at:end].decode(errors="replace").removesuffix("\r")
        self._versioned = text.startswith("SSH-")
        if not self._versioned and self._lines >= LINES:
            self.broken = f"{LINES} lines, and no version among them"
        return SSHLine(text, self._versioned), end + 1

    def _packet(self, data: bytes, at: int) -> tuple[SSHLine | SSHPacket, int] | None:
        start = at + _LENGTH
        if len(data) < start:
            return None
        length = int.from_bytes(data[at:start], "big")
        if not 1 < length <= PACKET_BYTES:
            self.broken = f"a packet of {length} bytes"
            return None
        if len(data) < start + length:
            return None
        packet = packet_of(self._sequence, data[start : start + length])
        self._sequence += 1
        self.encrypted = packet.payload[:1] == bytes((NEWKEYS,))
        return packet, start + length
