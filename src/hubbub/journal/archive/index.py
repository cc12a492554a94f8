"""The index of histories: where entries are found again, written for many of them at a time.

A row of the index goes where its history is, so that each commit would touch a page for each
channel that is talked in. So the newest entries are known in memory only, and their rows are
written together, sorted, when there are many: a history's rows then share a page.

    meta 'indexed'   the seq up to which the rows are in the database; a start reads the records
                     after it again
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import apsw

from hubbub.core.records.entries import Entry
from hubbub.journal import codec
from hubbub.journal.names import histories_of, is_prefix, is_said

DUE: Final = 2_000
"""With so many entries the next commit writes their rows. A start reads so many again, and those of
one commit."""
EVERYTHING: Final = 1 << 32
"""More entries than are ever not in the database's index."""
_ROWS: Final = 1_000
_STATEMENT: Final = (
    "INSERT OR IGNORE INTO history SELECT * FROM (VALUES "
    + ",".join(["(?,?,?,?)"] * _ROWS)
    + ") WHERE column1 IS NOT NULL"
)
_NEWEST: Final = (
    "SELECT max(time) FROM history WHERE target = ?1 AND said = 0"
    " UNION ALL SELECT max(time) FROM history WHERE target = ?1 AND said = 1"
)
_AFTER: Final = "SELECT seq, time, data FROM record WHERE seq {} ? AND refs > 0 ORDER BY seq"

Place = tuple[int, int]
"""The time and the seq of an entry in a history."""
Stretch = tuple[Place, Place]
"""Two places between which others are; both are left out."""


class HistoryIndex:
    """Know the histories of what is not in the database's index yet.

    The writer's thread changes it; those that read ask it before they ask the database, or they
    would miss what was written between. What they find in both they take once.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        """Take up what a process before left. Raise apsw.Error as SQLite says."""
        self._connection = connection
        self._lock = threading.Lock()
        self._places: dict[str, tuple[list[Place], list[Place]]] = {}
        self._seqs: dict[int, Sequence[str]] = {}
        self.damaged: set[str] = set()
        self.load()

    def load(self) -> None:
        """Read again the records whose rows are not written; what is damaged is not found."""
        execute = self._connection.execute
        found = execute("SELECT value FROM meta WHERE name = 'indexed'").get
        self._indexed = int(str(found))
        self._writing = self._last = self._indexed
        with self._lock:
            self._places.clear()
            self._seqs.clear()
            for seq, time, data in self._records():
                self._add(seq, time, codec.decode_record(data))

    def _records(self) -> Iterator[tuple[int, int, str]]:
        execute = self._connection.execute
        rows: Any
        try:
            rows = execute(_AFTER.format(">"), (self._indexed,)).fetchall()
        except apsw.CorruptError:
            last = execute("SELECT max(seq) FROM record").get
            for seq in range(self._indexed + 1, int(str(last)) + 1):
                try:
                    yield from execute(_AFTER.format("="), (seq,)).fetchall()  # type: ignore[misc]
                except apsw.CorruptError:
                    continue
        else:
            yield from rows

    # Writing

    @property
    def is_due(self) -> bool:
        """Say whether the next commit has to write the rows."""
        return self._last - self._indexed >= DUE

    def has(self, seq: int) -> bool:
        """Say whether an entry's rows are in the database, or written in this transaction."""
        return seq <= self._writing

    def add(self, entries: Iterable[Entry]) -> None:
        """Take up entries that have been committed."""
        with self._lock:
            for entry in entries:
                self._add(entry.seq, entry.time, entry.record)

    def take_out(self, seqs: Iterable[int]) -> None:
        """Take entries out of their histories for good."""
        with self._lock:
            gone = self._seqs.keys() & set(seqs)
            # Thousands may be refused at one moment: each history is gone through once.
            for history in {name for seq in gone for name in self._seqs.pop(seq)}:
                for places in self._places[history]:
                    places[:] = [place for place in places if place[1] not in gone]

    @contextmanager
    def settling(self) -> Iterator[None]:
        """Let go of what `write` has written once the block is over, unless it fails."""
        try:
            yield
        except BaseException:
            self._writing = self._indexed
            raise
        if self._writing > self._indexed:
            self._indexed = self._writing
            with self._lock:
                self._places.clear()
                self._seqs.clear()

    def write(self) -> None:
        """Write the rows within a transaction, within `settling`. Raise apsw.Error as SQLite says.

        Where the index is damaged the others are written, and `damaged` has the histories' names.
        """
        if self._last == self._indexed:
            return
        rows = [
            (history, said, *place)
            for history in sorted(self._places)
            for said, places in enumerate(self._places[history])
            for place in places
        ]
        try:
            self._insert(rows)
        except apsw.CorruptError:
            for history in sorted(self._places):
                try:
                    self._insert([row for row in rows if row[0] == history])
                except apsw.CorruptError:
                    self.damaged.add(history)
        self._writing = self._last
        self._connection.execute(
            "UPDATE meta SET value = ? WHERE name = 'indexed'", (self._writing,)
        )

    def _add(self, seq: int, time: int, record: Any) -> None:
        self._last = seq
        histories = histories_of(record)
        if not histories:
            return
        said = is_said(record)
        self._seqs[seq] = histories
        for history in histories:
            self._places.setdefault(history, ([], []))[said].append((time, seq))

    def _insert(self, rows: Sequence[tuple[str | int, ...]]) -> None:
        for at in range(0, len(rows), _ROWS):
            values: list[Any] = [value for row in rows[at : at + _ROWS] for value in row]
            values += [None] * (_ROWS * 4 - len(values))
            self._connection.execute(_STATEMENT, values)

    # Reading

    def page(
        self, history: str, said: int, stretches: Sequence[Stretch], seqs: range, limit: int
    ) -> list[int]:
        """Return the seqs of a history's first entries within stretches, or the last (-limit)."""
        found: list[int] = []
        with self._lock:
            places = self._places.get(history, ((), ()))[said]
            for low, high in stretches:
                within = places[bisect_right(places, low) : bisect_left(places, high)]
                found += [seq for _, seq in within if seq in seqs]
        return found[limit:] if limit < 0 else found[:limit]

    def places(self, history: str, seq: int, said: bool = False) -> list[Place]:
        """Return the places of a history's entries of any kind from a seq on, or what was said."""
        with self._lock:
            kinds = self._places.get(history, ((), ()))[said:]
            return [place for places in kinds for place in places if place[1] >= seq]

    def newest(self, name: str, upto: int) -> dict[str, Place]:
        """Return where the newest PRIVMSG or NOTICE is, up to a seq, of each history of that name.

        `@OWNER/*` stands for all that begin so.
        """
        with self._lock:
            listed = {one: self._places[one][1] for one in self._meant(name)}
            found = {
                one: max((place for place in places if place[1] <= upto), default=None)
                for one, places in listed.items()
            }
        return {one: place for one, place in found.items() if place is not None}

    def _meant(self, name: str) -> list[str]:
        if is_prefix(name):
            return [one for one in self._places if one.startswith(name[:-1])]
        return [name] if name in self._places else []

    def newest_time(self, history: str) -> int:
        """Return the time of a history's newest entry of any kind, 0 where there is none."""
        found: list[Any] = self._connection.execute(_NEWEST, (history,)).fetchall()
        times = [time for (time,) in found if time is not None]
        with self._lock:
            times += [places[-1][0] for places in self._places.get(history, ()) if places]
        return max(times, default=0)
