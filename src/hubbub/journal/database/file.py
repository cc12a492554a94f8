"""The journal's file: opened for one process alone, checked, and explained where it cannot be."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from hubbub.journal.database import mark
from hubbub.journal.database.migrations import check, identity, is_shared, migrate
from hubbub.journal.database.watch import Watch
from hubbub.journal.port import JournalDamaged, JournalLost, JournalUnusable, JournalWaits

MODE: Final = 0o600
BUSY_MILLISECONDS: Final = 5_000
CACHE_KIB: Final = 32_768

_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    # Checkpoints are the maintenance's business: they must not make a commit wait.
    "PRAGMA wal_autocheckpoint = 0",
    # What is erased is overwritten, not only unlinked.
    "PRAGMA secure_delete = ON",
    f"PRAGMA cache_size = -{CACHE_KIB}",
)


class DatabaseFile:
    """Hold the journal's database: `connection` for the one that writes, the lock, and the mark.

    `mark` is what an earlier process had marked, None where nothing is known of one.
    """

    def __init__(self, path: Path, accept_loss: bool = False) -> None:
        """Open it, or make it (mode 0600). Raise JournalUnusable with the reason and the mend.

        Raise JournalLost where its mark tells of more than there is, unless that is accepted.
        """
        self.path = path
        self.mark = mark.read(path)
        self._lock = _lock(path, None if accept_loss else self.mark)
        try:
            with explained(path):
                self.connection = _connect(path, None if accept_loss else self.mark)
                self.watch = Watch(path)
                try:
                    self.marks = mark.MarkFile(path, identity(self.connection)[0])
                except OSError as error:
                    self.connection.close()
                    raise _unwritable(path, error) from None
        except BaseException:
            os.close(self._lock)
            raise

    def sync_by_itself(self) -> None:
        """Let commits no more be durable one by one, but with `sync_log`, and in their order."""
        self.connection.execute("PRAGMA synchronous = NORMAL")

    def sync_log(self) -> None:
        """Make all durable that has been committed. Raise OSError."""
        log = os.open(f"{self.path}-wal", os.O_RDWR | os.O_CLOEXEC)
        try:
            os.fdatasync(log)
        finally:
            os.close(log)

    def close(self) -> None:
        """Close the database and let another process have it."""
        try:
            self.marks.close()
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
        # It could not write what it would copy.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        # SQLite opens the write-ahead log with the first question.
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        return connection


def rescue(path: Path, connection: apsw.Connection, seq: int) -> str:
    """Copy an open database whose file is gone to a file beside it; return that one's name.

    Raise JournalUnusable where the copy does not hold the record `seq`, or apsw.Error or OSError.
    """
    rescued = f"{path}-rescued"
    os.close(os.open(rescued, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))
    copy = apsw.Connection(rescued)
    try:
        with copy.backup("main", connection, "main") as backup:
            backup.step()
        if identity(copy)[1] < seq:
            raise JournalUnusable(f"{rescued} holds less than there was")
    finally:
        copy.close()
    return rescued


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into JournalUnusable, in one sentence with the file and the mend."""
    try:
        yield
    except JournalUnusable as error:
        named = str(error).startswith("journal ")
        raise type(error)(str(error) if named else f"journal {path}: {error}") from None
    except apsw.InterruptError:
        # Nothing is wrong with the file: somebody wanted no more of it.
        raise
    except apsw.NotADBError:
        reason = "it is not a database; move it away, or restore a backup"
    except apsw.CorruptError as error:
        reason = f"it is corrupt ({error}); restore a backup, or salvage it with sqlite3 .recover"
        raise JournalDamaged(f"journal {path}: {reason}") from None
    except apsw.CantOpenError as error:
        if _no_descriptors():
            raise JournalWaits(f"journal {path}: {_NO_DESCRIPTORS}") from None
        reason = f"it cannot be opened ({error}); let this user write it and its directory"
    except (apsw.ReadOnlyError, apsw.PermissionsError) as error:
        reason = f"it cannot be written ({error}); let this user write it and its directory"
    except apsw.FullError:
        raise JournalWaits(f"journal {path}: there is no room on its disk; make some") from None
    except (apsw.BusyError, apsw.LockedError):
        reason = "another program has it locked; stop that one"
        raise JournalWaits(f"journal {path}: {reason}") from None
    except apsw.Error as error:
        reason = f"it cannot be used ({error}); check the disk, or restore a backup"
    else:
        return
    raise JournalUnusable(f"journal {path}: {reason}")


_NO_DESCRIPTORS: Final = (
    "no file descriptors are left; let this process have more (LimitNOFILE, ulimit -n)"
)
_ACCEPT: Final = (
    "restore it, or a backup; or keep a copy of the directory and start once with --accept-loss"
)


def _no_descriptors() -> bool:
    """Say whether this process, or the machine, has no file descriptors left."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    return False


def is_empty(path: Path) -> bool:
    """Say whether there is no database, or a file without a byte in it."""
    try:
        return os.stat(path).st_size == 0
    except FileNotFoundError:
        return True


def _lock(path: Path, known: mark.Mark | None) -> int:
    """Take the lock file beside the database, and make the database private to its owner.

    Raise JournalLost where there is none although there was one.
    """
    try:
        lock = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
    except OSError as error:
        raise _unwritable(path, error) from None
    # An flock, not SQLite's locks: those end with the first descriptor of the file that is closed,
    # and would let a second process write between two commits of the first.
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Only with the lock: another process may just be making it.
        if known is not None and known.seq and is_empty(path):
            raise JournalLost(
                f"journal {path}: it is missing or empty, and had {known.seq} records, up to "
                f"{mark.day(known.time)}; {_ACCEPT} to begin anew"
            )
        # Before SQLite has it open: closing any descriptor of it would drop SQLite's own locks.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE))
        os.chmod(path, MODE)
    except BlockingIOError:
        os.close(lock)
        raise JournalWaits(
            f"journal {path}: another process has it open; stop that one, or choose another "
            "data directory"
        ) from None
    except OSError as error:
        os.close(lock)
        raise _unwritable(path, error) from None
    except JournalLost:
        os.close(lock)
        raise
    return lock


def _unwritable(path: Path, error: OSError) -> JournalUnusable:
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return JournalWaits(f"journal {path}: {_NO_DESCRIPTORS}")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return JournalWaits(f"journal {path}: there is no room on its disk; make some")
    reason = error.strerror or error
    return JournalUnusable(
        f"journal {path}: it cannot be written ({reason}); let this user write it and its directory"
    )


def _connect(path: Path, known: mark.Mark | None) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    try:
        # Until it is known to be whole, nothing is to be lost of a log that may be mended.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        # Before anything is written: what is refused must stay as it was found.
        check(connection)
        # What a member of several lacks is in the log that they share.
        if known is not None and not is_shared(connection):
            _check_mark(known, *identity(connection))
        mode = connection.execute("PRAGMA journal_mode = WAL").get
        if mode != "wal":
            raise JournalUnusable("its file system cannot do WAL; choose a local disk")
        for pragma in _PRAGMAS:
            connection.execute(pragma).fetchall()
        migrate(connection)
        # What an earlier process erased may still stand in the log that it left; and who loses the
        # log is not to lose with it whose journal this is.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_mark(known: mark.Mark, id: str, seq: int, time: int) -> None:
    """Raise JournalLost where a mark tells of more than the journal holds."""
    if known.seq and id and id != known.id:
        raise JournalLost(
            f"it is not the one that was here, which had {known.seq} records; {_ACCEPT} to go on "
            "with this one"
        )
    # People were told of what is missing: its seqs are given again only when that was accepted.
    if known.seq > seq:
        raise JournalLost(
            f"{known.seq - seq} records are missing that people had been told of: all after "
            f"{mark.day(time) if seq else 'the beginning'} up to {mark.day(known.time)} (records "
            f"{seq + 1} to {known.seq}), for its write-ahead log is damaged or gone, or this is an "
            f"older copy; {_ACCEPT} to go on without them"
        )
