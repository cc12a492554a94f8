"""A transaction ends as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from hubbub.journal.database.transaction import transaction
from tests.journal.disk import failing_disk


@pytest.fixture
def connection() -> apsw.Connection:
    """Return a database with an empty table."""
    made = apsw.Connection(":memory:")
    made.execute("CREATE TABLE number (value INTEGER)")
    return made


def values(connection: apsw.Connection) -> list[object]:
    return [value for (value,) in connection.execute("SELECT value FROM number")]


def test_what_ends_well_is_there(connection: apsw.Connection) -> None:
    with transaction(connection):
        connection.execute("INSERT INTO number VALUES (1), (2)")
    assert values(connection) == [1, 2]


def test_what_fails_leaves_nothing(connection: apsw.Connection) -> None:
    with pytest.raises(apsw.SQLError), transaction(connection):
        connection.execute("INSERT INTO number VALUES (1); INSERT INTO none VALUES (1)")
    assert (values(connection), connection.in_transaction) == ([], False)


def test_what_sqlite_has_rolled_back_itself_is_told_as_it_was(path: Path) -> None:
    with failing_disk() as disk:
        connection = apsw.Connection(str(path))
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("CREATE TABLE number (value)")
        disk.fails["write", "-wal"] = apsw.FullError
        with pytest.raises(apsw.FullError), transaction(connection):
            connection.execute("INSERT INTO number VALUES (1)")
        disk.fails.clear()
        assert (values(connection), connection.in_transaction) == ([], False)
        connection.close()
