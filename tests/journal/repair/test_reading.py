"""All that can be reached is read, whatever is damaged between."""

from __future__ import annotations

from pathlib import Path

import apsw

from hubbub.journal.repair import reading
from tests.journal import behind
from tests.journal.damage import pages_of, spoil


def test_records_on_both_sides_of_a_damaged_page_are_read(path: Path) -> None:
    behind.make(path)
    page = pages_of(path, "record")[1]
    spoil(path, page)
    connection = apsw.Connection(str(path))
    lost: list[int] = []
    seqs = [row.seq for part in reading.records(connection, 250, lost) for row in part]
    connection.close()
    assert seqs == [n for n in range(1, 202) if n not in lost]
    assert lost == list(range(lost[0], lost[-1] + 1))
    assert 1 < lost[0] < lost[-1] < 201


def test_rows_of_a_table_are_read_from_both_ends(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = OFF").fetchall()
    connection.execute("PRAGMA journal_mode = OFF").fetchall()
    connection.execute("CREATE TABLE many (a TEXT PRIMARY KEY, b) WITHOUT ROWID")
    for n in range(500):
        connection.execute("INSERT INTO many VALUES (?, ?)", (f"{n:03}", "x" * 100))
    assert reading.rows(connection, "many")[1]
    connection.close()
    spoil(path, pages_of(path, "many")[4])
    connection = apsw.Connection(str(path))
    found, is_whole = reading.rows(connection, "many")
    connection.close()
    assert not is_whole
    names = [row[0] for row in found]
    assert names[0] == "000"
    assert names[-1] == "499"
    assert 400 < len(names) == len(set(names)) < 500


def test_what_cannot_be_decoded_is_none() -> None:
    assert reading.StoredRow(1, 2, 0, 0, 0, "[", None).decoded() is None
    assert reading.StoredRow(1, 2, 0, 0, 0, '["kept",[[1,2,3],4],["#a"]]', "[").decoded() is None
    assert (
        reading.StoredRow(1, 2, 0, 0, 0, '["kept",[[1,2,3],4],["#a"]]', None).decoded() is not None
    )
