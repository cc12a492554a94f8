"""An entry gets another body: the one before is overwritten, or kept beside it, and its index made
anew.

What edits hold goes with the words of their message, by a trigger of the schema, however those go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import apsw

from hubbub.journal.archive.index import HistoryIndex
from hubbub.journal.archive.tasks import Revision
from hubbub.journal.codec import decode_body, decode_record
from hubbub.journal.names import mentioned
from hubbub.journal.questions import Edition

_LATER: Final = "SELECT max(by) FROM edition WHERE seq = ?"


def revise(connection: apsw.Connection, index: HistoryIndex, chore: Revision) -> None:
    """Do what a revision asks for, within a transaction; doing it twice does no harm."""
    execute, seq, by = connection.execute, chore.seq, chore.by
    row: Any = execute("SELECT time, data, body FROM record WHERE seq = ?", (seq,)).fetchone()
    edit: Any = execute("SELECT body, time - lead FROM record WHERE seq = ?", (by,)).fetchone()
    newest = execute(_LATER, (seq,)).get
    if edit is None or edit[0] is None or (isinstance(newest, int) and newest >= by):
        return
    if row is None or row[2] is None:
        # It was erased meanwhile, and is not to be read in what was to take its place.
        execute("UPDATE record SET body = NULL WHERE seq = ?", (by,))
        return
    (time, data, was), (new, upto) = row, edit
    execute("UPDATE record SET body = ? WHERE seq = ?", (new, seq))
    execute(
        "INSERT INTO edition VALUES (?, ?, ?, ?)", (seq, by, upto, was if chore.keeps else None)
    )
    if not chore.keeps and newest is not None:
        # A reader that is slow may still be told of the last edit, of no earlier one.
        execute("UPDATE record SET body = NULL WHERE seq = ?", (newest,))
    names = mentioned(decode_record(data), decode_body(str(new)))
    index.revise(seq, names)
    if index.has(seq):
        execute("DELETE FROM mention WHERE seq = ?", (seq,))
        rows = [(who, history, time, seq) for who, history in names]
        connection.executemany("INSERT OR IGNORE INTO mention VALUES (?, ?, ?, ?)", rows)


EDITIONS: Final = (
    "SELECT json_group_array(json_array(upto, json(was))) FROM"
    " (SELECT upto, was FROM edition WHERE seq = ? AND was IS NOT NULL ORDER BY by)"
)
"""What an entry said before each of its edits, and when those came, the oldest first."""


def editions(rows: Sequence[tuple[int, Any]]) -> list[Edition]:
    """Return the rows of that question as what the port has."""
    return [Edition(upto, body) for upto, body in rows]
