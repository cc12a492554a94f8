"""Copying the write-ahead log into the database, while commits go on.

A thread with a connection of its own copies the bulk. What was committed meanwhile is little, and
the writer copies it itself, so that its next commit can begin the log anew.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import apsw

from hubbub.journal.database import file

PAGES: Final = 4_000
"""Pages written since the last checkpoint that ask for the next: 16 MiB."""
LOOK_PAGES: Final = 128
"""After so many pages each it is looked whether the disk has room to copy them: half a MiB."""
READER_MILLISECONDS: Final = 20
"""How long to wait for readers of the log, which keep it from being emptied."""
RETRY_SECONDS: Final = 1.0
"""How long to leave the log alone after readers kept it from being emptied."""


class Checkpointer:
    """Keep the write-ahead log short; used by the writer's thread only."""

    def __init__(self, path: Path, writer: apsw.Connection, wake: Callable[[], None]) -> None:
        """Serve the database at `path`, which `writer` writes; `wake` says that more is due."""
        self._path = path
        self._writer = writer
        self._written = 0
        self._look_at, self._is_tight = LOOK_PAGES, False
        self._page_bytes = int(str(writer.execute("PRAGMA page_size").get))
        self._wake = wake
        self._is_shredding = False
        self._shred_at = 0.0
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._is_copying = False
        self._is_copied = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoint", daemon=True)
        self._thread.start()

    @property
    def due(self) -> bool:
        """Say whether `advance` has something to do."""
        if self._is_copying:
            return self._is_copied.is_set()
        if self._is_shredding and time.monotonic() >= self._shred_at:
            return True
        written = self._pages() - self._written
        if written >= self._look_at:
            # Where the log takes all the room that there is, the database cannot take it up.
            self._look_at = written + LOOK_PAGES
            disk = os.statvfs(self._path.parent)
            self._is_tight = disk.f_bavail * disk.f_frsize < 2 * written * self._page_bytes
        return written >= PAGES or self._is_tight

    @property
    def is_shredding(self) -> bool:
        """Say whether erased text may stand in the log."""
        return self._is_shredding

    def shred(self) -> None:
        """Ask for a checkpoint that empties the log: erased text stands there as it was written."""
        self._is_shredding = True
        self._shred_at = 0.0

    def advance(self) -> None:
        """Ask for the bulk, or copy the rest. Raise apsw.Error as SQLite says."""
        if not self._is_copying:
            self._is_copying = True
            self._is_copied.clear()
            self._asked.put(True)
            return
        self._is_copying = False
        self._written = self._pages()
        self._look_at, self._is_tight = LOOK_PAGES, False
        if self._is_shredding:
            self._shred_at = time.monotonic() + RETRY_SECONDS
            self._empty()
            self._is_shredding = False
        else:
            self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def finish(self) -> None:
        """End the thread, and empty the log if no reader holds it. Raise apsw.Error as above."""
        self._asked.put(False)
        self._thread.join()
        self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def _empty(self) -> None:
        """Empty the log. Raise BusyError when a reader holds it: commits must not wait for that."""
        self._writer.set_busy_timeout(READER_MILLISECONDS)
        try:
            self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        finally:
            self._writer.set_busy_timeout(file.BUSY_MILLISECONDS)

    def _pages(self) -> int:
        return self._writer.status(apsw.SQLITE_DBSTATUS_CACHE_WRITE)[0]

    def _run(self) -> None:
        while self._asked.get():
            try:
                connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE)
                try:
                    connection.set_busy_timeout(file.BUSY_MILLISECONDS)
                    connection.execute("PRAGMA synchronous = FULL")
                    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                finally:
                    connection.close()
            except apsw.Error:
                # The log stays as it is: the writer meets the same error, and judges it.
                pass
            self._is_copied.set()
            if self._is_shredding:
                # Nobody else may write for long, and what was erased is not to wait for that.
                self._wake()
