"""The index of words, filled by the writer between commits: it is behind them, and in no one's way.

    meta 'searchable'       the seq up to which messages are in the index
    meta 'search version'   by which rules their words were made

Words leave the index by the trigger `record_unsaid` of the schema: what was said is noted in the
table `unsearch` with what was done to it, whoever did that, and taken out here.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import apsw
import structlog

from hubbub.journal import codec
from hubbub.journal.archive.search.tokens import DIRECT, PUBLIC, VERSION, any_of, words
from hubbub.journal.database.migrations import CREATE_SEARCH
from hubbub.journal.database.transaction import transaction
from hubbub.journal.port import JournalDamaged

SLICE: Final = 500
"""Records of one slice: some milliseconds of work, and a write to the disk."""
OUT: Final = 20
"""Messages whose words one slice takes out; each costs half a millisecond."""
BEHIND: Final = 100_000
"""So many records behind, it catches up also while more is always waiting to be written."""
QUIET_SECONDS: Final = 0.9
"""After so long without a commit what is left is taken up, however little."""

_NEXT: Final = "SELECT max(seq) FROM (SELECT seq FROM record WHERE seq > ? ORDER BY seq LIMIT ?)"
_ROWS: Final = (
    "SELECT seq, lead, data, body FROM record WHERE seq > ? AND seq <= ?"
    " AND body IS NOT NULL AND refs > 0 AND substr(data, 1, 6) = '[\"said' ORDER BY seq"
)
_IS_SAID: Final = (
    "substr(data, 1, 6) = '[\"said'"
    " AND EXISTS (SELECT 1 FROM json_each(data) WHERE value IN ('PRIVMSG', 'NOTICE'))"
)
_HAS_WORDS: Final = f"body IS NOT NULL AND refs > 0 AND {_IS_SAID}"
_SAID: Final = f"SELECT count(*) FROM record WHERE seq <= ? AND {_HAS_WORDS}"
_LEAVING: Final = (
    f"SELECT count(*) FROM unsearch WHERE {_IS_SAID}"
    " AND seq NOT IN (SELECT seq FROM record WHERE seq IN (SELECT seq FROM unsearch)"
    f" AND {_HAS_WORDS})"
)
_INSERT: Final = "INSERT INTO search (rowid, words) SELECT value->>0, value->>1 FROM json_each(?)"
_DELETE: Final = "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)"

_log = structlog.get_logger(__name__)


class SearchIndex:
    """Bring the index to where the records are; used by the writer's thread only.

    `upto` is the seq that it has come to, for any thread to look at.
    """

    def __init__(self, connection: apsw.Connection, position: int) -> None:
        """Go on with what an earlier process left; `position` is the last record's seq."""
        self._connection = connection
        self._position = position
        self._committed_at = time.monotonic() - QUIET_SECONDS
        self._made_anew = self._given_up = self._leaving = False
        self.upto = self._meta("searchable")
        if self._meta("search version") != VERSION or self._is_of_other_records():
            self.begin_anew()
        self.look_for_leaving()

    @property
    def behind(self) -> int:
        """Return how many records are not in it yet; for any thread."""
        return max(0, self._position - self.upto)

    @property
    def trouble(self) -> str:
        """Return what is wrong with it and what to do, "" where all is well; for any thread."""
        if not self._given_up:
            return ""
        return (
            "the index of words is damaged, so search finds only what is newer than the damage; "
            "restore a backup, or have sqlite3 .recover save what can be read"
        )

    def committed(self, seq: int) -> None:
        """Take note of the last record that there is, and of when it came."""
        self._position = seq
        self._committed_at = time.monotonic()

    def look_for_leaving(self) -> None:
        """See whether words are to leave, after a commit that may have taken something away."""
        self._leaving = bool(self._connection.execute("SELECT 1 FROM unsearch LIMIT 1").fetchone())

    @property
    def is_leaving(self) -> bool:
        """Say whether words are to leave it."""
        return self._leaving

    def is_due(self, is_busy: bool) -> bool:
        """Say whether there is work; while records always wait only where there is a lot."""
        if self._leaving:
            return True
        if self._given_up:
            return False
        if is_busy:
            return self.behind >= BEHIND
        is_quiet = time.monotonic() - self._committed_at >= QUIET_SECONDS
        return self.behind >= SLICE or (self.behind > 0 and is_quiet)

    def slice(self) -> bool:
        """Do some of what is due; say whether words have left. Raise apsw.Error as SQLite says."""
        try:
            if self._leaving:
                return self._take_out()
            self._take_up()
        except apsw.CorruptError as error:
            if self._made_anew:
                self._given_up, self._leaving = True, False
                _log.error("the index of words is damaged", error=str(error))
                raise
            _log.warning("the index of words is damaged; it is made anew", error=str(error))
            self.begin_anew()
            self._made_anew = True
        return False

    def begin_anew(self) -> None:
        """Empty the index; slices fill it again from the records. Raise apsw.Error as SQLite."""
        execute = self._connection.execute
        with transaction(self._connection):
            execute(f"DROP TABLE IF EXISTS search; DELETE FROM unsearch; {CREATE_SEARCH}")
            self._note("searchable", 0)
            self._note("search version", VERSION)
        self.upto, self._leaving = 0, False

    def _is_of_other_records(self) -> bool:
        """Say whether it was left behind by a repair: it says that it has what it has not."""
        if self.upto > self._position:
            return True
        has_words = self._connection.execute("SELECT 1 FROM search_idx LIMIT 1").fetchone()
        return self.upto > 0 and not has_words

    def _meta(self, name: str) -> int:
        found = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).get
        return found if isinstance(found, int) else 0

    def _note(self, name: str, value: int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def _take_up(self) -> None:
        """Put the words of the next records into the index."""
        last = self._connection.execute(_NEXT, (self.upto, SLICE)).get
        upto = last if isinstance(last, int) else self._position
        rows = [(seq, made) for seq, made in self._words(self.upto, upto) if made]
        with transaction(self._connection):
            self._insert(rows)
            self._note("searchable", upto)
        self.upto = upto

    def _insert(self, rows: Sequence[tuple[int, str]]) -> None:
        if rows:
            self._connection.execute(_INSERT, (codec.encode_words(rows).decode(),))

    def _words(self, after: int, upto: int) -> Iterator[tuple[int, str]]:
        """Give the words of what was said after a seq, up to another, but for what is damaged."""
        execute = self._connection.execute
        rows: Any
        try:
            rows = execute(_ROWS, (after, upto)).fetchall()
        except apsw.CorruptError:
            rows = []
            for one in range(after, upto):
                with contextlib.suppress(apsw.CorruptError):
                    rows += execute(_ROWS, (one, one + 1)).fetchall()
        for seq, lead, data, body in rows:
            yield seq, _words_of(lead, data, body)

    def _take_out(self) -> bool:
        """Take words out of the index, and put those in that came in their place."""
        execute = self._connection.execute
        sql = "SELECT seq, lead, data, body FROM unsearch LIMIT ?"
        rows: list[Any] = execute(sql, (OUT,)).fetchall()
        with transaction(self._connection):
            for seq, lead, data, body in rows:
                made = _words_of(lead, data, body)
                if made:
                    execute(_DELETE, (seq, made))
                execute("DELETE FROM unsearch WHERE seq = ?", (seq,))
                self._insert([row for row in self._words(seq - 1, seq) if row[1]])
        self._leaving = len(rows) == OUT
        return bool(rows) and not self._leaving


def fault(connection: apsw.Connection) -> str:
    """Return what is wrong with the index of a journal that nobody writes, "" where all is well.

    It counts every message: some seconds for ten million. Raise apsw.Error as SQLite says.
    """
    upto = connection.execute("SELECT value FROM meta WHERE name = 'searchable'").get
    said = connection.execute(_SAID, (upto,)).get
    leaving = connection.execute(_LEAVING).get
    asked = any_of((PUBLIC, DIRECT))
    sql = "SELECT count(*) FROM search WHERE search MATCH ?"
    found = int(str(connection.execute(sql, (asked,)).get)) - int(str(leaving))
    return "" if found == said else f"it has {found} messages, and {said} were said"


def _words_of(lead: int, data: str, body: str) -> str:
    try:
        return words(codec.decode_record(data), codec.decode_body(body), lead)
    except JournalDamaged:
        return ""
