"""Records as they lie in the pages of a damaged database, whether or not a way leads to them.

Where a page is damaged that leads to others SQLite finds none of those. Each of them says itself
what it holds (https://sqlite.org/fileformat2.html 1.6, 2.1): so what is lost is what is on the
damaged page, and no more. A page that is free holds nothing, for what is deleted is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hubbub.journal.archive.rows import Value

LEAF: Final = 0x0D
"""The kind of page that holds rows of a table which have numbers."""
SORTED: Final = {0x0A: 8, 0x02: 12}
"""The kinds of page that hold rows of a table which is sorted by them; the length of their header.
The second leads to others as well."""
_HEADER: Final = 100
"""Bytes before the first page's own."""
_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Row = tuple[Value, ...]


class _Unreadable(Exception):
    """Say that bytes are no row."""


class LeafPages:
    """Read a database as bytes; nobody may write it meanwhile, and its log has to be empty."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`. Raise OSError."""
        self._file = path.open("rb")
        head = self._file.read(_HEADER)
        size = int.from_bytes(head[16:18], "big")
        self._size = 65_536 if size == 1 else size
        self._usable = self._size - (head[20] if len(head) > 20 else 0)
        self.count = path.stat().st_size // max(1, self._size)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def rows(self, page: int) -> Iterator[tuple[int, Row]]:
        """Give the rows (their numbers, columns) on a page that can be read, in any order."""
        data, start = self._page(page)
        if data[start] != LEAF:
            return
        for at in _cells(data, start, 8):
            try:
                length, at = _varint(data, at)
                rowid, at = _varint(data, at)
                yield rowid, _columns(self._payload(data, at, length, self._usable - 35))
            except (_Unreadable, IndexError, UnicodeDecodeError):
                continue

    def sorted_rows(self, page: int) -> Iterator[Row]:
        """Give the rows on a page of a table that is sorted by them."""
        data, start = self._page(page)
        header = SORTED.get(data[start])
        if header is None:
            return
        most = (self._usable - 12) * 64 // 255 - 23
        for at in _cells(data, start, header):
            try:
                length, at = _varint(data, at + header - 8)
                yield _columns(self._payload(data, at, length, most))
            except (_Unreadable, IndexError, UnicodeDecodeError):
                continue

    def _page(self, page: int) -> tuple[bytes, int]:
        """Return a page, and where its own header begins."""
        data = self._read(page)
        return data.ljust(self._size, b"\0"), _HEADER if page == 1 else 0

    def _read(self, page: int) -> bytes:
        self._file.seek((page - 1) * self._size)
        return self._file.read(self._size)

    def _payload(self, data: bytes, at: int, length: int, most: int) -> bytes:
        """Return a cell's content, of which only a part may be on its own page."""
        if length <= most:
            return data[at : at + length]
        least = (self._usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (self._usable - 4)
        here = here if here <= most else least
        parts, left = [data[at : at + here]], length - here
        following = int.from_bytes(data[at + here : at + here + 4], "big")
        while left > 0:
            if not 1 < following <= self.count:
                raise _Unreadable
            page = self._read(following)
            parts.append(page[4 : 4 + min(left, self._usable - 4)])
            left -= self._usable - 4
            following = int.from_bytes(page[:4], "big")
        return b"".join(parts)


def _cells(data: bytes, start: int, header: int) -> Iterator[int]:
    """Give where the cells of a page begin."""
    for number in range(int.from_bytes(data[start + 3 : start + 5], "big")):
        at = start + header + 2 * number
        yield int.from_bytes(data[at : at + 2], "big")


def _columns(payload: bytes) -> Row:
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        size = _size(kind)
        data = payload[at : at + size]
        if len(data) < size:
            raise _Unreadable
        at += size
        values.append(_value(kind, data))
    if at != len(payload):
        raise _Unreadable
    return tuple(values)


def _size(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return 8 if kind == 7 else _INTEGERS.get(kind, 0)


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind in _INTEGERS:
        return int.from_bytes(data, "big", signed=True)
    if kind >= 13 and kind % 2:
        return data.decode()
    # Numbers with a fraction and bytes: the tables of records have none.
    raise _Unreadable


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of up to nine bytes, and where the next begins."""
    value = 0
    for number in range(8):
        byte = data[at + number]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + number + 1
    value = value << 8 | data[at + 8]
    return value - (1 << 64 if value >> 63 else 0), at + 9
