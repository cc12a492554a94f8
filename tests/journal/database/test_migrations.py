"""What older hubbubs wrote, and newer ones."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from hubbub.journal import codec
from hubbub.journal.codec import encode_record
from hubbub.journal.database import migrations
from hubbub.journal.names import histories_of
from hubbub.journal.port import JournalUnusable
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, ManualClock, kept, said


def test_what_an_older_hubbub_wrote_is_gone_on_with(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that told no two records of a millisecond apart but in their history."""
    clock = ManualClock()
    connection = apsw.Connection(str(path))
    with monkeypatch.context() as old:
        old.setattr(migrations, "STEPS", migrations.STEPS[:1])
        migrations.migrate(connection)
    records = [said("x", "#a").record, said("x", "#b").record, kept("#x").record]
    for seq, record in enumerate(records, 1):
        names = histories_of(record)
        row = (seq, clock.now + 5_000, len(names) << 2, encode_record(record).decode(), '["x"]')
        connection.execute(
            "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, NULL)", (*row, names[0] if names else None)
        )
    connection.close()

    async def go_on() -> None:
        journal = SQLiteJournal(path, clock)
        assert journal.last_time == clock.now + 5_000
        keeper = Keeper(journal)
        entries = await keeper.keep(said("y", "#a"), said("y", "#c"), said("y", "#a"))
        times = [entry.time - clock.now for entry in entries]
        assert times == [6_000, 5_000, 7_000]
        await journal.stop()

    asyncio.run(go_on())


@pytest.fixture
def connection(path: Path) -> apsw.Connection:
    """Return a database in which there is nothing yet."""
    return apsw.Connection(str(path))


def test_a_new_one_is_ours_and_has_an_id_and_a_key(connection: apsw.Connection) -> None:
    migrations.check(connection)
    assert migrations.identity(connection) == ("", 0, 0)
    migrations.migrate(connection)
    migrations.check(connection)
    id, seq, time = migrations.identity(connection)
    assert (len(id), seq, time) == (36, 0, 0)
    assert connection.execute("PRAGMA application_id").get == int.from_bytes(b"Hubb", "big")
    assert connection.execute("SELECT length(value) FROM meta WHERE name = 'msgid key'").get == 16
    # Once more changes nothing.
    migrations.migrate(connection)
    assert migrations.identity(connection)[0] == id


def test_no_two_have_one_id(connection: apsw.Connection) -> None:
    other = apsw.Connection(":memory:")
    for one in (connection, other):
        migrations.migrate(one)
    assert migrations.identity(connection)[0] != migrations.identity(other)[0]


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("CREATE TABLE moz_places (id)", "another program's database"),
        ("PRAGMA application_id = 7", "another program's database"),
        ("PRAGMA user_version = 1", "another program's database"),
    ],
)
def test_anothers_is_left_alone(connection: apsw.Connection, sql: str, sentence: str) -> None:
    connection.execute(sql)
    with pytest.raises(JournalUnusable, match=sentence):
        migrations.check(connection)


@pytest.mark.parametrize("version", [codec.VERSION + 1, "none"])
def test_records_of_a_newer_one_are_not_read(connection: apsw.Connection, version: object) -> None:
    migrations.migrate(connection)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'records'", (str(version),))
    connection.execute("UPDATE meta SET value = CAST(value AS INT) WHERE value + 0 > 0")
    with pytest.raises(JournalUnusable, match="records of a newer hubbub"):
        migrations.check(connection)


def test_what_was_read_by_this_one_is_of_its_version_from_then_on(
    connection: apsw.Connection,
) -> None:
    migrations.migrate(connection)
    connection.execute("UPDATE meta SET value = 1 WHERE name = 'records'")
    migrations.migrate(connection)
    found = connection.execute("SELECT value FROM meta WHERE name = 'records'").get
    assert found == codec.VERSION


def test_a_step_that_fails_is_not_half_done(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = "CREATE TABLE half (done); CREATE TABLE half (done)"
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, bad))
    with pytest.raises(apsw.SQLError):
        migrations.migrate(connection)
    assert connection.execute("PRAGMA user_version").get == len(migrations.STEPS) - 1
    assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchall() == []
