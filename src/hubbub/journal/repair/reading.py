"""Reading all of a table round what is damaged of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import apsw

from hubbub.core.records.entries import AnyRecord, Body, Entry
from hubbub.journal import codec
from hubbub.journal.port import JournalDamaged

AT_ONCE: Final = 1_000
"""Records that are read at a time."""

COLUMNS: Final = "seq, time, lead, state, refs, data, body"
_BETWEEN: Final = f"SELECT {COLUMNS} FROM record WHERE seq > ? AND seq <= ? ORDER BY seq"


class StoredRow(NamedTuple):
    """Be a row of the table of records, as it stands there."""

    seq: int
    time: int
    lead: int
    state: int
    refs: int
    data: str
    body: str | None

    def decoded(self) -> tuple[AnyRecord, Body | None] | None:
        """Return its record and body, or None where one of them cannot be read."""
        try:
            record = codec.decode_record(self.data)
            return record, None if self.body is None else codec.decode_body(self.body)
        except (JournalDamaged, TypeError):
            return None

    def entry(self, record: AnyRecord, body: Body | None) -> Entry:
        """Return it as an entry, whose msgid is not looked for."""
        return Entry(self.seq, self.time, "", record, body, self.lead)


def records(
    connection: apsw.Connection, last: int, lost: list[int] | None = None
) -> Iterator[list[StoredRow]]:
    """Give all records that can be reached, in order, many at a time.

    The seqs of what cannot be reached, or was never there, are added to `lost`.
    """
    for after in range(0, last, AT_ONCE):
        yield _between(connection, after, min(after + AT_ONCE, last), [] if lost is None else lost)


def _between(
    connection: apsw.Connection, after: int, upto: int, lost: list[int]
) -> list[StoredRow]:
    try:
        rows: Any = connection.execute(_BETWEEN, (after, upto)).fetchall()
        return [StoredRow(*row) for row in rows]
    except (apsw.CorruptError, UnicodeDecodeError):
        if upto - after == 1:
            lost.append(upto)
            return []
    middle = (after + upto) // 2
    first = _between(connection, after, middle, lost)
    return first + _between(connection, middle, upto, lost)


def rows(connection: apsw.Connection, table: str) -> tuple[list[tuple[Any, ...]], bool]:
    """Return the rows of another table from both of its ends up to what is damaged of it.

    And whether these are all.
    """
    first, whole = _read(connection, table, "ASC")
    if whole:
        return first, True
    last, _ = _read(connection, table, "DESC")
    return first + [row for row in reversed(last) if row not in first], False


def _read(
    connection: apsw.Connection, table: str, order: str
) -> tuple[list[tuple[Any, ...]], bool]:
    found: list[tuple[Any, ...]] = []
    try:
        # By the first column, which is what each of these tables is sorted by.
        for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1 {order}'):
            found.append(tuple(row))
    except (apsw.CorruptError, UnicodeDecodeError):
        return found, False
    return found, True
