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

from hubbub.core.records import Entry
from hubbub.histogram import Histogram
from hubbub.journal import codec, queries
from hubbub.journal.batch import histories_of
from hubbub.journal.database import connect_for_reading, explained
from hubbub.journal.hidden import Hidden
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.names import is_prefix
from hubbub.journal.port import ArchiveBusy, ArchiveDamaged, JournalDamaged, Newest, Page
from hubbub.journal.salvage import Salvage

THREADS: Final = 2
QUEUE: Final = 1_000
"""Questions that may wait; past it they are refused with ArchiveBusy."""

T = TypeVar("T")


class SQLiteArchive:
    """Answer from the journal's database, over connections of its own that cannot write.

    `waiting` and `refused` count questions, `answered` how many seconds they took.
    """

    def __init__(self, path: Path, msgids: MsgidKey, hidden: Hidden) -> None:
        """Read the journal at `path`, which is open; `msgids` and `hidden` are the journal's.

        Raise JournalUnusable where it cannot be read.
        """
        self._path = path
        self._msgids = msgids
        self._hidden = hidden
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
        hidden = self._hidden.refused() | self._hidden.erased()
        first = self._hidden.first_visible(page.history)
        if first is None or page.limit <= 0:
            return []

        def read() -> list[Entry]:
            error = None
            try:
                rows = self._rows(queries.page(page, first, page.limit + len(hidden)))
            except JournalDamaged as damage:
                error, limit = damage, page.limit + len(hidden)
                rows = self._salvage.page(self._connection(), page, first, limit)
            rows = [row for row in rows if row[0] not in hidden]
            rows.sort(key=lambda row: (row[1], row[0]))
            return self._answer(rows[-page.limit :] if page.latest else rows[: page.limit], error)

        return await self._ask(read)

    async def entries(self, seqs: Sequence[int]) -> list[Entry]:
        """Return the entries with these seqs, in that order, less the refused and the erased."""
        refused, erased = self._hidden.refused(), self._hidden.erased()
        wanted = [seq for seq in seqs if seq not in refused]

        def read() -> list[Entry]:
            error = None
            try:
                rows = self._rows((queries.ENTRIES, (codec.encode_seqs(wanted).decode(),)))
            except JournalDamaged as damage:
                error = damage
                rows = self._salvage.entries(self._connection(), wanted)
            rows = [row if row[0] not in erased else (*row[:3], None) for row in rows]
            rows = [row for row in rows if row[0] not in erased or row[2].changes_world]
            found = {row[0]: row for row in rows if not self._is_forgotten(row)}
            return self._answer([found[seq] for seq in wanted if seq in found], error)

        return await self._ask(read)

    async def time(self, seq: int) -> int | None:
        """Return when an entry was placed that may be gone by now, or None before the first.

        It is the entry's time, or that of the last one before it. None too where that cannot be
        read: then it is as if nothing had been told yet.
        """

        def read() -> int | None:
            try:
                with explained(self._path):
                    time = self._connection().execute(queries.TIME, (seq,)).get
            except JournalDamaged as damage:
                self._salvage.found(damage)
                return None
            return None if time is None else int(time)

        return await self._ask(read)

    async def latest(
        self, histories: Sequence[str], after: int, before: int, limit: int, upto: int
    ) -> list[Newest]:
        """Return the newest PRIVMSG or NOTICE of each history, where after < its time < before.

        `@OWNER/*` stands for all that begin so. Oldest first, at most `limit`.
        """

        hidden = self._hidden.refused() | self._hidden.erased()

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
                first = self._hidden.first_visible(history)
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
        seq, _, record, _ = row
        firsts = [self._hidden.first_visible(name) for name in histories_of(record)]
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
            Entry(seq, time, name, record, body)
            for (seq, time, record, body), name in zip(rows, names, strict=True)
        ]
