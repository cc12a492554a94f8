"""Bytes into lines, with a bound on each line.

A line longer than the limit is not kept: it comes out as TOO_LONG when its end arrives, so that the
sender can be told (417) and nothing unbounded is stored meanwhile.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal

LINE_BYTES: Final = 512
"""The longest line without its tags, line ending included (RFC 1459 2.3)."""
CLIENT_TAG_BYTES: Final = 4096
"""The longest tag section a client may send, `@` and space included (IRCv3 message-tags)."""
TAG_BYTES: Final = 8191
"""The longest tag section of any message, `@` and space included (IRCv3 message-tags)."""


class TooLong(Enum):
    """Stand for a line that was longer than allowed."""

    TOO_LONG = "too long"


TOO_LONG: Final = TooLong.TOO_LONG


class LineBuffer:
    """Collect bytes and give out whole lines without their endings; empty lines are passed over."""

    __slots__ = ("_line_bytes", "_overflowing", "_partial", "_tag_bytes")

    def __init__(self, line_bytes: int = LINE_BYTES, tag_bytes: int = CLIENT_TAG_BYTES) -> None:
        self._line_bytes = line_bytes
        self._tag_bytes = tag_bytes
        self._partial = b""
        self._overflowing = False

    def feed(self, data: bytes) -> list[bytes | Literal[TooLong.TOO_LONG]]:
        """Add received bytes and return the lines they complete, oldest first."""
        pieces = (self._partial + data if self._partial else data).split(b"\n")
        rest = pieces.pop()
        lines: list[bytes | Literal[TooLong.TOO_LONG]] = []
        for piece in pieces:
            if self._overflowing:
                self._overflowing = False
                lines.append(TOO_LONG)
                continue
            line = piece[:-1] if piece.endswith(b"\r") else piece
            # Two bytes of the limit are for the ending.
            if len(line) > self._line_bytes - 2 and self._exceeds(line):
                lines.append(TOO_LONG)
            elif line:
                lines.append(line)
        if len(rest) > self._line_bytes + self._tag_bytes:
            self._overflowing = True
        self._partial = b"" if self._overflowing else rest
        return lines

    @property
    def partial(self) -> bytes:
        """Return the bytes of the line that has not ended yet."""
        return self._partial

    def _exceeds(self, line: bytes) -> bool:
        if not line.startswith(b"@"):
            return True
        tags = line.find(b" ") + 1 or len(line)
        return tags > self._tag_bytes or len(line) - tags > self._line_bytes - 2
