"""Reading all that can be read back, in a stable order, beside a server or without one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import apsw

from hubbub.core.records.entries import Entry
from hubbub.journal.archive.index import CONTEXT, EVENT, SAID
from hubbub.journal.codec import decode_record
from hubbub.journal.database.file import connect_for_reading, explained
from hubbub.journal.database.migrations import STEPS, check
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.names import histories_of
from hubbub.journal.port import JournalUnusable
from hubbub.journal.repair.reading import COLUMNS, StoredRow

AT_ONCE: Final = 1_000
"""Entries that are read at a time: nobody who writes waits for longer."""

_ALL: Final = (
    f"SELECT {COLUMNS} FROM record WHERE seq > ? AND seq <= ? AND refs > 0"
    " AND NOT (state = 0 AND body IS NULL) AND seq NOT IN (SELECT seq FROM refused)"
    f" ORDER BY seq LIMIT {AT_ONCE}"
)
_EDITS: Final = (
    f"SELECT {COLUMNS} FROM record WHERE seq > ? AND body IS NOT NULL"
    f" AND substr(data, 1, 6) = '[\"edit' ORDER BY seq LIMIT {AT_ONCE}"
)
_BEFORE_EDITS: Final = (
    "SELECT r.seq, r.time, r.lead, r.state, r.refs, r.data, e.was FROM edition AS e"
    " JOIN record AS r ON r.seq = e.seq WHERE e.was IS NOT NULL ORDER BY e.seq, e.by"
)
_PLACES: Final = (
    "SELECT time, seq FROM history WHERE target = ? AND said = ? AND (time, seq) > (?, ?)"
    f" AND seq <= ? ORDER BY time, seq LIMIT {AT_ONCE}"
)
_NAMED: Final = (
    f"SELECT {COLUMNS} FROM record WHERE seq IN (SELECT value FROM json_each(?)) AND refs > 0"
    " AND NOT (state = 0 AND body IS NULL) AND seq NOT IN (SELECT seq FROM refused)"
)
_EPOCH: Final = "msgid epoch "

Place = tuple[int, int]
"""The time and the seq of an entry."""


class Exported:
    """Read the journal at a path, or a backup, page by page; nothing is changed."""

    def __init__(self, path: Path) -> None:
        """Open it. Raise JournalUnusable, also where an older program wrote it."""
        self.path = path
        self._connection = connect_for_reading(path)
        try:
            with explained(path):
                check(self._connection)
                if self._connection.execute("PRAGMA user_version").get != len(STEPS):
                    raise JournalUnusable("an older hubbub wrote it; restore it and start it once")
                self._msgids = msgids_of(self._connection)
                found = self._connection.execute("SELECT max(seq) FROM record").get
                self.last_seq = found if isinstance(found, int) else 0
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    def everything(self, after: int, upto: int) -> Iterator[list[Entry]]:
        """Give all entries that are found in some history, between two seqs, in their order."""
        while True:
            with explained(self.path):
                rows = self._rows(_ALL, (after, upto))
            if not rows:
                return
            yield self._entries(rows)
            after = rows[-1].seq

    def edited(self) -> Iterator[list[Entry]]:
        """Give what is in no history: edits with their words, and messages as they were before."""
        after = 0
        while True:
            with explained(self.path):
                rows = self._rows(_EDITS, (after,))
            if not rows:
                break
            yield self._entries(rows)
            after = rows[-1].seq
        with explained(self.path):
            yield self._entries(self._rows(_BEFORE_EDITS, ()))

    def history(self, name: str, after: Place, upto: int) -> Iterator[list[Entry]]:
        """Give the entries of a history after a place, up to a seq, in the order of their places.

        That is how clients read it: by time.
        """
        while True:
            with explained(self.path):
                # First: what is in the index by the next line is there no more.
                newer = self._unindexed(name, after, upto)
                places = newer | {
                    place
                    for kind in (EVENT, SAID, CONTEXT)
                    for place in self._places(name, kind, after, upto)
                }
                first = sorted(places)[:AT_ONCE]
                if not first:
                    return
                rows = self._rows(_NAMED, (json.dumps([seq for _, seq in first]),))
            yield sorted(self._entries(rows), key=lambda entry: (entry.time, entry.seq))
            after = first[-1]

    def _unindexed(self, name: str, after: Place, upto: int) -> set[Place]:
        sql = "SELECT seq, time, data FROM record WHERE refs > 0 AND seq <= ? AND seq >"
        rows: Any = self._connection.execute(
            f"{sql} (SELECT value FROM meta WHERE name = 'indexed')", (upto,)
        )
        return {
            (time, seq)
            for seq, time, data in rows
            if (time, seq) > after and name in histories_of(decode_record(data))
        }

    def _places(self, name: str, said: int, after: Place, upto: int) -> Iterable[Place]:
        rows: Any = self._connection.execute(_PLACES, (name, said, *after, upto))
        return rows.fetchall()  # type: ignore[no-any-return]

    def _rows(self, sql: str, values: tuple[int | str, ...]) -> list[StoredRow]:
        rows: Any = self._connection.execute(sql, values)
        return [StoredRow(*row) for row in rows]

    def _entries(self, rows: Iterable[StoredRow]) -> list[Entry]:
        found = [(row, decoded) for row in rows if (decoded := row.decoded()) is not None]
        names = self._msgids.encode([row.seq for row, _ in found])
        return [
            Entry(row.seq, row.time, msgid, record, body, row.lead)
            for (row, (record, body)), msgid in zip(found, names, strict=True)
        ]


def msgids_of(connection: apsw.Connection) -> MsgidKey:
    """Return what names the entries of a journal. Raise apsw.Error as SQLite says."""
    key = connection.execute("SELECT value FROM meta WHERE name = 'msgid key'").get
    if not isinstance(key, bytes):
        raise apsw.CorruptError("the msgid key is missing")
    rows: Any = connection.execute(
        "SELECT name, value FROM meta WHERE name GLOB ?", (f"{_EPOCH}*",)
    )
    epochs = ((int(name.removeprefix(_EPOCH)), int(value)) for name, value in rows)
    return MsgidKey(key, sorted(epochs))
