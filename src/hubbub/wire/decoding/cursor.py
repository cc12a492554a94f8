"""Reading numbers and counted strings out of bytes that may end too early."""

from __future__ import annotations

from hubbub.wire.failures import CutShort


class ByteCursor:
    """Read bytes from front to back, big-endian, as TLS and SSH write them."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __len__(self) -> int:
        """Return how many bytes are left."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """Return the next bytes. Raise CutShort where there are fewer."""
        if count > len(self):
            raise CutShort
        start, self._at = self._at, self._at + count
        return self._data[start : self._at]

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(len(self))

    def number(self, width: int) -> int:
        """Return an unsigned number of so many bytes. Raise CutShort."""
        return int.from_bytes(self.take(width), "big")

    def counted(self, width: int) -> bytes:
        """Return a string behind its length, a number of so many bytes. Raise CutShort."""
        return self.take(self.number(width))

    def within(self, width: int) -> ByteCursor:
        """Return a cursor for what stands behind its length. Raise CutShort."""
        return ByteCursor(self.counted(width))

    def numbers(self, width: int, each: int) -> list[int]:
        """Return the numbers in a string behind its length. Raise CutShort."""
        inner = self.within(width)
        return [inner.number(each) for _ in range(len(inner) // each)]

    def text(self, width: int = 4) -> str:
        """Return a counted string as text; what is no UTF-8 becomes U+FFFD. Raise CutShort."""
        return self.counted(width).decode(errors="replace")

    def names(self) -> tuple[str, ...]:
        """Return SSH's name-list: names with commas between (RFC 4251 5). Raise CutShort."""
        return tuple(name for name in self.text().split(",") if name)
