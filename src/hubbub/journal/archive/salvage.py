"""Reading round what is damaged: a page that cannot be read hides its own entries and no others."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import apsw
import structlog

from hubbub.journal import codec
from hubbub.journal.archive import queries
from hubbub.journal.names import histories_of
from hubbub.journal.port import MEND_DAMAGE, JournalDamaged, JournalUnusable
from hubbub.journal.questions import Page, Position

STEP: Final = 16
"""Entries over which the first attempt leaps where the index is damaged; each next takes twice."""
NEAR: Final = 100
"""Among how many records one of the history is looked for beyond the damage: of others the times
may be behind those of the history."""
FAULTS: Final = 20
"""Faults of the database that a check names at most."""

_PAGE: Final = re.compile(r"page (\d+)", re.IGNORECASE)
_ENTRY: Final = queries.ENTRIES

_log = structlog.get_logger(__name__)


class Salvage:
    """Read entry by entry, in the archive's threads; say which pages are damaged in `report`."""

    def __init__(self, path: Path) -> None:
        """Be ready for damage of the database at `path`."""
        self._path = path
        self._lock = threading.Lock()
        self._check: threading.Thread | None = None
        self._connection: apsw.Connection | None = None
        self.report = ""

    def page(
        self, connection: apsw.Connection, page: Page, first: int, limit: int
    ) -> list[codec.Row]:
        """Return the rows of a page that can be read, in any order, at most so many."""
        rows: list[codec.Row] = []
        for said in (1, 0) if page.events else (1,):
            found: list[codec.Row] = []
            for seq in self._seqs(connection, page, said, first):
                found += self.entries(connection, [seq])
                if len(found) == limit:
                    break
            rows += found
        rows.sort(key=lambda row: (row[1], row[0]), reverse=page.latest)
        return [row for row in rows if row[2].changes_world or row[3] is not None][:limit]

    def entries(self, connection: apsw.Connection, seqs: Sequence[int]) -> list[codec.Row]:
        """Return those rows that can be read."""
        rows: list[codec.Row] = []
        for seq in seqs:
            with contextlib.suppress(apsw.CorruptError, JournalDamaged):
                text = connection.execute(_ENTRY, (codec.encode_seqs([seq]).decode(),)).get
                rows += codec.decode_rows("[]" if text is None else str(text))
        return rows

    def _seqs(
        self, connection: apsw.Connection, page: Page, said: int, first: int
    ) -> Iterator[int]:
        """Go through the seqs of a page, leaping over what is damaged of the index."""
        leap = STEP
        while True:
            last = None
            try:
                for time, seq in connection.execute(*queries.positions(page, said, first)):
                    last = Position(int(str(time)), int(str(seq)))
                    if not page.hides(int(str(seq))):
                        yield int(str(seq))
                return
            except apsw.CorruptError:
                # It got on since the last leap, or it did not, and the next is longer.
                leap = STEP if last is not None else leap * 2
            beyond = self._beyond(connection, page, last, leap)
            if beyond is None:
                return
            page = _from(page, beyond)

    def _beyond(
        self, connection: apsw.Connection, page: Page, last: Position | None, leap: int
    ) -> Position | None:
        """Return a position so many entries beyond the last that could be read."""
        low, high = queries.low(page), queries.high(page)
        if page.latest:
            start = last or page.before
            seq = min(page.upto, start.seq or page.upto if start else page.upto) - leap
            order = "seq <= ? ORDER BY seq DESC"
        else:
            start = last or page.after
            seq = (start.seq or 0 if start else 0) + leap
            order = "seq >= ? ORDER BY seq"
        try:
            # The index of this history is what is damaged; seqs lead round it by another table.
            sql = f"SELECT time, lead, seq, data FROM record WHERE {order} LIMIT {NEAR}"
            place = _place(page.history, connection.execute(sql, (seq,)))
        except (apsw.CorruptError, JournalDamaged):
            # Where its record cannot be read either, its neighbours may.
            return self._beyond(connection, page, last, leap * 2) if leap < 1 << 40 else None
        return Position(*place) if place is not None and low < place < high else None

    def found(self, error: JournalUnusable) -> None:
        """Tell of damage, once, and have a thread of its own find out where it is."""
        with self._lock:
            if self._check is not None:
                return
            self._tell(str(error))
            self._check = threading.Thread(target=self._locate, name="damage", daemon=True)
            self._check.start()

    def _tell(self, what: str) -> None:
        _log.error("part of the journal cannot be read", what=what)
        self.report = f"{what}; {MEND_DAMAGE}"

    def _locate(self) -> None:
        pages: set[int] = set()
        connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
        self._connection = connection
        # It tells what it found, and then fails itself.
        with contextlib.suppress(apsw.Error):
            for (fault,) in connection.execute(f"PRAGMA quick_check({FAULTS})"):
                pages.update(int(number) for number in _PAGE.findall(str(fault)))
        connection.close()
        if pages:
            named = ", ".join(str(page) for page in sorted(pages))
            what = "page" if len(pages) == 1 else "pages"
            self._tell(f"{what} {named} of {self._path} cannot be read")

    def stop(self) -> None:
        """End the check."""
        if self._check is not None and self._connection is not None:
            with contextlib.suppress(apsw.Error):
                self._connection.interrupt()
            self._check.join()


def _place(history: str, rows: Iterable[Any]) -> tuple[int, int] | None:
    """Return the place of the first record that is in a history, or where that may be near."""
    near = None
    for time, lead, seq, data in rows:
        if history in histories_of(codec.decode_record(data)):
            return time, seq
        near = near or (time - lead, seq)
    return near


def _from(page: Page, beyond: Position) -> Page:
    """Return what is left of a page beyond a position."""
    return replace(page, before=beyond) if page.latest else replace(page, after=beyond)
