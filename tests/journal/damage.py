"""Damage to a database's file, as a disk does it: a page of noise where records were."""

from __future__ import annotations

from pathlib import Path

import apsw


def page_of(path: Path, text: bytes) -> int:
    """Return the number of the page that holds a text; the journal must be closed."""
    size = page_size(path)
    at = path.read_bytes().index(text)
    return at // size + 1


def pages_of(path: Path, table: str) -> list[int]:
    """Return the numbers of a table's leaf pages, in the order of its keys."""
    connection = apsw.Connection(str(path))
    try:
        rows = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path", (table,)
        )
        return [int(str(page)) for (page,) in rows]
    finally:
        connection.close()


def page_size(path: Path) -> int:
    """Return how many bytes a page has."""
    size = int.from_bytes(path.read_bytes()[16:18], "big")
    return 65_536 if size == 1 else size


def spoil(path: Path, page: int) -> None:
    """Write noise over a page."""
    size = page_size(path)
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes((7 * at + 3) % 251 for at in range(size)))
