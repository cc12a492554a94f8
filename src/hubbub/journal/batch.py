"""A batch of drafts: placed, and written in one statement.

One statement, because SQLite's caller gives up the interpreter lock for each step of a statement
and gets it back only when a busy event loop lets go of it: docs/decisions/journal-writes.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import apsw

from hubbub.core.message_records import Said
from hubbub.core.record import Record
from hubbub.core.records import Draft, Entry
from hubbub.journal import codec
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.stamps import Stamps
from hubbub.journal.transaction import transaction

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
_SPOKEN: Final = frozenset({"PRIVMSG", "NOTICE"})

Value = str | int | None


def is_said(record: Record) -> bool:
    """Say whether a record is what somebody said, rather than an event."""
    return isinstance(record, Said) and record.command in _SPOKEN


def place(
    drafts: Sequence[Draft], first_seq: int, now: int, stamps: Stamps, msgids: MsgidKey
) -> list[Entry]:
    """Give drafts their seqs, times and msgids."""
    names = msgids.encode_many(first_seq, len(drafts))
    stamp, entries = stamps.stamp, []
    for seq, (name, draft) in enumerate(zip(names, drafts, strict=True), first_seq):
        record = draft.record
        time, lead = stamp(now, histories_of(record))
        entries.append(Entry(seq, time, name, record, draft.body, lead))
    return entries


def histories_of(record: Record) -> tuple[str, ...]:
    """Return the histories in which a record can be found, each once."""
    histories: tuple[str, ...] = getattr(record, "histories", ())
    return histories if len(histories) < 2 else tuple(dict.fromkeys(histories))


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
        values += (
            entry.seq,
            entry.time,
            record.changes_world | is_said(record) << 1 | len(histories) << 2 | entry.lead << 22,
            codec.encode_record(record).decode(),
            None if body is None else codec.encode_body(body).decode(),
            histories[0] if histories else None,
            None if len(histories) < 2 else codec.encode_names(histories[1:]).decode(),
        )
    return values
