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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import apsw

from hubbub.core.records.entries import Body, Entry
from hubbub.journal import codec
from hubbub.journal.names import author_of, histories_of, is_prefix, is_said, mentioned, parent_of

DUE: Final = 2_000
"""With so many entries the next commit writes their rows. A start reads so many again, and those of
one commit."""
EVERYTHING: Final = 1 << 32
"""More entries than are ever not in the database's index."""
_ROWS: Final = 1_000
_STATEMENT: Final = (
    "INSERT OR IGNORE INTO history SELECT * FROM (VALUES "
    + ",".join(["(?,?,?,?,?)"] * _ROWS)
    + ") WHERE column1 IS NOT NULL"
)
_NEWEST: Final = (
    "SELECT max(time) FROM history WHERE target = ?1 AND said = 0"
    " UNION ALL SELECT max(time) FROM history WHERE target = ?1 AND said = 1"
    " UNION ALL SELECT max(time) FROM history WHERE target = ?1 AND said = 2"
)
_MENTION: Final = "INSERT OR IGNORE INTO mention VALUES (?, ?, ?, ?)"
_CONTEXT: Final = "INSERT OR IGNORE INTO context VALUES (?, ?)"
_COLUMNS: Final = 5
NOTHING: Final = ((), (), ())
"""The places of a history, by kind, where there are none."""
_AFTER: Final = "SELECT seq, time, data, body FROM record WHERE seq {} ? AND refs > 0 ORDER BY seq"

Place = tuple[int, int]
"""The time and the seq of an entry in a history."""
Stretch = tuple[Place, Place]
"""Two places between which others are; both are left out."""
EVENT: Final = 0
SAID: Final = 1
CONTEXT: Final = 2
"""What a row of history is: an event, something said, or what belongs to that and is no page's."""


@dataclass(slots=True)
class _Unwritten:
    """Hold what is known of one entry whose rows are not written."""

    histories: Sequence[str]
    author: str | None
    mentions: Sequence[tuple[str, str]]
    parent: int


def _unknown(msgid: str) -> int | None:
    return None


class HistoryIndex:
    """Know the histories of what is not in the database's index yet.

    The writer's thread changes it; those that read ask it before they ask the database, or they
    would miss what was written between. What they find in both they take once.
    """

    def __init__(
        self, connection: apsw.Connection, position: Callable[[str], int | None] = _unknown
    ) -> None:
        """Take up what a process before left; `position` finds the seq of a msgid.

        Raise apsw.Error as SQLite says.
        """
        self._connection = connection
        self._position = position
        self._lock = threading.Lock()
        self._places: dict[str, tuple[list[Place], list[Place], list[Place]]] = {}
        self._seqs: dict[int, _Unwritten] = {}
        self._context: dict[int, list[int]] = {}
        self.damaged: set[str] = set()
        self.load()

    def load(self) -> None:
        """Read again the records whose rows are not written; what is damaged is not found."""
        execute = self._connection.execute
        found = execute("SELECT value FROM meta WHERE name = 'indexed'").get
        self._indexed = int(str(found))
        self._writing = self._last = self._indexed
        with self._lock:
            self._clear()
            for seq, time, data, body in self._records():
                said = codec.decode_body(body) if body is not None else None
                self._add(seq, time, codec.decode_record(data), said)

    def _clear(self) -> None:
        self._places.clear()
        self._seqs.clear()
        self._context.clear()

    def _records(self) -> Iterator[tuple[int, int, str, str | None]]:
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
    def indexed(self) -> int:
        """Return the seq up to which the rows are in the database."""
        return self._indexed

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
                self._add(entry.seq, entry.time, entry.record, entry.body)

    def revise(self, seq: int, mentions: Sequence[tuple[str, str]]) -> None:
        """Let an entry be meant for others, whose rows are not written yet."""
        with self._lock:
            if seq in self._seqs:
                self._seqs[seq].mentions = mentions

    def take_out(self, seqs: Iterable[int]) -> None:
        """Take entries out of their histories for good."""
        with self._lock:
            gone = self._seqs.keys() & set(seqs)
            # Thousands may be refused at one moment: each history is gone through once.
            for history in {name for seq in gone for name in self._seqs.pop(seq).histories}:
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
                self._clear()

    def write(self) -> None:
        """Write the rows within a transaction, within `settling`. Raise apsw.Error as SQLite says.

        Where the index is damaged the others are written, and `damaged` has the histories' names.
        """
        if self._last == self._indexed:
            return
        rows = [
            (history, kind, *place, self._seqs[place[1]].author)
            for history in sorted(self._places)
            for kind, places in enumerate(self._places[history])
            for place in places
        ]
        try:
            self._insert(rows)
            self._insert_related(rows)
        except apsw.CorruptError:
            for history in sorted(self._places):
                try:
                    own = [row for row in rows if row[0] == history]
                    self._insert(own)
                    self._insert_related(own)
                except apsw.CorruptError:
                    self.damaged.add(history)
        self._writing = self._last
        self._connection.execute(
            "UPDATE meta SET value = ? WHERE name = 'indexed'", (self._writing,)
        )

    def _add(self, seq: int, time: int, record: Any, body: Body | None) -> None:
        self._last = seq
        histories = histories_of(record)
        if not histories:
            return
        kind, parent = (SAID, 0) if is_said(record) else (EVENT, 0)
        if msgid := parent_of(record, body):
            parent = self._position(msgid) or 0
            kind = CONTEXT if 0 < parent < seq else EVENT
        if kind == CONTEXT:
            self._context.setdefault(parent, []).append(seq)
        names = mentioned(record, body)
        self._seqs[seq] = _Unwritten(histories, author_of(record), names, parent)
        for history in histories:
            self._places.setdefault(history, ([], [], []))[kind].append((time, seq))

    def _insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        for at in range(0, len(rows), _ROWS):
            values: list[Any] = [value for row in rows[at : at + _ROWS] for value in row]
            values += [None] * (_ROWS * _COLUMNS - len(values))
            self._connection.execute(_STATEMENT, values)

    def _insert_related(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write for whom the messages of these rows are meant, and to which they belong."""
        mentions, contexts = [], set[tuple[int, int]]()
        for history, kind, time, seq, _ in rows:
            if kind == CONTEXT:
                contexts.add((self._seqs[seq].parent, seq))
            mentions += [
                (who, history, time, seq)
                for who, where in self._seqs[seq].mentions
                if where == history
            ]
        if mentions:
            self._connection.executemany(_MENTION, sorted(mentions))
        if contexts:
            self._connection.executemany(_CONTEXT, sorted(contexts))

    # Reading

    def page(
        self, history: str, said: int, stretches: Sequence[Stretch], seqs: range, limit: int
    ) -> list[int]:
        """Return the seqs of a history's first entries within stretches, or the last (-limit)."""
        found: list[int] = []
        with self._lock:
            places = self._places.get(history, NOTHING)[said]
            for low, high in stretches:
                within = places[bisect_right(places, low) : bisect_left(places, high)]
                found += [seq for _, seq in within if seq in seqs]
        return found[limit:] if limit < 0 else found[:limit]

    def said(
        self, history: str, stretches: Sequence[Stretch], seqs: range
    ) -> tuple[list[tuple[int, str | None]], list[tuple[int, int, str]]]:
        """Return what was said in a history within stretches, as (seq, author).

        Beside that, for whom that was meant, as (seq, time, who). `indexed` tells up to where the
        database knows better.
        """
        with self._lock:
            places = self._places.get(history, NOTHING)[SAID]
            said, meant = [], []
            for low, high in stretches:
                for time, seq in places[bisect_right(places, low) : bisect_left(places, high)]:
                    if seq in seqs:
                        held = self._seqs[seq]
                        said.append((seq, held.author))
                        meant += [(seq, time, who) for who, at in held.mentions if at == history]
            return said, meant

    def context(self, parents: Iterable[int]) -> list[tuple[int, int]]:
        """Return (parent, seq) of what belongs to messages and may not be in the database yet."""
        with self._lock:
            return [
                (parent, seq)
                for parent in parents
                for seq in self._context.get(parent, ())
                if seq in self._seqs
            ]

    def places(self, history: str, seq: int, said: bool = False) -> list[Place]:
        """Return the places of a history's entries of any kind from a seq on, or what was said."""
        with self._lock:
            kinds = self._places.get(history, NOTHING)
            meant = kinds[SAID : SAID + 1] if said else kinds
            return [place for places in meant for place in places if place[1] >= seq]

    def histories(self, seq: int) -> Sequence[str]:
        """Return the histories of an entry whose rows are not in the database's index."""
        with self._lock:
            held = self._seqs.get(seq)
            return () if held is None else held.histories

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
