"""A journal in memory, for tests of the node: it commits at the loop's next turn, or on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from hubbub.core.records.entries import Body, Draft, Entry
from hubbub.core.records.messages import Said
from hubbub.journal.names import (
    author_of,
    histories_of,
    is_prefix,
    is_said,
    mentioned,
    parent_of,
)
from hubbub.journal.port import Committed, Failed, JournalBroken, JournalFull, LogFacts
from hubbub.journal.questions import (
    Counted,
    Edition,
    Found,
    Hit,
    Newest,
    Page,
    Position,
    SearchQuestion,
    Unread,
)
from hubbub.journal.stamps import Stamps

START = 1_800_000_000_000_000


class MemoryJournal:
    """Keep records in a list.

    `hold` stops commits until `release`, `full` refuses them, `broken` loses them.
    """

    def __init__(self) -> None:
        self.kept: list[Entry] = []
        self.refused: set[int] = set()
        self.forgotten: list[str] = []
        self.erased: set[int] = set()
        self.editions: dict[int, list[Edition]] = {}
        self.accounts_erased: list[tuple[str, int]] = []
        self.snapshots: list[tuple[int, bytes]] = []
        self.spaced: list[float] = []
        self.vouched: dict[int, bytes] = {}
        self.hold = False
        self.full = False
        self.broken = False
        self.stamps = Stamps()
        self._drafts: list[Draft] = []
        self._committed: Committed
        self._failed: Failed

    def start(self, committed: Committed, failed: Failed) -> None:
        self._committed, self._failed = committed, failed

    def append(self, draft: Draft) -> None:
        if not self._drafts and not self.hold:
            asyncio.get_running_loop().call_soon(self.release)
        self._drafts.append(draft)

    def begin(self, epoch: int) -> Sequence[Draft]:
        drafts, self._drafts = self._drafts, []
        return drafts

    def space(self, seconds: float) -> None:
        self.spaced.append(seconds)

    def release(self) -> None:
        """Commit what waits."""
        drafts, self._drafts = self._drafts, []
        if self.broken:
            self._failed(drafts, JournalBroken("the disk is gone"))
            return
        if self.full:
            self._failed(drafts, JournalFull("no room"))
            return
        entries = []
        for draft in drafts:
            seq = len(self.kept) + 1
            now, record = START + seq * 1000, draft.record
            time, lead = self.stamps.stamp(now, getattr(record, "histories", ()))
            entry = Entry(seq, time, f"msgid{seq}", record, draft.body, lead)
            self.kept.append(entry)
            entries.append(entry)
        self._committed(entries)

    def lead(self, history: str, milliseconds: int) -> None:
        """Let a history be ahead of the clock, as if so much had been said in it at once."""
        for _ in range(milliseconds):
            self.stamps.stamp(START, (history,))

    @property
    def waiting(self) -> int:
        return len(self._drafts)

    def refuse(self, seq: int) -> None:
        self.refused.add(seq)

    def forget(self, history: str, upto: int | None = None) -> None:
        self.forgotten.append(history)

    def erase(self, seqs: Sequence[int]) -> None:
        self.erased.update(seqs)
        self.kept = [
            msgspec.structs.replace(entry, body=None) if entry.seq in seqs else entry
            for entry in self.kept
        ]

    def vouch(self, seq: int, digest: bytes) -> None:
        self.vouched[seq] = digest

    def revise(self, seq: int, by: int, keeps: bool, body: Body | None = None) -> None:
        entry = self.kept[seq - 1]
        if entry.body is None:
            return
        if keeps:
            self.editions.setdefault(seq, []).append(Edition(self.kept[by - 1].clock, entry.body))
        self.kept[seq - 1] = msgspec.structs.replace(entry, body=self.kept[by - 1].body)

    def erase_account(self, account: str, upto: int) -> None:
        self.accounts_erased.append((account, upto))

    @property
    def erasing(self) -> Sequence[str]:
        return ()

    @property
    def awaits_snapshots(self) -> int:
        return 0

    def troubles(self) -> dict[str, str]:
        return {}

    def log_facts(self) -> LogFacts:
        return LogFacts()

    def give_back(self) -> None:
        pass

    def abandon(self) -> None:
        pass

    def save_snapshot(self, seq: int, snapshot: bytes) -> None:
        self.snapshots.append((seq, snapshot))

    async def stop(self) -> None:
        self.hold = False
        if self._drafts:
            self.release()


class MemoryArchive:
    """Read what a MemoryJournal holds."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal
        self._open = asyncio.Event()
        self._open.set()
        self.errors: list[Exception] = []
        self.asked = self.unsearched = 0

    def hold(self) -> None:
        """Answer nothing until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Answer again."""
        self._open.set()

    async def _turn(self) -> None:
        """Take the time that a read takes; raise what the test wants next."""
        self.asked += 1
        await asyncio.sleep(0)
        await self._open.wait()
        if self.errors:
            raise self.errors.pop(0)

    async def page(self, page: Page) -> list[Entry]:
        await self._turn()

        def inside(entry: Entry) -> bool:
            record = entry.record
            return (
                page.history in getattr(record, "histories", ())
                and entry.seq <= page.upto
                and entry.seq not in self._journal.refused | self._journal.erased
                and (page.events or (isinstance(record, Said) and record.command != "TAGMSG"))
                and not self.position(parent_of(record, entry.body))
                and (page.after is None or _is_after(entry, page.after))
                and (page.before is None or _is_before(entry, page.before))
                and (page.since is None or (entry.time, entry.seq) >= _key(page.since))
                and not any(
                    _key(first) <= (entry.time, entry.seq) < _key(end) for first, end in page.hidden
                )
            )

        found = [entry for entry in self._journal.kept if inside(entry)]
        return found[-page.limit :] if page.latest else found[: page.limit]

    async def entries(self, seqs: Sequence[int]) -> list[Entry]:
        await self._turn()
        kept, hidden = self._journal.kept, self._journal.refused
        found = [kept[seq - 1] for seq in seqs if seq <= len(kept) and seq not in hidden]
        return [entry for entry in found if entry.record.changes_world or entry.body is not None]

    async def place(self, history: str, seq: int) -> Position | None:
        await self._turn()
        for entry in self._journal.kept[max(0, seq - 1) :]:
            if history in getattr(entry.record, "histories", ()):
                return Position(entry.time, seq if entry.seq == seq else entry.seq - 1)
        return Position(1 << 62, seq) if self._journal.kept[:seq] else None

    async def beyond(self, history: str, count: int, upto: int) -> int | None:
        await self._turn()
        page = Page(history, 1_000_000, upto)
        return next((entry.seq for entry in (await self.page(page))[: -count or None][-1:]), None)

    async def latest(
        self, histories: Sequence[str], after: int, before: int, limit: int, upto: int
    ) -> list[Newest]:
        await self._turn()
        newest: dict[str, Newest] = {}
        for entry in self._journal.kept:
            if entry.seq in self._journal.erased:
                continue
            for history in getattr(entry.record, "histories", ()):
                named = any(
                    history.startswith(name[:-1]) if is_prefix(name) else history == name
                    for name in histories
                )
                if named and isinstance(entry.record, Said) and entry.seq <= upto:
                    newest[history] = Newest(history, entry.time, entry.seq)
        found = [one for one in newest.values() if after < one.time < before]
        return sorted(found, key=lambda one: one.time)[:limit]

    async def find(self, question: SearchQuestion) -> Found:
        await self._turn()
        hits = []
        for entry in reversed(self._journal.kept):
            if entry.seq in self._journal.refused | self._journal.erased:
                continue
            names = [name for name in histories_of(entry.record) if _shows(question, name, entry)]
            if names and is_said(entry.record) and question.query.matches(entry):
                hits.append(Hit(entry, names[0]))
        return Found(tuple(hits[: question.limit]), self.unsearched)

    async def unread(self, asked: Sequence[Unread]) -> list[Counted]:
        counted = []
        for one in asked:
            page = replace(one.page, limit=1 << 30)
            others = [e for e in await self.page(page) if author_of(e.record) not in one.authors]
            meant = [
                (entry.time, entry.seq)
                for entry in others
                if {who for who, _ in mentioned(entry.record, entry.body)} & set(one.who)
            ]
            limit = one.page.limit
            counted.append(Counted(min(len(others), limit), tuple(meant[::-1][:limit])))
        return counted

    async def editions(self, seq: int) -> list[Edition]:
        await self._turn()
        return [] if seq in self._journal.erased else self._journal.editions.get(seq, [])

    async def context(self, parents: Sequence[int], upto: int) -> dict[int, list[Entry]]:
        await self._turn()
        found: dict[int, list[Entry]] = {}
        for entry in self._journal.kept:
            parent = self.position(parent_of(entry.record, entry.body))
            if (
                parent is not None
                and parent in parents
                and entry.seq <= upto
                and entry.seq not in self._journal.erased
            ):
                found.setdefault(parent, []).append(entry)
        return found

    def position(self, msgid: str) -> int | None:
        number = msgid.removeprefix("msgid")
        return int(number) if number.isdecimal() and int(number) > 0 else None

    def troubles(self) -> dict[str, str]:
        return {}

    async def stop(self) -> None:
        self.release()


def _shows(question: SearchQuestion, history: str, entry: Entry) -> bool:
    return entry.seq <= question.upto and any(
        place.shows(entry.seq) and _stands_for(place.history, history) for place in question.places
    )


def _stands_for(name: str, history: str) -> bool:
    if name in ("*", "#*"):
        return name == "*" or not history.startswith("@")
    return history.startswith(name[:-1]) if is_prefix(name) else history == name


def _key(position: Position) -> tuple[int, int]:
    return (position.time, position.seq or 0)


def _is_after(entry: Entry, position: Position) -> bool:
    if position.seq is None:
        return entry.time // 1000 > position.time // 1000
    return (entry.time, entry.seq) > _key(position)


def _is_before(entry: Entry, position: Position) -> bool:
    if position.seq is None:
        return entry.time // 1000 < position.time // 1000
    return (entry.time, entry.seq) < _key(position)
