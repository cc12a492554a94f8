"""WebSocket: frames behind the upgrade from HTTP, and messages of them (RFC 6455)."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from hubbub.wire.decoding.upgrade import UpgradeHead, read_head
from hubbub.wire.seen import OnLayer, Seen, Way

HEAD_BYTES: Final = 16 * 1024
"""The longest head of the upgrade; a longer one is none."""
FRAME_BYTES: Final = 1024 * 1024
"""The longest frame, and message, that is put together; a longer one ends the reading."""
TEXT: Final = 1
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10
_CONTINUATION: Final = 0
_NAMES: Final = {
    0: "continuation",
    1: "text",
    2: "binary",
    CLOSE: "close",
    PING: "ping",
    PONG: "pong",
}
_COMPRESSED: Final = 0x40
_END: Final = b"\r\n\r\n"
_TAIL: Final = b"\0\0\xff\xff"


@dataclass(frozen=True, slots=True)
class WSFrame:
    """Hold one frame, its payload without mask; `head` counts the bytes before that."""

    opcode: int
    final: bool
    masked: bool
    compressed: bool
    payload: bytes
    head: int

    def seen(self, way: Way) -> Seen:
        """Say what it is; the text in it is told as IRC."""
        facts = [
            ("last of its message", "yes" if self.final else "no: another follows"),
            ("payload", f"{len(self.payload)} bytes"),
            ("masked", "yes, with a key of four bytes" if self.masked else "no"),
        ]
        if self.compressed:
            facts.append(("compressed", "yes: permessage-deflate"))
        if self.opcode == CLOSE and len(self.payload) >= 2:
            facts.append(("code", str(int.from_bytes(self.payload[:2], "big"))))
            facts.append(("reason", self.payload[2:].decode(errors="replace")))
        name = f"{_NAMES.get(self.opcode, f'opcode {self.opcode}')} frame"
        return Seen(OnLayer.WEBSOCKET, name, way, self.head + len(self.payload), tuple(facts))


class WebSocketStream:
    """Cut what comes one way into the head and frames.

    `broken` says why what came is no WebSocket, from which on nothing is read any more.
    """

    def __init__(self) -> None:
        """Begin before the head."""
        self._partial = b""
        self._upgraded = False
        self.broken = ""

    def feed(self, data: bytes) -> list[UpgradeHead | WSFrame]:
        """Return what is complete with these bytes."""
        if self.broken:
            return []
        data = self._partial + data
        at = 0
        found: list[UpgradeHead | WSFrame] = []
        while not self.broken:
            step = self._frame(data, at) if self._upgraded else self._head(data)
            if step is None:
                break
            thing, at = step
            found.append(thing)
        self._partial = b"" if self.broken else data[at:]
        return found

    def _head(self, data: bytes) -> tuple[UpgradeHead | WSFrame, int] | None:
        end = data.find(_END)
        if end < 0 or end > HEAD_BYTES:
            if len(data) > HEAD_BYTES:
                self.broken = "a head without an end"
            elif b"HTTP/" not in data.partition(b"\n")[0] and b"\n" in data:
                self.broken = "no HTTP"
            return None
        size = end + len(_END)
        head = read_head(data[:end], size)
        if "HTTP/" not in head.first:
            self.broken = "no HTTP"
            return None
        if head.first.startswith("HTTP/") and " 101" not in head.first[:13]:
            self.broken = f"the server refuses the upgrade: {head.first}"
        self._upgraded = True
        return head, size

    def _frame(self, data: bytes, at: int) -> tuple[UpgradeHead | WSFrame, int] | None:
        if len(data) - at < 2:
            return None
        masked, length, start = data[at + 1] & 0x80, data[at + 1] & 0x7F, at + 2
        if length > 125:
            width = 2 if length == 126 else 8
            if len(data) < start + width:
                return None
            length = int.from_bytes(data[start : start + width], "big")
            start += width
        if length > FRAME_BYTES:
            self.broken = f"a frame of {length} bytes"
            return None
        start += 4 if masked else 0
        if len(data) < start + length:
            return None
        payload = data[start : start + length]
        if masked:
            payload = mask(payload, data[start - 4 : start])
        first = data[at]
        compressed = bool(first & _COMPRESSED)
        frame = WSFrame(first & 15, first > 127, bool(masked), compressed, payload, start - at)
        return frame, start + length


class WSMessages:
    """Put the messages of one way together from frames, and unpack those that are compressed.

    `broken` says why none can be read any more: what is packed leans on all that was before it.
    """

    def __init__(self) -> None:
        """Begin between two messages."""
        self._parts = bytearray()
        self._compressed = False
        self._unpacker = zlib.decompressobj(-15)
        self.broken = ""

    def feed(self, frame: WSFrame) -> bytes | None:
        """Return the message that a frame ends, None where it ends none or is none's."""
        if frame.opcode >= CLOSE or self.broken:
            return None
        if frame.opcode != _CONTINUATION:
            self._parts, self._compressed = bytearray(), frame.compressed
        if len(self._parts) + len(frame.payload) > FRAME_BYTES:
            self._break(f"a message of more than {FRAME_BYTES} bytes")
            return None
        self._parts += frame.payload
        if not frame.final:
            return None
        message, self._parts = bytes(self._parts), bytearray()
        return self._unpacked(message) if self._compressed else message

    def _unpacked(self, message: bytes) -> bytes | None:
        try:
            unpacked = self._unpacker.decompress(message + _TAIL, FRAME_BYTES)
        except zlib.error:
            self._break("a message that cannot be unpacked")
            return None
        if self._unpacker.unconsumed_tail:
            self._break(f"a message of more than {FRAME_BYTES} bytes, unpacked")
            return None
        if self._unpacker.eof:
            # A last block is allowed in each message (RFC 7692 7.2.3.5).
            self._unpacker = zlib.decompressobj(-15)
        return unpacked

    def _break(self, why: str) -> None:
        self._parts, self.broken = bytearray(), why


def mask(payload: bytes, key: bytes) -> bytes:
    """Return a payload masked, or without its mask, by a key of four bytes (RFC 6455 5.3)."""
    repeated = (key * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(
        len(payload), "big"
    )


def frame_of(opcode: int, payload: bytes, key: bytes) -> bytes:
    """Return a whole message as a client's frame, masked with a key of four bytes."""
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
    elif length < 2**16:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
    return head + key + mask(payload, key)
