"""What a program writes into a pipe, as lines that can be said: whatever bytes it is."""

from __future__ import annotations

from typing import Final

LINE_BYTES: Final = 64 * 1024
"""A longer line of input is taken as several."""
_CTCP: Final = "\x01"
_ACTION: Final = "\x01ACTION "
_CONTINUATION: Final = range(0x80, 0xC0)
"""The bytes of UTF-8 that begin no character."""


class InputLines:
    """Cut bytes into lines: at LF or CRLF, and where a line is too long, but in no character.

    What is no UTF-8 becomes U+FFFD. What comes out of a program is no request to anybody's client,
    so a line is no CTCP message but for ACTION.
    """

    def __init__(self) -> None:
        """Begin before the first line."""
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that are complete with these bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            cut = LINE_BYTES
            while cut > LINE_BYTES - 4 and self._rest[cut] in _CONTINUATION:
                cut -= 1
            lines.append(self._rest[:cut])
            self._rest = self._rest[cut:]
        return [_text(line) for line in lines]

    def end(self) -> list[str]:
        """Return the last line, if it had no end of its own."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _text(line: bytes) -> str:
    text = line.decode(errors="replace").removesuffix("\r")
    return text if text.startswith(_ACTION) else text.lstrip(_CTCP)
