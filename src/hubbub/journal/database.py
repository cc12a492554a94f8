"""The journal's file: opened for one process alone, checked, and explained where it cannot be."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from hubbub.journal.migrations import check, migrate
from hubbub.journal.port import JournalUnusable

MODE: Final = 0o600
BUSY_MILLISECONDS: Final = 5_000
CACHE_KIB: Final = 32_768

_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    # Checkpoints are the upkeep's business: they must not make a commit wait.
    "PRAGMA wal_autocheckpoint = 0",
    # What is erased is overwritten, not only unlinked.
    "PRAGMA secure_delete = ON",
    f"PRAGMA cache_size = -{CACHE_KIB}",
    # What an earlier process erased may still stand in the log that it left.
    "PRAGMA wal_checkpoint(TRUNCATE)",
)


class DatabaseFile:
    """Hold the journal's database: `connection` for the one that writes, and the lock."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it (mode 0600). Raise JournalUnusable with the reason and the mend."""
        self.path = path
        self._lock = _lock(path)
        try:
            with explained(path):
                self.connection = _connect(path)
        except BaseException:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Close the database and let another process have it."""
        try:
            self.connection.close()
        finally:
            os.close(self._lock)


def connect_for_reading(path: Path) -> apsw.Connection:
    """Return a connection that cannot write, and has every file open that it will need.

    Raise JournalUnusable as above.
    """
    with explained(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        # SQLite opens the write-ahead log with the first question.
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        return connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into JournalUnusable, in one sentence with the file and the mend."""
    try:
        yield
    except JournalUnusable as error:
        raise JournalUnusable(f"journal {path}: {error}") from None
    except apsw.NotADBError:
        reason = "it is not a database; move it away, or restore a backup"
    except apsw.CorruptError as error:
        reason = f"it is corrupt ({error}); restore a backup, or salvage it with sqlite3 .recover"
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError) as error:
        reason = f"it cannot be written ({error}); let this user write it and its directory"
    except apsw.FullError:
        reason = "there is no room on its disk; make some"
    except (apsw.BusyError, apsw.LockedError):
        reason = "another program has it locked; stop that one"
    except apsw.Error as error:
        reason = f"it cannot be used ({error}); check the disk, or restore a backup"
    else:
        return
    raise JournalUnusable(f"journal {path}: {reason}")


def _lock(path: Path) -> int:
    """Take the lock file beside the database, and make the database private to its owner."""
    try:
        lock = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
    except OSError as error:
        raise JournalUnusable(_unwritable(path, error)) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Before SQLite has it open: closing any descriptor of it would drop SQLite's own locks.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE))
        os.chmod(path, MODE)
    except BlockingIOError:
        os.close(lock)
        raise JournalUnusable(
            f"journal {path}: another process has it open; stop that one, or choose another "
            "data directory"
        ) from None
    except OSError as error:
        os.close(lock)
        raise JournalUnusable(_unwritable(path, error)) from None
    return lock


def _unwritable(path: Path, error: OSError) -> str:
    reason = error.strerror or error
    return (
        f"journal {path}: it cannot be written ({reason}); let this user write it and its directory"
    )


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    try:
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        check(connection)
        mode = connection.execute("PRAGMA journal_mode = WAL").get
        if mode != "wal":
            raise JournalUnusable("its file system cannot do WAL; choose a local disk")
        for pragma in _PRAGMAS:
            connection.execute(pragma).fetchall()
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection
