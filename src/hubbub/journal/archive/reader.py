"""Reading back what was said, off the event loop's thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final, TypeVar

import apsw

from hubbub.core.records.entries import Entry
from hubbub.histogram import Histogram
from hubbub.journal import codec
from hubbub.journal.archive import queries
from hubbub.journal.archive.salvage import Salvage
from hubbub.journal.archive.tombstones import Tombstones
from hubbub.journal.database.file import connect_for_reading, explained
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.names import histories_of, is_prefix
from hubbub.journal.port import (
    ArchiveBusy,
    ArchiveDamaged,
    JournalDamaged,
    Newest,
    Page,
    Position,
)

THREADS: Final = 2
QUEUE: Final = 1_000
"""Questions that may wait; past it they are refused with ArchiveBusy."""

T = TypeVar("T")


class SQLiteArchive:
    """Answer from the journal's database, over connections of its own that cannot write.

    `waiting` and `refused` count questions, `answered` how many seconds they took.
    """

    def __init__(self, path: Path, msgids: MsgidKey, tombstones: Tombstones) -> None:
        """Read the journal at `path`, which is open; `msgids` and `tombstones` are the journal's.

        Raise JournalUnusable where it cannot be read.
        """
        self._path = path
        self._msgids = msgids
        self._tombstones = tombstones
        self.waiting = self.refused = 0
        self.answered = Histogram()
        self._salvage = Salvage(path)
        self._local = threading.local()
        # All now: later on, others may have taken the last descriptors.
        self._connections = [connect_for_reading(path) for _ in range(THREADS)]
        self._unused: SimpleQueue[apsw.Connection] = SimpleQueue()
        for connection in self._connections:
            self._unused.put(connection)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="archive")

    async def page(self, page: Page) -> list[Entry]:
        """Return the entries of a page, oldest first, less the refused and the erased."""
        hidden = self._tombstones.refused() | self._tombstones.erased()
        first = self._tombstones.first_visible(page.history)
        if first is None or page.limit <= 0:
            return []
        # Rights go by seq: where they begin may have a time of another history.
        first = max(first, (page.since.seq if page.since else 0) or 0)

        def read() -> list[Entry]:
            error = None
            try:
                rows = self._rows(queries.page(page, first, page.limit + len(hidden)))
            except JournalDamaged as damage:
                error, limit = damage, page.limit + len(hidden)
                rows = self._salvage.page(self._connection(), page, first, limit)
            rows = [row for row in rows if row[0] not in hidden and not page.hides(row[0])]
            rows.sort(key=lambda row: (row[1], row[0]))
            return self._answer(rows[-page.limit :] if page.latest else rows[: page.limit], error)

        return await self._ask(read)

    async def entries(self, seqs: Sequence[int]) -> list[Entry]:
        """Return the entries with these seqs, in that order, less the refused and the erased."""
        refused, erased = self._tombstones.refused(), self._tombstones.erased()
        wanted = [seq for seq in seqs if seq not in refused]

        def read() -> list[Entry]:
            error = None
            try:
                rows = self._rows((queries.ENTRIES, (codec.encode_seqs(wanted).decode(),)))
            except JournalDamaged as damage:
                error = damage
                rows = self._salvage.entries(self._connection(), wanted)
            rows = [row if row[0] not in erased else (*row[:3], None, row[4]) for row in rows]
            rows = [row for row in rows if row[0] not in erased or row[2].changes_world]
            found = {row[0]: row for row in rows if not self._is_forgotten(row)}
            return self._answer([found[seq] for seq in wanted if seq in found], error)

        return await self._ask(read)

    async def place(self, history: str, seq: int) -> Position | None:
        """Return where a seq stands in a history, or None before the first entry of all.

        Its entry may be gone by now, or be in other histories. None too where that cannot be read:
        then it is as if nothing had been told yet.
        """

        def read() -> Position | None:
            try:
                with explained(self._path):
                    row = self._connection().execute(queries.PLACE, (seq, history)).fetchone()
            except JournalDamaged as damage:
                self._salvage.found(damage)
                return None
            if row is None:
                return None
            time, found = row
            if time is None:
                return Position(queries.EVERY_TIME, seq)
            return Position(int(str(time)), seq if found == seq else int(str(found)) - 1)

        return await self._ask(read)

    async def latest(
        self, histories: Sequence[str], after: int, before: int, limit: int, upto: int
    ) -> list[Newest]:
        """Return the newest PRIVMSG or NOTICE of each history, where after < its time < before.

        `@OWNER/*` stands for all that begin so. Oldest first, at most `limit`.
        """

        hidden = self._tombstones.refused() | self._tombstones.erased()

        def read() -> list[Newest]:
            found = {
                newest
                for newest in self._newest(histories, upto, hidden)
                if after < newest.time < before
            }
            return sorted(found, key=lambda newest: (newest.time, newest.history))[:limit]

        return await self._ask(read)

    def position(self, msgid: str) -> int | None:
        """Return the seq that a msgid names, or None where it names none of this journal."""
        return self._msgids.decode(msgid)

    async def stop(self) -> None:
        """Let the questions that are asked be answered, and close."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        self._salvage.stop()
        for connection in self._connections:
            connection.close()

    def _newest(
        self, histories: Sequence[str], upto: int, hidden: frozenset[int]
    ) -> Iterator[Newest]:
        names = [name for name in histories if not is_prefix(name)]
        asked = [queries.newest(names, upto)]
        asked += [queries.newest_within(name[:-1], upto) for name in histories if is_prefix(name)]
        for query in asked:
            for history, time, seq in self._newest_rows(query, names, upto):
                first = self._tombstones.first_visible(history)
                # The newest one is hidden, so the one before it is asked for, until one is not.
                if seq in hidden:
                    yield from self._newest([history], seq - 1, hidden)
                elif first is not None and seq >= first:
                    yield Newest(history, time, seq)

    def _newest_rows(
        self, query: queries.Query, names: Sequence[str], upto: int
    ) -> list[tuple[str, int, int]]:
        try:
            return codec.decode_newest(self._one(query))
        except JournalDamaged as error:
            self._salvage.found(error)
            # Those that can be read: the others are not listed.
            if len(names) < 2:
                return []
            each = [self._newest_rows(queries.newest([n], upto), [n], upto) for n in names]
            return [row for rows in each for row in rows]

    def troubles(self) -> dict[str, str]:
        """Return what cannot be read and what to do, by subject; nothing where all is well."""
        return {"damage": self._salvage.report} if self._salvage.report else {}

    async def _ask(self, read: Callable[[], T]) -> T:
        if self.waiting >= QUEUE:
            self.refused += 1
            raise ArchiveBusy(f"{QUEUE} questions to the archive wait already; ask again later")
        self.waiting += 1
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            return await loop.run_in_executor(self._threads, read)
        finally:
            self.waiting -= 1
            self.answered.observe(loop.time() - began)

    def _is_forgotten(self, row: codec.Row) -> bool:
        seq, record = row[0], row[2]
        firsts = [self._tombstones.first_visible(name) for name in histories_of(record)]
        return bool(firsts) and all(first is None or seq < first for first in firsts)

    def _one(self, query: queries.Query) -> str:
        with explained(self._path):
            answer = self._connection().execute(*query).get
        return "[]" if answer is None else str(answer)

    def _rows(self, query: queries.Query) -> list[codec.Row]:
        text = self._one(query)
        with explained(self._path):
            return codec.decode_rows(text)

    def _connection(self) -> apsw.Connection:
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._unused.get_nowait()
        return connection

    def _answer(self, rows: Sequence[codec.Row], error: JournalDamaged | None) -> list[Entry]:
        """Return rows as entries. Raise ArchiveDamaged with them where they are not all."""
        entries = self._entries(rows)
        if error is not None:
            self._salvage.found(error)
            raise ArchiveDamaged(str(error), entries)
        return entries

    def _entries(self, rows: Sequence[codec.Row]) -> list[Entry]:
        names = self._msgids.encode([row[0] for row in rows])
        return [
            Entry(seq, time, name, record, body, lead)
            for (seq, time, record, body, lead), name in zip(rows, names, strict=True)
        ]
