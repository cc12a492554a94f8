"""A copy of the whole database, made while it is written, and put in a place where none is open."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import apsw

from hubbub.journal.database import mark
from hubbub.journal.database.file import MODE, connect_for_reading, explained
from hubbub.journal.database.migrations import check, identity
from hubbub.journal.port import JournalUnusable


class JournalExtent(NamedTuple):
    """Say of which journal a copy is, and how far it goes: its last seq and that one's time."""

    id: str
    seq: int
    time: int


def duplicate(path: Path, into: Path) -> None:
    """Write all that the journal at `path` holds at one moment into a new file (mode 0600).

    Who writes the journal is not held up. What was erased is not in it. It reads and writes all
    there is, so it is for a thread of its own. Raise JournalUnusable, and leave nothing then.
    """
    # Made first, so that nobody else can read it at any moment; SQLite takes an empty file.
    os.close(os.open(into, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))
    try:
        with explained(path):
            connection = connect_for_reading(path)
            try:
                connection.execute("VACUUM INTO ?", (str(into),)).fetchall()
            finally:
                connection.close()
    except BaseException:
        into.unlink(missing_ok=True)
        raise


def examine(path: Path) -> JournalExtent:
    """Return what a copy holds. Raise JournalUnusable where it is no journal of ours."""
    with explained(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            check(connection)
            found = JournalExtent(*identity(connection))
        finally:
            connection.close()
    if not found.id:
        raise JournalUnusable(f"journal {path}: it is empty")
    return found


def msgid_key(path: Path) -> bytes:
    """Return by which key a journal, that no process has open, names its entries.

    Raise JournalUnusable.
    """
    with explained(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            key = connection.execute("SELECT value FROM meta WHERE name = 'msgid key'").get
        finally:
            connection.close()
    if not isinstance(key, bytes):
        raise JournalUnusable(f"journal {path}: its msgid key is missing; restore a backup")
    return key


def put_in_place(copy: Path, path: Path) -> None:
    """Let a copy be the journal at `path`, which no process has open; what was there is gone.

    Raise JournalUnusable or OSError; until the copy has its name the journal is as it was.
    """
    found = examine(copy)
    _sync(copy)
    # They are of what was there, and a log that is read into another file would ruin it.
    for suffix in ("-wal", "-shm", mark.SUFFIX):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    copy.replace(path)
    _sync(path.parent)
    # It says that nothing was told of which is not in the copy: no msgid has to be told apart.
    marks = mark.MarkFile(path, found.id)
    marks.write(found.seq, found.time, clean=True)
    marks.sync()
    marks.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
