"""The write-ahead log is copied, and emptied where something was erased."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from hubbub.journal.database import checkpoint
from hubbub.journal.database.checkpoint import Checkpointer
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.behind import at_rest, held, until
from tests.journal.disk import Disk, failing_disk
from tests.journal.keeper import Keeper, kept, said


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


@dataclass
class Logged:
    """A database whose log nobody else copies, and how often its writer was woken."""

    connection: apsw.Connection
    log: Path
    disk: Disk
    woken: threading.Semaphore

    def write(self, pages: int) -> None:
        """Write so many pages."""
        self.connection.execute("INSERT INTO page VALUES (zeroblob(?))", (pages * 4_096,))

    def checkpointer(self) -> Checkpointer:
        """Return what copies it."""
        path = Path(self.connection.db_filename("main"))
        return Checkpointer(path, self.connection, self.woken.release)


@pytest.fixture
def logged(path: Path) -> Iterator[Logged]:
    with failing_disk() as disk:
        connection = apsw.Connection(str(path))
        connection.execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0").fetchall()
        connection.execute("CREATE TABLE page (content BLOB)")
        log = path.with_name(f"{path.name}-wal")
        yield Logged(connection, log, disk, threading.Semaphore(0))
        connection.close()


def copied(one: Checkpointer) -> None:
    """Wait until the thread has copied."""
    assert one._is_copied.wait(10)


def test_many_pages_are_copied_and_the_log_begins_anew(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "PAGES", 50)
    one = logged.checkpointer()
    assert not one.due
    logged.write(60)
    assert one.due
    one.advance()
    copied(one)
    assert one.due
    one.advance()
    assert not one.due
    before = logged.log.stat().st_size
    logged.write(5)
    assert logged.log.stat().st_size == before
    one.finish()
    assert logged.log.stat().st_size == 0


def test_what_was_erased_is_copied_at_once_and_the_log_emptied(logged: Logged) -> None:
    one = logged.checkpointer()
    logged.write(3)
    one.shred()
    assert one.due
    one.advance()
    assert logged.woken.acquire(timeout=10)
    copied(one)
    one.advance()
    assert logged.log.stat().st_size == 0
    assert not one.due
    one.finish()


def test_a_reader_of_the_log_is_waited_for_later(logged: Logged, path: Path) -> None:
    reader = apsw.Connection(str(path))
    reader.execute("BEGIN; SELECT count(*) FROM page").fetchall()
    one = logged.checkpointer()
    logged.write(3)
    one.shred()
    one.advance()
    copied(one)
    with pytest.raises(apsw.BusyError):
        one.advance()
    # Not before a while is over.
    assert not one.due
    reader.close()
    one.finish()
    assert logged.log.stat().st_size == 0


def test_a_disk_that_fails_is_met_by_the_writer(logged: Logged) -> None:
    one = logged.checkpointer()
    logged.write(3)
    logged.disk.fails["write", ""] = apsw.IOError
    one.shred()
    one.advance()
    copied(one)
    with pytest.raises(apsw.IOError):
        one.advance()
    logged.disk.fails.clear()
    one.finish()
