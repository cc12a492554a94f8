"""Entries as rows: a batch of them is written in one statement.

One statement, because SQLite's caller gives up the interpreter lock for each step of a statement
and gets it back only when a busy event loop lets go of it: docs/decisions/journal-writes.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import apsw

from hubbub.core.records.entries import Entry
from hubbub.journal import codec
from hubbub.journal.database.transaction import transaction
from hubbub.journal.names import histories_of, is_said
from hubbub.journal.stamps import LEADING

SIZES: Final = (1, 4, 16, 64, 256, 1000)
"""Rows of the statements there are; what is left over is padded to the next.

A thousand rows are just under 16 KiB of SQL, the most that apsw keeps prepared.
"""

_COLUMNS: Final = 7
_ROW: Final = "(" + ",".join("?" * _COLUMNS) + ")"
_STATEMENTS: Final = {
    size: (
        "INSERT INTO batch SELECT * FROM (VALUES "
        + ",".join([_ROW] * size)
        + ") WHERE column1 IS NOT NULL"
    )
    for size in SIZES
}

Value = str | int | None


def write(connection: apsw.Connection, entries: Sequence[Entry]) -> None:
    """Write entries, all or none, unless a transaction is open. Raise apsw.Error as SQLite says."""
    most = SIZES[-1]
    if len(entries) <= most or connection.in_transaction:
        for at in range(0, len(entries), most):
            _write(connection, entries[at : at + most])
    else:
        with transaction(connection):
            write(connection, entries)


def _write(connection: apsw.Connection, entries: Sequence[Entry]) -> None:
    values = _values(entries)
    size = next(size for size in SIZES if size >= len(entries))
    values += [None] * ((size - len(entries)) * _COLUMNS)
    connection.execute(_STATEMENTS[size], values)


def _values(entries: Sequence[Entry]) -> list[Value]:
    values: list[Value] = []
    for entry in entries:
        record, body = entry.record, entry.body
        histories = histories_of(record)
        leading = histories if entry.lead > LEADING else ()
        values += (
            entry.seq,
            entry.time,
            record.changes_world | is_said(record) << 1 | len(histories) << 2 | entry.lead << 22,
            codec.encode_record(record).decode(),
            None if body is None else codec.encode_body(body).decode(),
            leading[0] if leading else None,
            None if len(leading) < 2 else codec.encode_names(leading[1:]).decode(),
        )
    return values
