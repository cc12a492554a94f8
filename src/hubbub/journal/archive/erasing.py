"""Taking all that an account said out of the archive, a slice at a time.

    meta 'erasing NAME'   the seq up to which it is meant, and that up to which it is done

What was said goes with its record: it is in no history any more, and dropped with what the
snapshots cover. Of other records, such as who came and went, the words go and the rest stays. They
are changed only once both snapshots cover them: a start would make another World of them.
"""

from __future__ import annotations

from typing import Any, Final

import apsw

from hubbub.core.records.erasure import is_message, is_of, without_words
from hubbub.journal.archive.index import CONTEXT, HistoryIndex
from hubbub.journal.codec import decode_record, encode_record
from hubbub.journal.database.transaction import transaction
from hubbub.journal.names import histories_of, is_said
from hubbub.journal.port import JournalDamaged

SLICE: Final = 1_000
"""Records that one slice reads: some milliseconds of work."""

_NOTE: Final = "erasing "
_RECORDS: Final = (
    f"SELECT seq, data FROM record WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {SLICE}"
)


def note(connection: apsw.Connection, account: str, upto: int) -> None:
    """Note that an account is to be erased up to a seq, within a transaction."""
    # From the first record, also where it was begun before: more is meant now.
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_NOTE + account, f"{upto} 0"))


def take_out(connection: apsw.Connection, index: HistoryIndex, seq: int) -> None:
    """Take an entry out of its histories, within a transaction."""
    execute = connection.execute
    if not index.has(seq):
        execute("UPDATE record SET refs = 0, body = NULL WHERE seq = ? AND refs > 0", (seq,))
        return
    row = execute("SELECT time, data FROM record WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        return
    time, data = row
    record = decode_record(str(data))
    for history in histories_of(record):
        execute(
            "DELETE FROM history WHERE target = ? AND said IN (?, ?) AND time = ? AND seq = ?",
            (history, is_said(record), CONTEXT, time, seq),
        )


class Eraser:
    """Erase accounts; used by the writer's thread, `unfinished` and `awaits_snapshots` by any.

    `asked` holds those of which nothing is noted in the database yet.
    """

    def __init__(self, connection: apsw.Connection, index: HistoryIndex) -> None:
        """Go on with what an earlier process left undone. Raise apsw.Error as SQLite says."""
        self._connection = connection
        self._index = index
        self.asked: set[str] = set()
        self._noted: frozenset[str] = frozenset()
        self.awaits_snapshots = 0
        self._work: dict[str, tuple[int, int]] = {}
        self.load()

    def load(self) -> None:
        """Read what is noted."""
        rows: Any = self._connection.execute(
            "SELECT name, value FROM meta WHERE name GLOB ?", (f"{_NOTE}*",)
        )
        self._work = {
            str(name).removeprefix(_NOTE): (int(value.split()[0]), int(value.split()[1]))
            for name, value in rows
        }
        self._noted = frozenset(self._work)
        self.asked -= self._noted
        self.look()

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Return the accounts whose words may still be in a file."""
        return tuple(sorted(self._noted.union(self.asked)))

    def look(self) -> None:
        """See whether the snapshots are new enough."""
        upto = max((upto for upto, _ in self._work.values()), default=0)
        if upto:
            covered: Any = self._connection.execute(
                "SELECT coalesce(min(seq), 0) FROM snapshot HAVING count(*) > 1"
            ).get
            self.awaits_snapshots = upto if (covered or 0) < upto else 0
        else:
            self.awaits_snapshots = 0

    @property
    def is_due(self) -> bool:
        """Say whether something can be done."""
        return bool(self._work) and not self.awaits_snapshots

    @property
    def is_reading(self) -> bool:
        """Say whether records are still to be looked at."""
        return self.is_due and any(done < upto for upto, done in self._work.values())

    def slice(self) -> None:
        """Look at some records, and take out what is to go. Raise apsw.Error as SQLite says."""
        account = next(name for name, (upto, done) in self._work.items() if done < upto)
        upto, done = self._work[account]
        # The index first: what is not in it yet would be written into it afterwards.
        with self._index.settling(), transaction(self._connection):
            self._index.write()
            rows: Any = self._connection.execute(_RECORDS, (done, upto)).fetchall()
            for seq, data in rows:
                self._erase(account, seq, data)
            done = int(rows[-1][0]) if len(rows) == SLICE else upto
            self._connection.execute(
                "UPDATE meta SET value = ? WHERE name = ?", (f"{upto} {done}", _NOTE + account)
            )
        self._work[account] = upto, done

    def finish(self) -> None:
        """Note that all is done, once nothing is left to be dropped."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM meta WHERE name GLOB ?", (f"{_NOTE}*",))
        self._work = {}

    def over(self) -> None:
        """Say of no account any more that it is being erased: its words are in no file."""
        if not self._work:
            self._noted = frozenset()

    def _erase(self, account: str, seq: int, data: str) -> None:
        try:
            record = decode_record(data)
        except JournalDamaged:
            return
        if not is_of(record, account):
            return
        execute = self._connection.execute
        if is_message(record):
            execute("UPDATE record SET body = NULL WHERE seq = ?", (seq,))
            take_out(self._connection, self._index, seq)
            return
        rest = without_words(record)
        if rest is not record:
            execute("UPDATE record SET data = ? WHERE seq = ?", (encode_record(rest).decode(), seq))
