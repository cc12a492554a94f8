"""Finding what was said by its words: the index names where to look, and each hit is looked at.

The index may name too much (hubbub.journal.archive.search.tokens), also what was taken away since:
so nothing is shown that is not read, found in a history of the asker's, and fits the question.
What is too new for the index is read through.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import apsw

from hubbub.journal import codec
from hubbub.journal.archive.index import HistoryIndex
from hubbub.journal.archive.search.tokens import (
    DIRECT,
    PUBLIC,
    SHIFTED,
    SLACK,
    any_of,
    expression,
    of_history,
    of_owner,
    quoted,
)
from hubbub.journal.archive.tombstones import Tombstones
from hubbub.journal.names import histories_of, is_prefix
from hubbub.journal.questions import Found, Hit, SearchPlace, SearchQuestion

SECONDS: Final = 1.0
"""How long a search takes at most; what it has found by then is the answer, which says so."""
TAIL: Final = 1_000
"""How many of the newest messages that the index does not have are read through."""
CHUNK: Final = 100
"""How many of what the index names are read at once."""
EVERYWHERE: Final = "*"
CHANNELS: Final = "#*"

_HITS: Final = (
    "SELECT rowid FROM search WHERE search MATCH ? AND rowid >= ? AND rowid <= ?"
    " ORDER BY rowid DESC LIMIT ?"
)
_TAIL: Final = (
    "SELECT seq FROM record WHERE seq > ? AND seq <= ? AND body IS NOT NULL AND refs > 0"
    " AND substr(data, 1, 6) = '[\"said' ORDER BY seq DESC LIMIT ?"
)
_CHANGED: Final = (
    "SELECT u.seq FROM unsearch AS u JOIN record AS r ON r.seq = u.seq"
    " WHERE u.seq <= ? AND r.body IS NOT NULL ORDER BY u.seq DESC LIMIT ?"
)
_IN_HISTORIES: Final = (
    "SELECT h.seq, h.target FROM json_each(?) AS j CROSS JOIN history AS h"
    " ON h.target = j.value->>0 AND h.said = 1 AND h.time = j.value->>1 AND h.seq = j.value->>2"
)
_BEYOND: Final = "SELECT coalesce(max(seq), 0) + 1 FROM record"
_FROM: Final = "SELECT seq, time - lead FROM record WHERE seq >= ? ORDER BY seq LIMIT 1"

Rows = Callable[[Sequence[int]], list[codec.Row]]
"""Return the rows of entries, in any order, but for those that are gone."""
ToEntries = Callable[[Sequence[codec.Row]], list[Any]]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Hold what one question to the index is: an expression, and between which seqs."""

    expression: str
    first: int
    last: int


class SearchReader:
    """Answer one search in the archive's thread for that."""

    def __init__(
        self,
        connection: apsw.Connection,
        index: HistoryIndex,
        tombstones: Tombstones,
        rows: Rows,
        to_entries: ToEntries,
    ) -> None:
        """Look with a connection, and read what it names with `rows`."""
        self._connection = connection
        self._index = index
        self._tombstones = tombstones
        self._rows, self._to_entries = rows, to_entries

    def find(self, question: SearchQuestion) -> Found:
        """Return what fits. Raise apsw.Error as SQLite says."""
        if not question.places or question.limit <= 0:
            return Found()
        hits: list[Hit] = []
        until = time.monotonic() + SECONDS
        unsearched = 0
        try:
            with _ended_after(self._connection, SECONDS):
                tail, upto, unsearched = self._tail(question)
                named = self._indexed(question, upto)
                for source in (iter(tail), named):
                    self._look(question, source, hits, until)
        except (apsw.InterruptError, _Over):
            return Found(tuple(hits), unsearched, is_cut=True)
        # What fills the answer from the tail is newer than all that was not searched.
        filled = len(hits) == question.limit and hits[-1].entry.seq > upto + unsearched
        return Found(tuple(hits), 0 if filled else unsearched)

    def _look(
        self, question: SearchQuestion, seqs: Iterator[int], hits: list[Hit], until: float
    ) -> None:
        """Take up what fits of these, until there is enough of it."""
        while len(hits) < question.limit:
            chunk = list(islice(seqs, CHUNK))
            if not chunk:
                return
            hits += self._fitting(question, chunk)[: question.limit - len(hits)]
            if time.monotonic() > until:
                raise _Over

    def _fitting(self, question: SearchQuestion, seqs: Sequence[int]) -> list[Hit]:
        """Return those of some entries that fit and may be read, the newest first."""
        hidden = self._tombstones.refused() | self._tombstones.erased()
        rows = self._rows([seq for seq in seqs if seq not in hidden])
        entries = [entry for entry in self._to_entries(rows) if question.query.matches(entry)]
        places = {
            entry.seq: [
                history
                for history in histories_of(entry.record)
                if self._is_shown(question, history, entry.seq)
            ]
            for entry in entries
        }
        held = self._held(
            [(name, one.time, one.seq) for one in entries for name in places[one.seq]]
        )
        found = []
        for entry in sorted(entries, key=lambda entry: -entry.seq):
            readable = [name for name in places[entry.seq] if (entry.seq, name) in held]
            found += [Hit(entry, name) for name in readable[:1]]
        return found

    def _is_shown(self, question: SearchQuestion, history: str, seq: int) -> bool:
        first = self._tombstones.first_visible(history)
        if first is None or seq < first:
            return False
        return any(_holds(place, history) and place.shows(seq) for place in question.places)

    def _held(self, places: Sequence[tuple[str, int, int]]) -> set[tuple[int, str]]:
        """Return which entries are in which histories: some may be in one of two no more."""
        # First: what is in the database by the next line is there no more.
        held = {(seq, name) for name, _, seq in places if name in self._index.histories(seq)}
        asked = codec.encode_places(places).decode()
        rows: list[Any] = self._connection.execute(_IN_HISTORIES, (asked,)).fetchall()
        return held | {(seq, name) for seq, name in rows}

    def _tail(self, question: SearchQuestion) -> tuple[list[int], int, int]:
        """Return the newest messages that are not in the index, up to where that is, and a gap.

        The gap is how many records after the index are not read through either.
        """
        value = self._connection.execute("SELECT value FROM meta WHERE name = 'searchable'").get
        upto = min(int(str(value)), question.upto)
        rows = self._connection.execute(_TAIL, (upto, question.upto, TAIL)).fetchall()
        seqs = [int(str(seq)) for (seq,) in rows]
        return seqs, upto, seqs[-1] - upto - 1 if len(seqs) == TAIL else 0

    def _indexed(self, question: SearchQuestion, upto: int) -> Iterator[int]:
        """Give the seqs up to one that the index names, the newest first, each once."""
        # A stretch is asked for once all that is newer has been seen: most often there is enough.
        waiting = sorted(self._stretches(question, upto), key=lambda one: one.last)
        opened: list[tuple[int, int, Iterator[int]]] = []
        _push(opened, len(waiting) + 1, self._changed(upto))
        before = 0
        while waiting or opened:
            while waiting and (not opened or waiting[-1].last >= -opened[0][0]):
                _push(opened, len(waiting), self._named(waiting.pop()))
            if opened:
                newest, number, rest = heapq.heappop(opened)
                if newest != before:
                    yield -newest
                before = newest
                _push(opened, number, rest)

    def _changed(self, upto: int) -> Iterator[int]:
        """Give what has another text than the index knows, the newest first."""
        for (seq,) in self._connection.execute(_CHANGED, (upto, TAIL)).fetchall():
            yield int(str(seq))

    def _named(self, stretch: _Stretch) -> Iterator[int]:
        last, most = stretch.last, CHUNK
        while stretch.first <= last:
            bounds = (stretch.expression, stretch.first, last, most)
            rows: list[Any] = self._connection.execute(_HITS, bounds).fetchall()
            for (seq,) in rows:
                yield seq
            if len(rows) < most:
                return
            last, most = rows[-1][0] - 1, min(most * 4, 6_400)

    def _stretches(self, question: SearchQuestion, upto: int) -> Iterator[_Stretch]:
        """Give what the index is asked: one question for all that is read whole, and the rest."""
        query = question.query
        first = 1 if query.after is None else self._seq_at(query.after - SLACK)
        last = upto if query.before is None else min(upto, self._seq_at(query.before + SLACK) - 1)
        whole = [place for place in question.places if not place.since and not place.hidden]
        asked = [(" OR ".join(_of_place(place) for place in whole), 1, upto)] if whole else []
        for place in question.places:
            if place not in whole:
                asked += [(_of_place(place), *ends) for ends in _shown(place, upto)]
        for places, begin, end in asked:
            within = expression(query, places)
            yield _Stretch(within, max(begin, first), min(end, last))
            if (first, last) != (1, upto):
                yield _Stretch(f"({within}) AND {quoted(SHIFTED)}", begin, end)

    def _seq_at(self, clock: int) -> int:
        """Return a seq before which the clock showed less, as far as there are records."""
        low, high = 1, int(str(self._connection.execute(_BEYOND).get))
        while low < high:
            middle = (low + high) // 2
            row = self._connection.execute(_FROM, (middle,)).fetchone()
            if row is None or int(str(row[1])) >= clock:
                high = middle
            else:
                low = int(str(row[0])) + 1
        return low


def _push(opened: list[tuple[int, int, Iterator[int]]], number: int, seqs: Iterator[int]) -> None:
    """Put what gives seqs among the others, by the newest that it has not given."""
    for seq in seqs:
        heapq.heappush(opened, (-seq, number, seqs))
        return


class _Over(Exception):
    """Say that the time for a search is over."""


@contextmanager
def _ended_after(connection: apsw.Connection, seconds: float) -> Iterator[None]:
    """Interrupt what a connection does after so many seconds, and never what it does later."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _holds(place: SearchPlace, history: str) -> bool:
    if place.history in (EVERYWHERE, CHANNELS):
        return place.history == EVERYWHERE or not history.startswith("@")
    if is_prefix(place.history):
        return history.startswith(place.history[:-1])
    return history == place.history


def _of_place(place: SearchPlace) -> str:
    name = place.history
    if name in (EVERYWHERE, CHANNELS):
        return any_of((PUBLIC, DIRECT) if name == EVERYWHERE else (PUBLIC,))
    return quoted(of_owner(name[1:-2]) if is_prefix(name) else of_history(name))


def _shown(place: SearchPlace, upto: int) -> Iterator[tuple[int, int]]:
    """Give the first and last seqs of the stretches of a history that are shown."""
    first = max(1, place.since)
    for begin, end in place.hidden:
        if first < begin:
            yield first, min(begin - 1, upto)
        first = max(first, end)
    yield first, upto
