"""Making a new journal of what can be read of a damaged one.

It is filled as a node fills it, so that all that is derived from records is made anew. Nobody may
have the damaged one open, and it stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import apsw

from hubbub.core.records.entries import Entry
from hubbub.journal.archive import rows as archive_rows
from hubbub.journal.archive.index import CONTEXT, HistoryIndex
from hubbub.journal.database.file import MODE, explained
from hubbub.journal.database.migrations import check, migrate
from hubbub.journal.database.transaction import transaction
from hubbub.journal.exporting import msgids_of
from hubbub.journal.names import histories_of, is_said
from hubbub.journal.port import JournalUnusable
from hubbub.journal.repair import reading
from hubbub.journal.repair.examination import Progress
from hubbub.journal.repair.leaves import LeafPages
from hubbub.journal.repair.reading import AT_ONCE, StoredRow

DERIVED: Final = frozenset({"record", "history", "mention", "context", "unsearch"})
"""The tables that are not copied as they are, but filled as a node fills them."""
INDEXED: Final = "indexed"
_GONE: Final = "seq NOT IN (SELECT seq FROM record WHERE body IS NOT NULL)"
_WITHOUT_MESSAGE: Final = (
    f"UPDATE record SET body = NULL WHERE seq IN (SELECT by FROM edition WHERE {_GONE})",
    f"DELETE FROM edition WHERE {_GONE}",
)
OWN: Final = frozenset({INDEXED, "searchable", "search version"})
"""What `meta` says of the new file itself: how far what is derived has come."""
_TABLES: Final = (
    # Neither virtual tables, such as an index of words, nor those in which SQLite keeps them.
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    " AND name NOT GLOB 'sqlite_*'"
)


@dataclass(slots=True)
class Rebuilt:
    """Tell what became of it: how many records were taken over, and which were not.

    `lost` are their seqs, or seqs that never were or had been dropped. Of those that are `hidden`
    it is not known any more in which histories they were to be seen: they are in none. `unread`
    names other tables of which a part was lost.
    """

    records: int = 0
    hidden: int = 0
    lost: list[int] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def rebuild(damaged: Path, target: Path, told: Progress) -> Rebuilt:
    """Fill a new file with what can be read. Raise JournalUnusable, and OSError."""
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))
    with explained(damaged):
        source = apsw.Connection(str(damaged), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            check(source)
            # What is in the log is to be found in the pages of the file.
            source.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            with explained(target):
                connection = apsw.Connection(str(target))
                try:
                    done = _Rebuilding(connection, source, damaged).run(told)
                finally:
                    connection.close()
        finally:
            source.close()
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return done


class _Rebuilding:
    """Fill a database from another."""

    def __init__(self, target: apsw.Connection, source: apsw.Connection, damaged: Path) -> None:
        self._target, self._source, self._damaged = target, source, damaged
        self._done = Rebuilt()
        self._unsure: list[tuple[StoredRow, Entry]] = []

    def run(self, told: Progress) -> Rebuilt:
        """Fill it, and return what became of it."""
        # Whoever is stopped meanwhile throws the file away.
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            self._target.execute(f"PRAGMA {pragma}").fetchall()
        migrate(self._target)
        for (table,) in self._target.execute(_TABLES).fetchall():
            if str(table) not in DERIVED and self._has(str(table)):
                self._take_over(str(table))
        self._index = HistoryIndex(self._target, msgids_of(self._target).decode)
        last = self._last()
        for part in reading.records(self._source, last, self._done.lost):
            self._write(part)
            told(part[-1].seq if part else 0, last)
        if self._done.lost:
            self._from_pages()
        if self._unsure:
            self._make_sure()
        # What a lost message said before its edits would be in nobody's reach, and never go.
        for statement in _WITHOUT_MESSAGE:
            self._target.execute(statement)
        self._target.execute(
            "UPDATE meta SET value = (SELECT coalesce(max(seq), 0) FROM record) WHERE name = ?",
            (INDEXED,),
        )
        self._target.execute("PRAGMA journal_mode = DELETE").fetchall()
        return self._done

    def _has(self, table: str) -> bool:
        known = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
        return self._source.execute(known, (table,)).get is not None

    def _take_over(self, table: str) -> None:
        """Copy a table as it is."""
        found, is_whole = reading.rows(self._source, table)
        if not is_whole:
            self._done.unread.append(table)
        for row in found:
            if row[0] not in OWN:
                places = ", ".join("?" * len(row))
                self._target.execute(f'INSERT OR REPLACE INTO "{table}" VALUES ({places})', row)

    def _last(self) -> int:
        try:
            found = self._source.execute("SELECT max(seq) FROM record").get
        except apsw.CorruptError:
            return max((row.seq for part in self._on_pages() for row in part), default=0)
        return found if isinstance(found, int) else 0

    def _from_pages(self) -> None:
        """Take what no way leads to from the pages on which it lies."""
        lost = set(self._done.lost)
        for part in self._on_pages():
            found = [row for row in part if row.seq in lost and row.decoded() is not None]
            lost.difference_update(row.seq for row in found)
            self._write(found)
        self._done.lost = sorted(lost)

    def _on_pages(self) -> Iterator[list[StoredRow]]:
        pages = LeafPages(self._damaged)
        try:
            part: list[StoredRow] = []
            for page in range(1, pages.count + 1):
                part += (row for row in map(_stored, *_columns(pages, page)) if row is not None)
                if len(part) >= AT_ONCE:
                    yield part
                    part = []
            yield part
        finally:
            pages.close()

    def _write(self, part: Sequence[StoredRow]) -> None:
        """Write records, and have them found where they were found."""
        entries: list[Entry] = []
        fewer: list[tuple[StoredRow, Entry]] = []
        for row in part:
            decoded = row.decoded()
            if decoded is None:
                self._done.lost.append(row.seq)
                continue
            entries.append(row.entry(*decoded))
            if row.refs < len(histories_of(decoded[0])):
                fewer.append((row, entries[-1]))
        for at in range(0, len(entries), AT_ONCE):
            with transaction(self._target):
                archive_rows.write(self._target, entries[at : at + AT_ONCE])
        self._done.records += len(entries)
        self._index.add(entries)
        with self._index.settling(), transaction(self._target):
            self._index.write()
            for row, entry in fewer:
                self._take_out(row, entry)

    def _take_out(self, row: StoredRow, entry: Entry) -> None:
        """Take an entry out of those histories in which it is not to be found any more."""
        try:
            self._leave(row, entry, self._shown(row, entry) if row.refs else set())
        except apsw.CorruptError:
            self._unsure.append((row, entry))

    def _shown(self, row: StoredRow, entry: Entry) -> set[str]:
        """Return in which histories it is found. Raise CorruptError where that cannot be read."""
        said = is_said(entry.record)
        sql = "SELECT 1 FROM history WHERE target = ? AND said IN (?, ?) AND time = ? AND seq = ?"
        find = self._source.execute
        names = histories_of(entry.record)
        place = (said, CONTEXT, row.time, row.seq)
        return {name for name in names if find(sql, (name, *place)).get}

    def _leave(self, row: StoredRow, entry: Entry, shown: set[str]) -> None:
        """Leave an entry in these histories only."""
        said = is_said(entry.record)
        for name in set(histories_of(entry.record)) - shown:
            self._target.execute(
                "DELETE FROM history WHERE target = ? AND said IN (?, ?) AND time = ? AND seq = ?",
                (name, said, CONTEXT, row.time, row.seq),
            )

    def _make_sure(self) -> None:
        """Look on the pages for what the index does not say: what was forgotten stays so."""
        places: dict[int, set[str]] = {row.seq: set() for row, _ in self._unsure}
        pages = LeafPages(self._damaged)
        try:
            for page in range(1, pages.count + 1):
                for columns in pages.sorted_rows(page):
                    name, seq = columns[0], columns[3] if len(columns) > 3 else None
                    if isinstance(name, str) and isinstance(seq, int) and seq in places:
                        places[seq].add(name)
        finally:
            pages.close()
        with transaction(self._target):
            for row, entry in self._unsure:
                shown = places[row.seq].intersection(histories_of(entry.record))
                self._done.hidden += len(shown) < row.refs
                self._leave(row, entry, shown)


def _columns(pages: LeafPages, page: int) -> tuple[list[int], list[tuple[Any, ...]]]:
    found = [*pages.rows(page)]
    return [seq for seq, _ in found], [columns for _, columns in found]


def _stored(seq: int, columns: tuple[Any, ...]) -> StoredRow | None:
    """Return a row of a page as a record, None where it is of another table."""
    # An older program wrote it before there was a lead.
    padded = columns if len(columns) != 6 else (*columns, 0)
    if len(padded) != 7 or padded[0] is not None or not isinstance(padded[4], str):
        return None
    _, time, state, refs, data, body, lead = padded
    if not all(isinstance(number, int) for number in (time, state, refs, lead)):
        return None
    if not data.startswith('["') or not (body is None or isinstance(body, str)):
        return None
    return StoredRow(seq, time, lead, state, refs, data, body)


def empty_log(path: Path) -> None:
    """Remove what is left of a log beside a database that nobody has open.

    Raise JournalUnusable where something is in it: it would be taken for the new file's.
    """
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        raise JournalUnusable(f"{log} cannot be put into its journal; restore a backup")
    for left in (log, Path(f"{path}-shm")):
        left.unlink(missing_ok=True)
