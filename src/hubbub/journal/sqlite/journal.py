"""The journal in one SQLite file, for one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hubbub.core.records.entries import AnyRecord, Draft, Entry
from hubbub.journal.archive.reader import SQLiteArchive
from hubbub.journal.archive.store import Store
from hubbub.journal.archive.tasks import AccountErasure, Chore, Erasure, Forget, Refusal, Snapshot
from hubbub.journal.log import LocalLog
from hubbub.journal.port import Committed, Failed, Figures, JournalError, Recovery
from hubbub.journal.sqlite.writer import Writer
from hubbub.journal.steady_clock import wall_clock


class SQLiteJournal:
    """Keep records in an SQLite database, committed in groups by a thread of its own.

    The file belongs to this process until `stop`. An OpenedJournal (hubbub.journal.port).
    """

    def __init__(
        self, path: Path, clock: Callable[[], int] = wall_clock, accept_loss: bool = False
    ) -> None:
        """Open or make the database at `path`. `clock` returns microseconds since 1970.

        Raise JournalUnusable where it is corrupt, newer, in use, or cannot be written; JournalLost
        where records are missing, unless `accept_loss` says to go on without them.
        """
        self._clock = clock
        self._store = Store(path, accept_loss)
        self._tombstones = self._store.tombstones
        self.waiting = 0
        self._writer: Writer | None = None
        self._committed: Committed
        self._failed: Failed

    @property
    def last_time(self) -> int:
        """Return what the clock had come to with the last entry of before, 0 where none was."""
        return self._store.sequencer.stamps.clock

    def troubles(self) -> dict[str, str]:
        """Return what is wrong with the journal and what to do, by subject."""
        return {} if self._writer is None else self._writer.troubles()

    def figures(self) -> Figures:
        """Return how it does."""
        return Figures() if self._writer is None else self._writer.figures()

    def recoveries(self) -> Iterator[Recovery]:
        """Yield what a start needs, from the newest snapshot; each next is for when that is bad."""
        return self._store.recoveries()

    def load(self) -> Recovery:
        """Return what a start needs, from the newest snapshot."""
        return next(self.recoveries())

    def counted_epoch(self, node: int) -> int:
        """Return to what an earlier version counted the starts of a node, 0 where none did."""
        return self._store.counted_epoch(node)

    def set_back(self, now: int, record: Callable[[int, int], AnyRecord]) -> int:
        """Put right the times of entries that were given while the clock was ahead of `now`."""
        return self._store.set_back(now, record)

    def recall(self, name: str) -> str:
        """Return what `remember` has been given under a name, "" where that was nothing."""
        return self._store.recall(name)

    def remember(self, name: str, value: str) -> None:
        """Keep a note for the next start."""
        self._store.remember(name, value)

    def archive(self) -> SQLiteArchive:
        """Return what reads the entries back. Raise JournalUnusable where they cannot be read."""
        return self._store.reader()

    def start(self, committed: Committed, failed: Failed) -> None:
        """Begin to write; the callbacks run on the running event loop's thread."""
        self._committed, self._failed = committed, failed
        self._writer = Writer(
            self._store.file,
            self._tombstones,
            self._store.index,
            self._store.sequencer,
            LocalLog(self._clock),
            self._clock,
            (self._hand_back, self._hand_back_failed),
        )

    def append(self, draft: Draft) -> None:
        """Take a draft; it comes back through `committed` or `failed`, in order. Never blocks."""
        assert self._writer is not None, "append comes after start"
        self.waiting += 1
        self._writer.put(draft)

    def space(self, seconds: float) -> None:
        """Keep commits so far apart from now on while several write, and no further."""
        if self._writer is not None:
            self._writer.apart = seconds

    def refuse(self, seq: int) -> None:
        """Mark an entry as refused by apply; the mark is stored with the next commit."""
        self._tombstones.refuse(seq)
        self._put(Refusal(seq))

    def begin(self, epoch: int) -> Sequence[Draft]:
        """Do nothing: the order of one node goes on without nobody."""
        return ()

    def forget(self, history: str, upto: int | None = None) -> None:
        """Let go of a history, up to a seq or all that was taken: it cannot be read again.

        `@OWNER/*` stands for all direct histories of OWNER; any other `*` is part of a name.
        """
        if upto is None:
            self._tombstones.forget(history)
        else:
            self._tombstones.forget_upto(history, upto)
        self._put(Forget(history, upto))

    def erase(self, seqs: Sequence[int]) -> None:
        """Let the bodies of these entries be gone for good with the next commit.

        From this call on the archive finds them in no history, and shows no body of theirs.
        """
        self._tombstones.erase(seqs)
        self._put(Erasure(tuple(seqs)))

    def erase_account(self, account: str, upto: int) -> None:
        """Let all that an account (its folded name) said up to a seq be gone, in a while."""
        assert self._writer is not None, "chores come after start"
        self._writer.eraser.asked.add(account)
        self._put(AccountErasure(account, upto))

    @property
    def erasing(self) -> Sequence[str]:
        """Return the accounts whose words are to be gone and are not gone yet."""
        return () if self._writer is None else self._writer.eraser.unfinished

    @property
    def awaits_snapshots(self) -> int:
        """Return the seq that both snapshots have to cover for an erasure to go on, 0 for none."""
        return 0 if self._writer is None else self._writer.eraser.awaits_snapshots

    def save_snapshot(self, seq: int, snapshot: bytes) -> None:
        """Store the World as of `seq`, with the next commit; the one before it is kept as well.

        Records that the older of the two covers, and no history shows, are dropped afterwards.
        """
        self._put(Snapshot(seq, snapshot))

    async def stop(self) -> None:
        """Write what was taken, hand it back, and close."""
        if self._writer is None:
            self._store.file.close()
        else:
            await self._writer.stop()

    def _put(self, chore: Chore) -> None:
        assert self._writer is not None, "chores come after start"
        self._writer.put(chore)

    def _hand_back(self, entries: Sequence[Entry]) -> None:
        self.waiting -= len(entries)
        self._committed(entries)

    def _hand_back_failed(self, drafts: Sequence[Draft], error: JournalError) -> None:
        self.waiting -= len(drafts)
        self._failed(drafts, error)
