"""Bytes into lines, with a bound on each line.

A line longer than the limit is not kept: it comes out as TooLong when its end arrives, so that the
sender can be told (417) and nothing unbounded is stored meanwhile. Its tags are kept, unless they
are what is too long: the answer has to carry the label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LINE_BYTES: Final = 512
"""The longest line without its tags, line ending included (RFC 1459 2.3)."""
CLIENT_TAG_BYTES: Final = 4096
"""The longest tag section a client may send, `@` and space included (IRCv3 message-tags)."""
TAG_BYTES: Final = 8191
"""The longest tag section of any message, `@` and space included (IRCv3 message-tags)."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """Stand for a line that was longer than allowed.

    `tags` is its tag section with the `@` and the space, b"" where there is none within its bound.
    """

    tags: bytes = b""

    def __len__(self) -> int:
        """Return how many bytes it keeps of the line, at least one: it stands for a line."""
        return 1 + len(self.tags)


class LineBuffer:
    """Collect bytes and give out whole lines without their endings; empty lines are passed over."""

    __slots__ = ("_line_bytes", "_overflow", "_partial", "_tag_bytes")

    def __init__(self, line_bytes: int = LINE_BYTES, tag_bytes: int = CLIENT_TAG_BYTES) -> None:
        self._line_bytes = line_bytes
        self._tag_bytes = tag_bytes
        self._partial = b""
        self._overflow: TooLong | None = None

    def feed(self, data: bytes) -> list[bytes | TooLong]:
        """Add received bytes and return the lines they complete, oldest first."""
        pieces = (self._partial + data if self._partial else data).split(b"\n")
        rest = pieces.pop()
        lines: list[bytes | TooLong] = []
        for piece in pieces:
            if self._overflow is not None:
                lines.append(self._overflow)
                self._overflow = None
                continue
            line = piece[:-1] if piece.endswith(b"\r") else piece
            # Two bytes of the limit are for the ending.
            if len(line) > self._line_bytes - 2 and self._exceeds(line):
                lines.append(TooLong(self._tags(line)))
            elif line:
                lines.append(line)
        if self._overflow is None and len(rest) > self._line_bytes + self._tag_bytes:
            self._overflow = TooLong(self._tags(rest))
        self._partial = rest if self._overflow is None else b""
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

    def _tags(self, line: bytes) -> bytes:
        """Return the tag section at the beginning of a line, if it is within its bound."""
        end = line.find(b" ", 0, self._tag_bytes) + 1 if line.startswith(b"@") else 0
        return line[:end]
