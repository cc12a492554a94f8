"""What the writer does between commits, a slice at a time, so that no commit waits long.

Forgotten histories are deleted, records that nothing needs any more are dropped, the write-ahead
log is copied into the database, and what was said is taken into the index of words.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import apsw

from hubbub.journal.archive.erasing import Eraser
from hubbub.journal.archive.index import HistoryIndex
from hubbub.journal.archive.search.index import SearchIndex
from hubbub.journal.archive.tombstones import Tombstones
from hubbub.journal.database.checkpoint import Checkpointer
from hubbub.journal.database.transaction import transaction
from hubbub.journal.names import after_prefix, is_prefix

SLICE: Final = 1_000
"""Rows that one slice deletes: some milliseconds of work."""
LEAVING_SECONDS: Final = 1.0
"""How long a stop takes words that were erased out of the index at most."""


class Maintenance:
    """Keep the database small; used by the writer's thread only."""

    def __init__(
        self,
        path: Path,
        connection: apsw.Connection,
        tombstones: Tombstones,
        index: HistoryIndex,
        search: SearchIndex,
        wake: Callable[[], None],
    ) -> None:
        """Go on with what an earlier process left undone; `wake` says that there is more to do."""
        self._connection = connection
        self._tombstones = tombstones
        self._index = index
        self._search = search
        rows: list[Any] = connection.execute("SELECT target, upto FROM forgetting").fetchall()
        self._forgetting: list[tuple[str, int]] = rows
        for target, upto in self._forgetting:
            tombstones.forget_upto(target, upto)
        self._dropping = False
        self._checkpointer = Checkpointer(path, connection, wake)
        self.eraser = Eraser(connection, index)

    def is_pending(self, is_busy: bool = False) -> bool:
        """Say whether there is work; `is_busy` while records wait to be written."""
        if self._checkpointer.due or self._forgetting or self._dropping or self.eraser.is_due:
            return True
        return self._search.is_due(is_busy)

    def forget(self, history: str, upto: int) -> None:
        """Delete a history up to a seq; `forgetting` holds it already."""
        self._forgetting.append((history, upto))

    def drop_covered(self) -> None:
        """Drop what the older snapshot covers and no history shows."""
        self._dropping = True

    def shred(self) -> None:
        """Let nothing that was erased remain in the write-ahead log."""
        self._checkpointer.shred()

    def slice(self) -> None:
        """Do one slice of what is to be done. Raise apsw.Error as SQLite says."""
        if self._checkpointer.due:
            self._checkpointer.advance()
            if not self._checkpointer.is_shredding:
                self.eraser.over()
        elif self._forgetting:
            self._forget_some()
        elif self.eraser.is_reading:
            self.eraser.slice()
            self._search.look_for_leaving()
            # What is in no history by now goes with the rest that the snapshots cover.
            self._dropping = self._dropping or not self.eraser.is_reading
        elif self._dropping:
            self._drop_some()
        elif self.eraser.is_due and not self._search.is_leaving:
            self.eraser.finish()
            self.shred()
        elif self._search.is_due(is_busy=False) and self._search.slice():
            self.shred()

    def give_up(self) -> None:
        """Leave what was to be deleted next to the next start: it cannot be read."""
        if self._forgetting:
            del self._forgetting[0]
        else:
            self._dropping = False

    def finish(self) -> None:
        """Leave all of the index and a short log behind. Raise apsw.Error as SQLite says."""
        # What is missing of the index the next start reads again.
        index, connection = self._index, self._connection
        with contextlib.suppress(apsw.Error), index.settling(), transaction(connection):
            index.write()
        # What was erased stands in a table until its words have left; thousands are left to the
        # next start.
        stop_by = time.monotonic() + LEAVING_SECONDS
        with contextlib.suppress(apsw.Error):
            while self._search.is_leaving and time.monotonic() < stop_by:
                self._search.slice()
        self._checkpointer.finish()

    def _forget_some(self) -> None:
        room, done = SLICE, 0
        # One transaction: each costs a write to the disk, and most histories are a few rows.
        with self._index.settling(), transaction(self._connection):
            self._index.write()
            for target, upto in self._forgetting:
                deleted = self._delete(target, upto, room)
                # There may be more of it: its note stays until less is found than could be taken.
                if deleted == room:
                    break
                self._connection.execute(
                    "DELETE FROM forgetting WHERE target = ? AND upto <= ?", (target, upto)
                )
                done += 1
                room -= deleted + 1
                if room <= 0:
                    break
        # Not before the commit: a reader would see what a rollback brings back.
        for target, upto in self._forgetting[:done]:
            self._tombstones.forgotten(target, upto)
        del self._forgetting[:done]
        self._search.look_for_leaving()

    def _delete(self, target: str, upto: int, most: int) -> int:
        """Delete so many rows of a history at most; return how many there were."""
        where, bounds = _targets(target)
        self._connection.execute(
            "DELETE FROM history WHERE (target, said, time, seq) IN"
            f" (SELECT target, said, time, seq FROM history WHERE {where} AND seq <= ? LIMIT ?)",
            (*bounds, upto, most),
        )
        return self._connection.changes()

    def _drop_some(self) -> None:
        # Never the last record: its seq and time say where to go on after a start.
        self._connection.execute(
            "DELETE FROM record WHERE seq IN (SELECT seq FROM record WHERE refs = 0 AND"
            " seq <= (SELECT min(seq) FROM snapshot HAVING count(*) > 1)"
            " AND seq < (SELECT max(seq) FROM record)"
            f" ORDER BY seq LIMIT {SLICE})"
        )
        self._dropping = self._connection.changes() == SLICE


def _targets(target: str) -> tuple[str, tuple[str, ...]]:
    """Return the condition that a name of a history, or a prefix, stands for."""
    if not is_prefix(target):
        return "target = ?", (target,)
    first = target[:-1]
    end = after_prefix(first)
    assert end is not None, "a prefix ends with a stroke, which is not the last of all characters"
    return "target >= ? AND target < ?", (first, end)
