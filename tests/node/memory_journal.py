"""A journal in memory, for tests of the node: it commits at the loop's next turn, or on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.messages import Said
from hubbub.journal.names import is_prefix
from hubbub.journal.port import (
    Committed,
    Failed,
    JournalBroken,
    JournalFull,
    LogFacts,
    Newest,
    Page,
    Position,
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
        self.snapshots: list[tuple[int, bytes]] = []
        self.spaced: list[float] = []
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
        self.asked = 0

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

    def position(self, msgid: str) -> int | None:
        number = msgid.removeprefix("msgid")
        return int(number) if number.isdecimal() and int(number) > 0 else None

    def troubles(self) -> dict[str, str]:
        return {}

    async def stop(self) -> None:
        self.release()


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
