"""Watching the database's files while they are open: what is written to a deleted one is gone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from hubbub.journal.port import JournalBroken

_SUFFIXES: Final = ("", "-wal", "-shm")


class Watch:
    """Know the files of an open database, and see when somebody removes or changes one."""

    def __init__(self, path: Path) -> None:
        """Take the files as they are. Raise OSError where one is missing."""
        self._path = path
        self._names = [f"{path}{suffix}" for suffix in _SUFFIXES]
        self._ids = [self._id(os.stat(name)) for name in self._names]
        self._size = self._log_size = 0
        self.check()

    def check(self) -> None:
        """Raise JournalBroken where a file is another one by now, or shorter than it was."""
        sizes = []
        for name, id in zip(self._names, self._ids, strict=True):
            try:
                here = os.stat(name)
            except OSError as error:
                gone = isinstance(error, FileNotFoundError)
                raise self._broken(name, "deleted" if gone else f"hidden ({error})") from None
            if self._id(here) != id:
                raise self._broken(name, "replaced by another file")
            sizes.append(here.st_size)
        if sizes[0] < self._size:
            raise self._broken(self._names[0], "cut short")
        if sizes[1] < self._log_size:
            raise self._broken(self._names[1], "cut short")
        self._size, self._log_size = sizes[0], sizes[1]

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
