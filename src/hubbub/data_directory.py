"""The data directory: made, private, writable, and used by one server at a time."""

import fcntl
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from hubbub.settings import SettingsError

LOCK_NAME = "hubbub.lock"


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
            raise SettingsError(
                f"data_dir {path} cannot be written: {reason}; make it a directory that this user "
                "may write, or choose another with --data"
            ) from None
        self._take()

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
            raise SettingsError(
                f"data_dir {self.path} is in use by another server (process {holder or 'unknown'});"
                " stop it, or choose another directory with --data"
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)
