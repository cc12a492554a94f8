"""Watching the database's files while they are open: what is written to a deleted one is gone."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from hubbub.journal.port import JournalBroken

FRESH_SECONDS: Final = 0.05
"""How long a look at the file that holds no records (`-shm`) is as good as another."""

_SUFFIXES: Final = ("", "-wal", "-shm")


class Watch:
    """Know the files of an open database, and see when somebody removes or changes one."""

    def __init__(self, path: Path) -> None:
        """Take the files as they are. Raise OSError where one is missing."""
        self._path = path
        self._names = [f"{path}{suffix}" for suffix in _SUFFIXES]
        self._ids = [self._id(os.stat(name)) for name in self._names]
        self._size = self._log_size = 0
        self._looked_at = 0.0
        self.check()

    def check(self) -> None:
        """Raise JournalBroken where a file is another one by now, or shorter than it was."""
        self._size = self._look(0, self._size)
        self._log_size = self._look(1, self._log_size)
        self._look(2, 0)
        self._looked_at = time.monotonic()

    def check_before(self) -> None:
        """Raise as `check` does for a log that was cut short: a commit makes it long again.

        Each look gives up the interpreter's lock, which a busy loop is slow to hand back; so at the
        other files it looks only where that was a while ago.
        """
        if time.monotonic() - self._looked_at >= FRESH_SECONDS:
            self.check()
        else:
            self._log_size = self._look(1, self._log_size)

    def check_after(self) -> None:
        """Raise as `check` does for the two files that hold what a commit has written."""
        self._size = self._look(0, self._size)
        self._log_size = self._look(1, self._log_size)

    def _look(self, which: int, size: int) -> int:
        """Return the size of a file, which was so long before."""
        name = self._names[which]
        try:
            here = os.stat(name)
        except OSError as error:
            gone = isinstance(error, FileNotFoundError)
            raise self._broken(name, "deleted" if gone else f"hidden ({error})") from None
        if self._id(here) != self._ids[which]:
            raise self._broken(name, "replaced by another file")
        if here.st_size < size:
            raise self._broken(name, "cut short")
        return here.st_size

    @property
    def sizes(self) -> tuple[int, int]:
        """Return how many bytes the database and its write-ahead log had at the last look."""
        return self._size, self._log_size

    def log_shrank(self) -> None:
        """Let the write-ahead log be shorter than before: a checkpoint may have emptied it."""
        try:
            self._log_size = os.stat(self._names[1]).st_size
        except OSError:
            # The next check says so.
            return

    @staticmethod
    def _id(status: os.stat_result) -> tuple[int, int]:
        return status.st_dev, status.st_ino

    def _broken(self, name: str, what: str) -> JournalBroken:
        return JournalBroken(
            f"{name} was {what} while the server had it open; nobody was told of anything that was"
            " written since: put it back, or restore a backup, then start again"
        )
