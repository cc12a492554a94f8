"""A copy of a journal as it was at one moment, whoever writes it meanwhile; files that go with it.

The copy is a database like the journal, with a table of its own for what else makes a server:

    backup_file   the files that belong to it, such as keys, by their names in the data directory
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from hubbub.journal.database.file import BUSY_MILLISECONDS, MODE, explained
from hubbub.journal.database.migrations import check
from hubbub.journal.port import JournalDamaged, JournalUnusable

PAGES: Final = 1_000
"""Pages that are copied between two words of how far it is: 4 MiB."""
FAULTS: Final = 3
"""Faults of a damaged copy that are named."""

_TABLE: Final = "CREATE TABLE backup_file (name TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT"

Progress = Callable[[int, int], None]
"""Take how many pages of how many are copied."""


def copy(source: Path, target: Path, told: Progress) -> None:
    """Copy the journal at `source` to a new file, durably, and look whether the copy is whole.

    Raise JournalDamaged where it is not, other JournalUnusable where one of them cannot be used,
    and OSError. What was made of `target` is then its maker's to remove.
    """
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))
    with explained(source), _opened(source) as connection:
        check(connection)
        with explained(target):
            _copy(connection, target, told)
    _look_through(target)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def put_files(copy: Path, files: Mapping[str, bytes]) -> None:
    """Put files beside the journal in a copy of it. Raise JournalUnusable."""
    with explained(copy), _connected(copy, apsw.SQLITE_OPEN_READWRITE) as connection:
        connection.execute("BEGIN")
        connection.execute(_TABLE)
        connection.executemany("INSERT INTO backup_file VALUES (?, ?)", list(files.items()))
        connection.execute("COMMIT")


def take_files(copy: Path) -> dict[str, bytes]:
    """Take the files out of a copy, which is a plain journal then. Raise JournalUnusable."""
    with explained(copy), _connected(copy, apsw.SQLITE_OPEN_READWRITE) as connection:
        found = _files(connection)
        # Keys are not to stay in a page that is free.
        connection.execute("PRAGMA secure_delete = ON").fetchall()
        connection.execute("DROP TABLE IF EXISTS backup_file")
    return found


def _files(connection: apsw.Connection) -> dict[str, bytes]:
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'backup_file'"
    if connection.execute(known).get is None:
        return {}
    rows = connection.execute("SELECT name, data FROM backup_file")
    found = {str(name): bytes(data) for name, data in rows if isinstance(data, bytes)}
    for name in found:
        # It may come from anywhere: no name leads out of a directory, or hides in it.
        if os.path.basename(name) != name or name.startswith("."):
            raise JournalUnusable(f"it holds a file {name!r}, which is no name; take another copy")
    return found


def _copy(source: apsw.Connection, target: Path, told: Progress) -> None:
    """Copy all pages as they are now, and leave one file behind."""
    # One moment for all of it: without this, who writes between two steps has it begin anew.
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    with _connected(target, apsw.SQLITE_OPEN_READWRITE) as copied:
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            copied.execute(f"PRAGMA {pragma}").fetchall()
        with copied.backup("main", source, "main") as backup:
            while not backup.done:
                backup.step(PAGES)
                told(backup.page_count - backup.remaining, backup.page_count)
    # Opened anew, for until then it does not know that it is of the kind with a log.
    with _connected(target, apsw.SQLITE_OPEN_READWRITE) as copied:
        copied.execute("PRAGMA journal_mode = DELETE").fetchall()


def _look_through(copy: Path) -> None:
    faults: list[str] = []
    with explained(copy), _connected(copy, apsw.SQLITE_OPEN_READONLY) as connection:
        try:
            rows = connection.execute(f"PRAGMA quick_check({FAULTS})")
            faults += (str(fault) for (fault,) in rows)
        except apsw.CorruptError as error:
            # It says what it found, and then fails itself.
            faults.append(str(error))
    if faults != ["ok"]:
        raise JournalDamaged(f"what was copied is damaged ({'; '.join(faults)})")


@contextmanager
def _opened(source: Path) -> Iterator[apsw.Connection]:
    """Open a journal that may be in use, and leave beside it what was there."""
    has_log = os.path.exists(f"{source}-wal")
    with _connected(source, apsw.SQLITE_OPEN_READWRITE) as connection:
        if has_log:
            # Whose process was killed: the next start judges its log, and copies it.
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        yield connection


@contextmanager
def _connected(path: Path, flags: int) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(path), flags=flags)
    try:
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        yield connection
    finally:
        connection.close()
