"""The journal in a file: what cannot be opened, what is full, what is erased."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from hubbub.journal import codec
from hubbub.journal.archive.filling import BATCH
from hubbub.journal.codec import encode_record
from hubbub.journal.database import checkpoint, migrations
from hubbub.journal.database import file as database
from hubbub.journal.names import histories_of
from hubbub.journal.port import JournalFull, JournalUnusable, Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper, ManualClock, joined, kept, said, texts


def make(path: Path) -> None:
    """Make a journal with a few records."""

    async def fill() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(*[said(str(n), "#a") for n in range(200)], kept("#a"))
        await journal.stop()

    asyncio.run(fill())


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Return what another connection reads."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [tuple(row) for row in connection.execute(sql)]
    finally:
        connection.close()


def change(path: Path, sql: str) -> None:
    """Change the database behind the journal's back."""
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    connection.close()


def garble(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 100)


def tear(path: Path) -> None:
    """Spoil every page but the first."""
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


def foreign(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY)")


def newer_schema(path: Path) -> None:
    change(path, f"PRAGMA user_version = {len(migrations.STEPS) + 1}")


def newer_records(path: Path) -> None:
    change(path, "UPDATE meta SET value = value + 1 WHERE name = 'records'")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (garble, "it is not a database; move it away, or restore a backup"),
        (tear, r"it is corrupt \(.*\); restore a backup"),
        (foreign, "it is another program's database; move it away"),
        (newer_schema, r"newer hubbub \(schema 4, this one knows 3\); run the newer one"),
        (newer_records, rf"newer hubbub \(version \d+, this one knows {codec.VERSION}\); run the"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_mend(
    path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    make(path)
    spoil(path)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(JournalUnusable, match=rf"^journal \S+/journal\.sqlite: .*{sentence}"):
            list(SQLiteJournal(path).load().entries)
    assert path.read_bytes() == before


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnusable, match=r"file/journal: it cannot be written \(Not a dir"):
        SQLiteJournal(tmp_path / "file" / "journal")
    with pytest.raises(JournalUnusable, match=r"none/journal: it cannot be written \(No such"):
        SQLiteJournal(tmp_path / "none" / "journal")


def test_one_process_has_it(path: Path) -> None:
    journal = SQLiteJournal(path)
    script = (
        "import sys, pathlib\nfrom hubbub.journal.sqlite.journal import SQLiteJournal\n"
        "SQLiteJournal(pathlib.Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", script, str(path)]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "another process has it open; stop that one" in second.stderr
    asyncio.run(journal.stop())
    subprocess.run(command, check=True)


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


def test_only_its_owner_can_read_it(path: Path) -> None:
    path.touch(0o666)

    async def check() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(said("secret", "#a"))
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        assert len(list(path.parent.iterdir())) > 2
        await journal.stop()

    asyncio.run(check())


def test_the_file_can_be_read_with_any_sqlite(path: Path) -> None:
    make(path)
    read = subprocess.run(
        ["sqlite3", path, "SELECT data ->> 3, body ->> 'text' FROM record WHERE seq = 5"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert read.stdout == "|4\n"


async def at_rest(journal: SQLiteJournal) -> None:
    """Wait until the writer leaves its connection alone, which a test may then use."""
    assert journal._writer is not None
    while not journal._writer._is_idle:  # noqa: ASYNC110 (a thread sets it)
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("size", [50, 2_500])
def test_a_full_database_refuses_and_goes_on_when_there_is_room(path: Path, size: int) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        connection = journal._store.file.connection
        pages = connection.execute("PRAGMA page_count").get
        assert isinstance(pages, int)
        connection.execute(f"PRAGMA max_page_count = {pages + size}").fetchall()
        keeper = Keeper(journal)
        draft = said("x" * 400, "#a", "#b")
        while not keeper.failures:
            await keeper.keep(*[draft] * size)
        assert len(keeper.failures) == size
        assert all(type(error) is JournalFull for _, error in keeper.failures)
        written = len(keeper.entries)
        journal.refuse(1)
        journal.forget("#b")
        await keeper.keep(*[draft] * size)
        assert len(keeper.failures) == size * 2
        assert len(keeper.entries) == written >= size
        await at_rest(journal)
        connection.execute("PRAGMA max_page_count = 100000").fetchall()
        (entry,) = await keeper.keep(said("room again", "#a", "#b"))
        assert entry.seq == written + 1
        archive = journal.archive()
        found = await archive.page(Page("#a", 100_000, EVERYTHING))
        assert found == keeper.entries[1:]
        assert texts(await archive.page(Page("#b", 10, EVERYTHING))) == ["room again"]
        await journal.stop()
        await archive.stop()

    asyncio.run(check())


def test_a_snapshot_that_finds_no_room_keeps_nobody_from_talking(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        connection = journal._store.file.connection
        pages = connection.execute("PRAGMA page_count").get
        assert isinstance(pages, int)
        connection.execute(f"PRAGMA max_page_count = {pages + 50}").fetchall()
        keeper = Keeper(journal)
        journal.save_snapshot(0, os.urandom(1_000_000))
        journal.refuse(1)
        (one,) = await keeper.keep(said("one", "#a"))
        assert rows(path, "SELECT seq FROM snapshot") == []
        await at_rest(journal)
        connection.execute("PRAGMA max_page_count = 100000").fetchall()
        journal.save_snapshot(one.seq, b"small")
        await keeper.keep(said("two", "#a"))
        assert rows(path, "SELECT seq, data FROM snapshot") == [(one.seq, b"small")]
        assert keeper.failures == []
        await journal.stop()

    asyncio.run(check())


def test_a_lock_of_another_program_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 10)

    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        other = apsw.Connection(str(path))
        other.execute("BEGIN IMMEDIATE")
        await keeper.keep(said("locked out", "#a"))
        ((_, error),) = keeper.failures
        assert type(error) is JournalFull
        assert "another program has the journal locked" in str(error)
        other.close()
        assert texts(await keeper.keep(said("unlocked", "#a"))) == ["unlocked"]
        await journal.stop()

    asyncio.run(check())


def test_what_is_forgotten_is_gone_from_the_file(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        await keeper.keep(
            *[said(f"whisper {n}", "#gone") for n in range(2_500)],
            joined("#gone", "#gone"),
            said("stays", "#kept"),
        )
        journal.forget("#gone")
        await until(path, "SELECT count(*) FROM forgetting", 0)
        await until(path, "SELECT count(*) FROM history", 1)
        assert rows(path, "SELECT count(*) FROM record WHERE body IS NOT NULL") == [(1,)]
        await journal.stop()

    asyncio.run(check())
    for file in path.parent.iterdir():
        assert b"whisper" not in file.read_bytes(), file
    assert b"stays" in path.read_bytes()


def held(path: Path, text: bytes) -> bool:
    """Say whether any file beside the journal holds these bytes, its log included."""
    return any(text in file.read_bytes() for file in path.parent.iterdir())


def test_what_is_erased_is_gone_from_every_file_while_it_runs(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "RETRY_SECONDS", 0.0)

    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        long, short, *_ = await keeper.keep(
            said("whisper " * 2_000, "#a"), said("whisper", "#a"), said("stays", "#a")
        )
        assert held(path, b"whisper")
        reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM record").fetchall()
        journal.erase([long.seq, short.seq])
        await until(path, "SELECT count(*) FROM record WHERE body IS NOT NULL", 1)
        await at_rest(journal)
        assert held(path, b"whisper")
        reader.close()
        while held(path, b"whisper"):
            # What readers kept is tried again between later commits.
            await keeper.keep(kept("#a"))
        assert held(path, b"stays")
        await journal.stop()

    asyncio.run(check())


async def until(path: Path, sql: str, number: int) -> None:
    """Wait until another connection sees a query give this number."""
    while rows(path, sql) != [(number,)]:  # noqa: ASYNC110
        # The writer's thread says nothing of its upkeep to anybody.
        await asyncio.sleep(0.01)


def test_a_single_snapshot_can_be_done_without(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        entries = await (keeper := Keeper(journal)).keep(kept("#a"), kept("#b"))
        journal.save_snapshot(entries[0].seq, b"world")
        await keeper.keep(said("afterwards"))
        await journal.stop()
        journal = SQLiteJournal(path)
        newest, without = journal.recoveries()
        # The message at the end is read again, lest it was refused and not marked.
        assert (newest.snapshot, list(newest.entries)[:-1]) == (b"world", entries[1:])
        assert (without.snapshot, list(without.entries)[:-1]) == (None, entries)
        await journal.stop()

    asyncio.run(check())


def test_what_two_snapshots_cover_is_dropped(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        entries = await keeper.keep(
            *[kept(f"#{n}") for n in range(2_500)],
            joined("#a", "#a"),
            said("kept", "#a"),
            said("to nobody"),
            *[kept("#x")] * 3,
        )
        journal.refuse(1)
        for seq in (entries[-3].seq, entries[-2].seq):
            journal.save_snapshot(seq, b"world")
        await until(path, "SELECT count(*) FROM record", 4)
        left = [entries[2_500], entries[2_501], entries[-2], entries[-1]]
        assert rows(path, "SELECT seq FROM record ORDER BY seq") == [(e.seq,) for e in left]
        assert rows(path, "SELECT * FROM refused") == []
        journal.save_snapshot(entries[-1].seq, b"new world")
        await until(path, "SELECT count(*) FROM record", 3)
        assert rows(path, "SELECT seq FROM snapshot") == [(e.seq,) for e in entries[-2:]]
        await journal.stop()
        journal = SQLiteJournal(path)
        recovery, older = journal.recoveries()
        assert recovery.snapshot == b"new world"
        assert older.snapshot == b"world"
        assert list(older.entries) == entries[-1:]
        assert recovery.last_seq == entries[-1].seq
        (entry,) = await Keeper(journal).keep(said("next"))
        assert entry.seq == entries[-1].seq + 1
        await journal.stop()

    asyncio.run(check())


def test_a_start_passes_over_messages_of_long_ago(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(kept("#a"), *[said("x", "#a")] * (BATCH + 10))
        await journal.stop()
        journal = SQLiteJournal(path)
        seqs = [entry.seq for entry in journal.load().entries]
        assert seqs == [1, *range(12, BATCH + 12)]
        await journal.stop()

    asyncio.run(check())
