"""The data directory: made, private, writable, and used by one server at a time."""

import contextlib
import errno
import fcntl
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from hubbub.settings import NotNow, SettingsError

LOCK_NAME = "hubbub.lock"
PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE})
"""Errors of a disk that is full and a process without descriptors: these pass."""


class DataDirectory:
    """Hold a data directory for this process, from creation to `close` or the end of `with`."""

    def __init__(self, path: Path) -> None:
        """Make the directory (mode 0700) where there is none, test it, and lock it.

        Raises SettingsError when it cannot be made or written, or another server has it.
        """
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
            self._lock = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            reason = error.strerror or error
            if error.errno in PASSING:
                raise NotNow(f"data_dir {path} cannot be used now: {reason}; make room") from None
            raise SettingsError(
                f"data_dir {path} cannot be written: {reason}; make it a directory that this user "
                "may write, or choose another with --data"
            ) from None
        self._take()

    def hold(self) -> bool:
        """Lock the directory anew where the lock file was removed; say whether it was.

        Raise BlockingIOError where another server has locked it meanwhile, or OSError.
        """
        path = self.path / LOCK_NAME
        try:
            here, held = path.stat(), os.fstat(self._lock)
        except FileNotFoundError:
            pass
        else:
            if (here.st_dev, here.st_ino) == (held.st_dev, held.st_ino):
                return False
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise
        os.close(self._lock)
        self._lock = lock
        self._name_holder()
        return True

    def close(self) -> None:
        """Let another server have the directory."""
        os.close(self._lock)

    def __enter__(self) -> Self:
        """Return the directory, which is already held."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of the directory."""
        self.close()

    def _take(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._lock, 20, 0).decode("ascii", "replace").strip()
            os.close(self._lock)
            if not isinstance(error, BlockingIOError):
                reason = error.strerror or error
                raise SettingsError(
                    f"data_dir {self.path} cannot be locked: {reason}; choose one on a local disk"
                ) from None
            raise NotNow(
                f"data_dir {self.path} is in use by another server (process {holder or 'unknown'});"
                " stop it, or choose another directory with --data"
            ) from None
        self._name_holder()

    def _name_holder(self) -> None:
        """Write down whose it is, for who meets the lock. A full disk keeps nobody from that."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)


def holder_of(path: Path) -> str:
    """Return the process that has locked a data directory, as digits, "" where that is unknown."""
    try:
        text = (path / LOCK_NAME).read_text("ascii", "replace").strip()
    except OSError:
        return ""
    return text if text.isdecimal() else ""
