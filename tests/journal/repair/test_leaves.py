"""Rows are read from their pages as SQLite reads them."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from hubbub.journal.repair.leaves import LeafPages

ROWS = [
    (1, "short", None),
    (-(1 << 40), "y" * 5_000, 1),
    (127, "\N{SNOWMAN}" * 50, 0),
    (1 << 62, "x" * 20_000, -1),
    (32_768, "", None),
]


@pytest.fixture(params=[512, 4096, 65_536])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a database with pages of each size, and the same rows in two kinds of table."""
    path = tmp_path / "database"
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA page_size = {request.param}")
    connection.execute("PRAGMA synchronous = OFF").fetchall()
    connection.execute("PRAGMA journal_mode = OFF").fetchall()
    connection.execute("CREATE TABLE numbered (a, b, c)")
    connection.execute("CREATE TABLE sorted (a PRIMARY KEY, b, c) WITHOUT ROWID")
    for number in range(20):
        for a, b, c in ROWS:
            row = (a + number, b, c)
            connection.execute(
                "INSERT INTO numbered (rowid, a, b, c) VALUES (?, ?, ?, ?)",
                ((number * 1_000_000_007 + a % 1000) or 1, *row),
            )
            connection.execute("INSERT OR IGNORE INTO sorted VALUES (?, ?, ?)", row)
    connection.close()
    return path


def kept(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path))
    try:
        return sorted(connection.execute(sql).fetchall(), key=repr)
    finally:
        connection.close()


def test_all_rows_are_found(path: Path) -> None:
    pages = LeafPages(path)
    numbered = [(n, *row) for page in range(2, pages.count + 1) for n, row in pages.rows(page)]
    by_key = [row for page in range(2, pages.count + 1) for row in pages.sorted_rows(page)]
    pages.close()
    assert sorted(numbered, key=repr) == kept(path, "SELECT rowid, * FROM numbered")
    assert sorted(by_key, key=repr) == kept(path, "SELECT * FROM sorted")


def test_noise_holds_no_rows_and_raises_nothing(path: Path) -> None:
    size = path.stat().st_size
    for kind in (0x0D, 0x0A, 0x02):
        path.write_bytes(path.read_bytes()[:100] + bytes([kind, *range(255)] * (size // 256)))
        pages = LeafPages(path)
        for page in range(1, pages.count + 3):
            for _ in (*pages.rows(page), *pages.sorted_rows(page)):
                pass
        pages.close()
