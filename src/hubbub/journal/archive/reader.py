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
from hubbub.journal.archive import counting, queries, revising
from hubbub.journal.archive.index import EVERYTHING, HistoryIndex
from hubbub.journal.archive.salvage import Salvage
from hubbub.journal.archive.search.finding import SearchReader
from hubbub.journal.archive.tombstones import Tombstones
from hubbub.journal.database.file import connect_for_reading, explained
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.names import histories_of, is_prefix
from hubbub.journal.port import ArchiveBusy, ArchiveDamaged, JournalDamaged, readable
from hubbub.journal.questions import (
    Counted,
    Edition,
    Found,
    Newest,
    Page,
    Position,
    SearchQuestion,
    Unread,
)

THREADS: Final = 2
QUEUE: Final = 1_000
"""Questions that may wait; past it they are refused with ArchiveBusy."""

NOTHING_COUNTED: Final = Counted(0, ())
SEARCHES: Final = 100
"""Searches that may wait; past it they are refused with ArchiveBusy. They are done one by one, by a
thread of their own: each may take long, and who reads a page is not to wait for it."""

T = TypeVar("T")


class SQLiteArchive:
    """Answer from the journal's database, over connections of its own that cannot write.

    `waiting` and `refused` count questions, `answered` how many seconds they took.
    """

    def __init__(
        self, path: Path, msgids: MsgidKey, tombstones: Tombstones, index: HistoryIndex
    ) -> None:
        """Read the journal at `path`, which is open; all else is the journal's.

        Raise JournalUnusable where it cannot be read.
        """
        self._path = path
        self._msgids = msgids
        self._tombstones = tombstones
        self._index = index
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
        self.searches = 0
        self.searched = Histogram()
        self._searching = connect_for_reading(path)
        self._search_thread = ThreadPoolExecutor(1, thread_name_prefix="search")

    async def page(self, page: Page) -> list[Entry]:
        """Return the entries of a page, oldest first, less the refused and the erased."""
        hidden = self._tombstones.refused() | self._tombstones.erased()
        first = self._tombstones.first_visible(page.history)
        if first is None or page.limit <= 0:
            return []
        # Rights go by seq: where they begin may have a time of another history.
        first = max(first, (page.since.seq if page.since else 0) or 0)

        def read() -> list[Entry]:
            limit = page.limit + len(hidden)
            # First: what is in the database by the next line is there no more.
            newer = self._unindexed(page, first, limit)
            rows, error = self._salvaged(
                queries.page(page, first, limit),
                lambda connection: self._salvage.page(connection, page, first, limit),
            )
            found, second = self._found(newer)
            if second:
                # In the place of what cannot be read the page shows what is beyond it.
                found, _ = self._found(self._unindexed(page, first, EVERYTHING))
            known = {row[0] for row in rows}
            rows += [row for row in found if row[0] not in known]
            error = error or second
            rows = [row for row in rows if row[0] not in hidden and not page.hides(row[0])]
            rows.sort(key=lambda row: (row[1], row[0]))
            return self._answer(rows[-page.limit :] if page.latest else rows[: page.limit], error)

        return await self._ask(read)

    async def entries(self, seqs: Sequence[int]) -> list[Entry]:
        """Return the entries with these seqs, in that order, less the refused and the erased."""
        refused, erased = self._tombstones.refused(), self._tombstones.erased()
        wanted = [seq for seq in seqs if seq not in refused]

        def read() -> list[Entry]:
            rows, error = self._found(wanted)
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
            newer = self._index.places(history, seq)
            try:
                with explained(self._path):
                    row = self._connection().execute(queries.PLACE, (seq, history)).fetchone()
            except JournalDamaged as damage:
                self._salvage.found(damage)
                return None
            if row is None:
                return None
            clock, *written = row
            places = [] if written[0] is None else [(int(str(written[0])), int(str(written[1])))]
            places += [place for place in newer if place[0] >= int(str(clock))]
            time, found = min(places, default=(queries.EVERY_TIME, seq + 1))
            return Position(time, seq if found == seq else found - 1)

        return await self._ask(read)

    async def beyond(self, history: str, count: int, upto: int) -> int | None:
        """Return the seq of the newest message of a history that is not among its `count` newest.

        Where the index is damaged there are no more.
        """

        def read() -> int | None:
            newer = self._index.places(history, 0, said=True)
            if len(newer) > count:
                return sorted(newer)[-count - 1][1]
            try:
                with explained(self._path):
                    sought = history, upto, count - len(newer)
                    found = self._connection().execute(queries.BEYOND, sought).get
            except JournalDamaged as damage:
                self._salvage.found(damage)
                return None
            return found if isinstance(found, int) else None

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

    async def find(self, question: SearchQuestion) -> Found:
        """Return what fits a question, the newest first, less the refused and the erased."""
        if self.searches >= SEARCHES:
            raise ArchiveBusy(f"{SEARCHES} searches wait already; ask again later")
        self.searches += 1
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            return await loop.run_in_executor(self._search_thread, self._find, question)
        finally:
            self.searches -= 1
            self.searched.observe(loop.time() - began)

    def _find(self, question: SearchQuestion) -> Found:
        # Its questions are its own: none of them is to be another's that is interrupted.
        self._local.connection = self._searching

        def rows(seqs: Sequence[int]) -> list[codec.Row]:
            return self._found(seqs)[0]

        parts = (self._index, self._tombstones, rows, self._entries)
        with explained(self._path):
            return SearchReader(self._searching, *parts).find(question)

    async def unread(self, asked: Sequence[Unread]) -> list[Counted]:
        """Count what was said in conversations, all in one go: an answer for each."""
        hidden = self._tombstones.refused() | self._tombstones.erased()
        firsts = [self._tombstones.first_visible(one.page.history) for one in asked]

        def read() -> list[Counted]:
            return [
                NOTHING_COUNTED if first is None else self._counted(one, first, hidden)
                for one, first in zip(asked, firsts, strict=True)
            ]

        return await self._ask(read)

    def _counted(self, asked: Unread, first: int, hidden: frozenset[int]) -> Counted:
        # Rights go by seq: where they begin may have a time of another history.
        since = (asked.page.since.seq if asked.page.since else 0) or 0
        try:
            return counting.count(asked, self._index, max(first, since), hidden, self._one)
        except JournalDamaged as damage:
            self._salvage.found(damage)
            return NOTHING_COUNTED

    async def editions(self, seq: int) -> list[Edition]:
        """Return what an entry said before it was revised, the oldest first, as far as kept."""
        if seq in self._tombstones.refused() | self._tombstones.erased():
            return []

        def read() -> list[Edition]:
            with explained(self._path):
                found = self._connection().execute(revising.EDITIONS, (seq,)).get
            return revising.editions(codec.decode_editions(str(found)))

        return await self._ask(read)

    async def context(self, parents: Sequence[int], upto: int) -> dict[int, list[Entry]]:
        """Return what belongs to messages (reactions), up to a seq, the oldest first of each."""

        def read() -> list[tuple[int, int]]:
            try:
                return counting.context(list(parents), upto, self._index, self._one)
            except JournalDamaged as damage:
                self._salvage.found(damage)
                return []

        places = await self._ask(read) if parents else []
        entries = await readable(self.entries([seq for _, seq in places])) if places else []
        found = {entry.seq: entry for entry in entries}
        belongs: dict[int, list[Entry]] = {}
        for parent, seq in places:
            if seq in found:
                belongs.setdefault(parent, []).append(found[seq])
        return belongs

    def position(self, msgid: str) -> int | None:
        """Return the seq that a msgid names, or None where it names none of this journal."""
        return self._msgids.decode(msgid)

    async def stop(self) -> None:
        """Let the questions that are asked be answered, and close."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        await asyncio.get_running_loop().run_in_executor(None, self._search_thread.shutdown)
        self._salvage.stop()
        for connection in (*self._connections, self._searching):
            connection.close()

    def _newest(
        self, histories: Sequence[str], upto: int, hidden: frozenset[int]
    ) -> Iterator[Newest]:
        for history, (time, seq) in self._newest_places(histories, upto):
            first = self._tombstones.first_visible(history)
            # The newest one is hidden, so the one before it is asked for, until one is not.
            if seq in hidden:
                yield from self._newest([history], seq - 1, hidden)
            elif first is not None and seq >= first:
                yield Newest(history, time, seq)

    def _newest_places(
        self, histories: Sequence[str], upto: int
    ) -> Iterator[tuple[str, tuple[int, int]]]:
        """Give the (time, seq) of what is newest in each history, hidden or not."""
        names = [name for name in histories if not is_prefix(name)]
        prefixes = filter(is_prefix, histories)
        asked = [(queries.newest(names, upto), names)]
        asked += [(queries.newest_within(name[:-1], upto), [name]) for name in prefixes]
        for query, named in asked:
            newer = {k: v for name in named for k, v in self._index.newest(name, upto).items()}
            found = {name: (at, seq) for name, at, seq in self._newest_rows(query, names, upto)}
            for history in found.keys() | newer.keys():
                yield history, max(newer.get(history, (-1, 0)), found.get(history, (-1, 0)))

    def _newest_rows(
        self, query: queries.Query, names: Sequence[str], upto: int
    ) -> list[tuple[str, int, int]]:
        """Return (history, time, seq) of the newest in the database's index."""
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

    def _unindexed(self, page: Page, first: int, limit: int) -> list[int]:
        """Return the seqs of a page's entries that may not be in the database's index."""
        stretches, seqs = queries.stretches(page), range(first, page.upto + 1)
        limit = -limit if page.latest else limit
        kinds = (1, 0) if page.events else (1,)
        index, history = self._index, page.history
        return [s for said in kinds for s in index.page(history, said, stretches, seqs, limit)]

    def _found(self, seqs: Sequence[int]) -> tuple[list[codec.Row], JournalDamaged | None]:
        if not seqs:
            return [], None
        return self._salvaged(
            (queries.ENTRIES, (codec.encode_seqs(seqs).decode(),)),
            lambda connection: self._salvage.entries(connection, seqs),
        )

    def _salvaged(
        self, query: queries.Query, salvage: Callable[[apsw.Connection], list[codec.Row]]
    ) -> tuple[list[codec.Row], JournalDamaged | None]:
        """Return the rows of a query, or those that can be read, and why they are not all."""
        # First: a body that is in the database by the next line is remembered no more.
        revised = self._tombstones.revised()
        error: JournalDamaged | None = None
        try:
            rows = self._rows(query)
        except JournalDamaged as damage:
            rows, error = salvage(self._connection()), damage
        if revised:
            rows = [(*row[:3], row[3] and revised.get(row[0], row[3]), row[4]) for row in rows]
        return rows, error

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
