"""The thread that writes: no room, no lock, no file, no disk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import apsw
import pytest

from hubbub.journal.database import file as database
from hubbub.journal.port import JournalBroken, JournalFull
from hubbub.journal.questions import Page
from hubbub.journal.sqlite import writer
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.behind import at_rest, make, rows
from tests.journal.disk import Disk, failing_disk
from tests.journal.keeper import EVERYTHING, Keeper, ManualClock, said, texts


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
        # A batch may have been taken in parts, of which one found room: until not one draft does.
        while await keeper.keep(draft):
            pass
        failed = len(keeper.failures)
        assert all(type(error) is JournalFull for _, error in keeper.failures)
        written = len(keeper.entries)
        journal.refuse(1)
        journal.forget("#b")
        await keeper.keep(*[draft] * size)
        assert len(keeper.failures) == failed + size
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


@asynccontextmanager
async def on_disk(path: Path, disk: Disk) -> AsyncIterator[tuple[SQLiteJournal, Keeper]]:
    """Open a journal that has one record, and close it when the disk is well again."""
    journal = SQLiteJournal(path)
    keeper = Keeper(journal)
    await keeper.keep(said("before", "#a"))
    try:
        yield journal, keeper
    finally:
        disk.fails.clear()
        await journal.stop()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until the writer's thread has come to something that it tells nobody."""
    while not is_so():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


@pytest.fixture
def _looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LOOK_SECONDS", 0.01)


def test_after_a_failed_write_it_takes_nothing_although_the_disk_is_well_again(
    path: Path,
) -> None:
    async def check() -> None:
        with failing_disk() as disk:
            async with on_disk(path, disk) as (journal, keeper):
                disk.fails["sync", "-wal"] = apsw.IOError
                await keeper.keep(said("lost", "#a"))
                disk.fails.clear()
                journal.refuse(1)
                await keeper.keep(said("after", "#a"))
                (_, error), (_, again) = keeper.failures
                assert (type(error), again) == (JournalBroken, error)
                assert "nobody knows what became of its last records: the disk failed" in str(error)
                assert journal.troubles() == {"journal": f"failed: {error}"}
                assert journal.figures().failed
        assert rows(path, "SELECT count(*) FROM refused") == [(0,)]

    asyncio.run(check())


def test_a_disk_that_fails_in_maintenance_is_told_of_before_anybody_writes(path: Path) -> None:
    async def check() -> None:
        with failing_disk() as disk:
            async with on_disk(path, disk) as (journal, keeper):
                disk.fails["write", ""] = apsw.IOError
                # What is erased has to go from the log: into the database, which cannot be written.
                journal.erase([1])
                error = await keeper.told()
                assert (type(error), keeper.failures) == (JournalBroken, [])

    asyncio.run(check())


@pytest.mark.usefixtures("_looking_often")
def test_room_is_seen_while_nobody_writes(path: Path) -> None:
    async def check() -> None:
        with failing_disk() as disk:
            async with on_disk(path, disk) as (journal, keeper):
                disk.fails["write", "-wal"] = apsw.FullError
                await keeper.keep(said("no room", "#a"))
                assert type(keeper.failures[0][1]) is JournalFull
                assert journal.figures().is_full
                no_room = "FULL, takes nothing: there is no room for the journal on its disk"
                assert journal.troubles() == {"journal": no_room}
                # It looks in vain, some times.
                await asyncio.sleep(0.05)
                assert journal.figures().is_full
                disk.fails.clear()
                await until(lambda: not journal.figures().is_full)
                assert texts(await keeper.keep(said("room", "#a"))) == ["room"]

    asyncio.run(check())


@pytest.mark.usefixtures("_looking_often")
def test_what_is_to_be_done_beside_waits_for_room_and_nobody_is_told(path: Path) -> None:
    async def check() -> None:
        with failing_disk() as disk:
            async with on_disk(path, disk) as (journal, keeper):
                disk.fails["write", "-wal"] = apsw.FullError
                journal.refuse(1)
                await until(lambda: journal.figures().is_full)
                disk.fails.clear()
                await until(lambda: rows(path, "SELECT seq FROM refused") == [(1,)])
                assert keeper.errors == []

    asyncio.run(check())


@pytest.mark.usefixtures("_looking_often")
def test_a_disk_that_fails_where_room_is_looked_for_is_told_of(path: Path) -> None:
    async def check() -> None:
        with failing_disk() as disk:
            async with on_disk(path, disk) as (_, keeper):
                disk.fails["write", "-wal"] = apsw.FullError
                await keeper.keep(said("no room", "#a"))
                disk.fails["write", "-wal"] = apsw.IOError
                await until(lambda: len(keeper.errors) > 1)
                assert [type(error) for error in keeper.errors] == [JournalFull, JournalBroken]

    asyncio.run(check())


@pytest.mark.usefixtures("_looking_often")
@pytest.mark.parametrize("is_saved", [True, False])
def test_a_file_that_is_taken_away_is_told_of_and_saved_where_that_can_be(
    path: Path, is_saved: bool
) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        await keeper.keep(said("whisper", "#a"))
        rescued = path.with_name("journal.sqlite-rescued")
        if not is_saved:
            rescued.write_text("of an earlier time")
        os.unlink(path)
        error = await keeper.told()
        assert "journal.sqlite was deleted while the server had it open" in str(error)
        await until(lambda: not is_saved or rescued.exists())
        await journal.stop()
        assert (b"whisper" in rescued.read_bytes()) == is_saved

    asyncio.run(check())


@pytest.mark.usefixtures("_looking_often")
def test_a_mark_that_is_removed_is_made_anew(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(said("x", "#a"))
        mark = path.with_name("journal.sqlite-mark")
        text = mark.read_text()
        os.unlink(mark)
        await until(lambda: mark.exists() and bool(mark.read_text()))
        assert mark.read_text() == text
        await journal.stop()

    asyncio.run(check())


def test_a_history_that_leads_the_clock_is_told_of(path: Path) -> None:
    async def check() -> None:
        clock = ManualClock()
        journal = SQLiteJournal(path, clock)
        await Keeper(journal).keep(*[said("x", "#busy")] * 1_500)
        assert journal.troubles()["times"].startswith("1.5 s ahead of the clock")
        clock.now += 1_000_000
        assert journal.troubles() == {}
        await journal.stop()

    asyncio.run(check())


def test_what_is_damaged_is_told_of_while_it_goes_on(path: Path) -> None:
    make(path)

    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        # An index whose end is gone: only what goes through it meets that.
        with apsw.Connection(str(path)) as other:
            page = other.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'refused'").get
            size = other.execute("PRAGMA page_size").get
        assert isinstance(page, int)
        assert isinstance(size, int)
        with path.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\xff" * size)
        journal.refuse(1)
        assert texts(await keeper.keep(said("goes on", "#a"))) == ["goes on"]
        assert "part of the database is damaged" in journal.troubles()["damage"]
        await journal.stop()

    asyncio.run(check())


def test_what_is_put_before_the_end_is_written(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        for number in range(10):
            journal.append(said(str(number), "#a"))
        await journal.stop()
        assert texts(keeper.entries) == [str(number) for number in range(10)]

    asyncio.run(check())
    assert rows(path, "SELECT count(*) FROM record") == [(10,)]
