"""Looking through a journal as it is at one moment, beside a server or without one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw

from hubbub.core.records.entries import Entry
from hubbub.journal.archive.setting_back import as_lived
from hubbub.journal.codec import decode_record
from hubbub.journal.database.file import connect_for_reading, explained
from hubbub.journal.database.migrations import STEPS, check
from hubbub.journal.names import histories_of, is_said
from hubbub.journal.port import JournalUnusable
from hubbub.journal.repair import reading
from hubbub.journal.repair.reading import AT_ONCE

FAULTS: Final = 100
"""Faults of pages that are looked for at most."""

_PAGE: Final = re.compile(r"page (\d+)", re.IGNORECASE)
_STATE: Final = (
    "SELECT seq, time, lead, data FROM record WHERE state = 1 AND seq > ? AND seq <= ?"
    f" AND seq NOT IN (SELECT seq FROM refused) ORDER BY seq LIMIT {AT_ONCE}"
)
_KNOWN: Final = (
    "SELECT count(*) FROM json_each(?) AS row CROSS JOIN history AS h"
    " ON h.target = row.value ->> 0 AND h.said = row.value ->> 1 AND h.time = row.value ->> 2"
    " AND h.seq = row.value ->> 3"
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """Say what is wrong with a part of a journal: `of` names the part, in one word."""

    of: str
    what: str


class Examined:
    """Look through the journal at a path; nothing is changed, and it may be written meanwhile."""

    def __init__(self, path: Path) -> None:
        """Take it as it is now. Raise JournalUnusable."""
        self.path = path
        self._connection = connect_for_reading(path)
        try:
            with explained(path):
                check(self._connection)
                version = self._connection.execute("PRAGMA user_version").get
                if version != len(STEPS):
                    raise JournalUnusable(
                        f"an older hubbub wrote it (schema {version}, this one has {len(STEPS)}); "
                        "start the server once, then look through it"
                    )
                self._connection.execute("BEGIN")
                self.last_seq = self._number("SELECT max(seq) FROM record")
                self._indexed = self._number("SELECT value FROM meta WHERE name = 'indexed'")
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    def of_pages(self) -> Iterator[Fault]:
        """Give each page that is damaged, with what SQLite says of it."""
        found: dict[int, str] = {}
        other: list[str] = []
        try:
            for (fault,) in self._connection.execute(f"PRAGMA integrity_check({FAULTS})"):
                lines = [line for line in str(fault).split("\n") if not line.startswith("***")]
                other += [line for line in lines if line != "ok" and not _PAGE.search(line)]
                for line in lines:
                    found |= {int(number): line for number in _PAGE.findall(line)}
        except apsw.CorruptError as error:
            # It tells what it found, and then fails itself.
            other.append(str(error))
        for number, text in sorted(found.items()):
            yield Fault("page", f"page {number} of {self.path} is damaged ({text})")
        if other and not found:
            yield Fault("page", f"{self.path} is damaged ({other[0]})")

    def of_records(self, told: Progress) -> Iterator[Fault]:
        """Give what is wrong with records, and with the index that leads to them."""
        unreadable, wrong, missing, found = 0, 0, 0, 0
        for rows in reading.records(self._connection, self.last_seq):
            places: list[tuple[str, int, int, int]] = []
            leads = 0
            for row in rows:
                decoded = row.decoded()
                if decoded is None:
                    unreadable += 1
                    continue
                names = histories_of(decoded[0])
                is_wrong = row.state != decoded[0].changes_world
                wrong += is_wrong or not 0 <= row.refs <= len(names)
                if row.refs and row.seq <= self._indexed:
                    leads += row.refs
                    places += [(name, is_said(decoded[0]), row.time, row.seq) for name in names]
            known = self._known(places)
            found += known
            missing += leads - known
            told(rows[-1].seq if rows else 0, self.last_seq)
        yield from self._counted("records", unreadable, "records cannot be read")
        yield from self._counted("records", wrong, "records are marked as what they are not")
        yield from self._counted("index", missing, "places of records are not in the index")
        yield from self._counted("index", self._rows() - found, "places lead to no record")

    def snapshots(self) -> list[tuple[int, bytes]]:
        """Return the snapshots of the World, the older first, with their seqs.

        Raise JournalDamaged where they cannot be read.
        """
        with explained(self.path):
            rows: Any = self._connection.execute("SELECT seq, data FROM snapshot ORDER BY seq")
            return [(int(seq), bytes(data)) for seq, data in rows]

    def changes(self, after: int, upto: int) -> Iterator[Entry]:
        """Give the entries that change the World, after a seq and up to another, in order.

        Raise JournalDamaged where they cannot be read.
        """
        lived = as_lived(self._connection)
        while True:
            with explained(self.path):
                rows: Any = self._connection.execute(_STATE, (after, upto)).fetchall()
                entries = [
                    Entry(seq, lived(seq, time), "", decode_record(data), None, lead)
                    for seq, time, lead, data in rows
                ]
            yield from entries
            if len(rows) < AT_ONCE:
                return
            after = entries[-1].seq

    def _known(self, places: Sequence[tuple[str, int, int, int]]) -> int:
        """Return how many of these places are in the index; what is damaged of it has none."""
        try:
            return self._number(_KNOWN, json.dumps(places))
        except apsw.CorruptError:
            if len(places) == 1:
                return 0
        middle = len(places) // 2
        return self._known(places[:middle]) + self._known(places[middle:])

    def _rows(self) -> int:
        try:
            return self._number("SELECT count(*) FROM history")
        except apsw.CorruptError:
            return 0

    def _counted(self, of: str, count: int, what: str) -> Iterator[Fault]:
        if count > 0:
            yield Fault(of, f"{count} {what}")

    def _number(self, sql: str, *values: str) -> int:
        found = self._connection.execute(sql, values).get
        return found if isinstance(found, int) else 0
