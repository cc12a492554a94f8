"""What cannot be opened, and whose the file is."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from hubbub.journal import codec
from hubbub.journal.database import migrations
from hubbub.journal.database.file import DatabaseFile, connect_for_reading, explained, rescue
from hubbub.journal.port import JournalDamaged, JournalLost, JournalUnusable, JournalWaits
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.behind import change, make
from tests.journal.keeper import Keeper, said


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
        (newer_schema, r"newer hubbub \(schema 5, this one knows 4\); run the newer one"),
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


@contextlib.contextmanager
def no_descriptors() -> Iterator[None]:
    """Let this process open nothing more."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, limits[1]), limits[1]))
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        yield
    finally:
        for number in taken:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_without_descriptors_it_can_be_tried_again(path: Path) -> None:
    make(path)
    for open_it in (DatabaseFile, connect_for_reading):
        with pytest.raises(JournalWaits, match="no file descriptors are left"), no_descriptors():
            open_it(path)
    DatabaseFile(path).close()


@pytest.mark.parametrize(
    ("number", "kind", "sentence"),
    [
        (errno.ENOSPC, JournalWaits, "there is no room on its disk"),
        (errno.EROFS, JournalUnusable, r"it cannot be written \(Read-only file system\)"),
    ],
)
def test_a_mark_that_cannot_be_made_lets_nothing_be_opened(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[JournalUnusable],
    sentence: str,
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as context:
        context.setattr(os, "posix_fallocate", refuse)
        with pytest.raises(JournalUnusable, match=sentence) as caught:
            DatabaseFile(path)
    assert type(caught.value) is kind
    # Nothing of it stays locked.
    DatabaseFile(path).close()


def test_a_disk_that_cannot_do_what_is_needed_is_told_of(path: Path) -> None:
    usual = apsw.vfs_names()[0]
    apsw.set_default_vfs("memdb")
    try:
        with pytest.raises(JournalUnusable, match="its file system cannot do WAL"):
            DatabaseFile(path)
    finally:
        apsw.set_default_vfs(usual)


def fill(path: Path, count: int) -> None:
    async def keep() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(*[said("more", "#a")] * count)
        await journal.stop()

    asyncio.run(keep())


def lose(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def go_back(path: Path) -> None:
    """Put an older copy there."""
    older = path.with_name("older")
    shutil.copy(path, older)
    fill(path, 5)
    older.rename(path)


def swap(path: Path) -> None:
    """Put another server's there, which is longer."""
    other = path.with_name("other.sqlite")
    make(other)
    fill(other, 5)
    other.rename(path)


def restart(path: Path) -> None:
    """Put one there in which nothing was ever written."""
    other = path.with_name("other.sqlite")
    DatabaseFile(other).close()
    connection = apsw.Connection(str(path))
    id = connection.execute("SELECT value FROM meta WHERE name = 'id'").get
    connection.close()
    connection = apsw.Connection(str(other))
    connection.execute("UPDATE meta SET value = ? WHERE name = 'id'", (id,))
    connection.close()
    other.rename(path)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lose, "it is missing or empty, and had 201 records, up to 20.*UTC; restore it"),
        (empty, "it is missing or empty, and had 201 records"),
        (go_back, r"5 records are missing .* all after 20.* \(records 202 to 206\)"),
        (swap, "it is not the one that was here, which had 201 records"),
        (restart, r"201 records are missing .* all after the beginning up to 20"),
    ],
)
def test_what_its_mark_tells_more_of_is_lost_until_that_is_accepted(
    path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    make(path)
    spoil(path)
    for _ in range(2):
        with pytest.raises(JournalLost, match=sentence):
            DatabaseFile(path)
    accepted = DatabaseFile(path, accept_loss=True)
    assert accepted.mark is not None
    accepted.close()


def test_a_copy_holds_all_that_the_open_one_did(path: Path) -> None:
    make(path)
    file = DatabaseFile(path)
    path.unlink()
    with pytest.raises(JournalUnusable, match="rescued holds less than there was"):
        rescue(path, file.connection, 202)
    with pytest.raises(FileExistsError):
        rescue(path, file.connection, 201)
    os.unlink(f"{path}-rescued")
    assert rescue(path, file.connection, 201) == f"{path}-rescued"
    file.close()
    os.rename(f"{path}-rescued", path)
    DatabaseFile(path).close()


def raise_explained(path: Path, error: Exception) -> None:
    with explained(path):
        raise error


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (apsw.NotADBError(), JournalUnusable, "it is not a database"),
        (apsw.CorruptError("torn"), JournalDamaged, r"it is corrupt \(torn\); restore a backup"),
        (apsw.CantOpenError("no"), JournalUnusable, r"it cannot be opened \(no\); let this user"),
        (apsw.ReadOnlyError("no"), JournalUnusable, r"it cannot be written \(no\); let this user"),
        (apsw.FullError(), JournalWaits, "there is no room on its disk; make some"),
        (apsw.BusyError(), JournalWaits, "another program has it locked; stop that one"),
        (apsw.LockedError(), JournalWaits, "another program has it locked; stop that one"),
        (apsw.IOError("bad"), JournalUnusable, r"it cannot be used \(bad\); check the disk"),
        (JournalDamaged("it is bad"), JournalDamaged, "it is bad"),
        (JournalLost("journal x: it is gone"), JournalLost, "it is gone"),
    ],
)
def test_what_sqlite_says_is_explained(
    path: Path, error: Exception, kind: type[JournalUnusable], sentence: str
) -> None:
    with pytest.raises(JournalUnusable, match=rf"^journal [^:]+: {sentence}") as caught:
        raise_explained(path, error)
    assert type(caught.value) is kind


def test_who_only_reads_writes_nothing(path: Path) -> None:
    make(path)
    connection = connect_for_reading(path)
    with pytest.raises(JournalUnusable, match="it cannot be written"), explained(path):
        connection.execute("DELETE FROM record")
    connection.close()
    with pytest.raises(JournalUnusable, match="it cannot be opened"):
        connect_for_reading(path.with_name("none.sqlite"))
