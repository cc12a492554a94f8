"""The journal in one SQLite file, for one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from hubbub.core.records.entries import AnyRecord, Body, Draft, Entry
from hubbub.journal.archive.reader import SQLiteArchive
from hubbub.journal.archive.store import Store
from hubbub.journal.archive.tasks import (
    AccountErasure,
    Chore,
    Erasure,
    Forget,
    Refusal,
    Revision,
    Snapshot,
)
from hubbub.journal.log import LocalLog
from hubbub.journal.port import Committed, Failed, Figures, JournalError, LogFacts, Recovery
from hubbub.journal.shared import SharedLog
from hubbub.journal.sqlite.orders import Begin, OwnOrder, SharedOrder
from hubbub.journal.sqlite.writer import Writer
from hubbub.journal.steady_clock import wall_clock


class ErasureListener(Protocol):
    """Be told of what the archive is to lose, by seqs."""

    def erased(self, seqs: Sequence[int], upto: int = 0) -> None:
        """Learn that the words of entries are to be gone, or of any up to a seq."""

    def revised(self, seq: int, by: int, keeps: bool) -> None:
        """Learn that the words of an entry are those of another now, and whether both are kept."""


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
        self._shared: tuple[SharedLog, int] | None = None
        self._order: SharedOrder | None = None
        self._committed: Committed
        self._failed: Failed
        self._erasures: ErasureListener | None = None

    @property
    def last_time(self) -> int:
        """Return what the clock had come to with the last entry of before, 0 where none was."""
        return self._store.sequencer.stamps.clock

    def troubles(self) -> dict[str, str]:
        """Return what is wrong with the journal and what to do, by subject."""
        found = {} if self._writer is None else self._writer.troubles()
        return found if self._order is None else {**found, **self._order.troubles()}

    def log_facts(self) -> LogFacts:
        """Return how it goes with the order; this node's own never stalls."""
        return LogFacts() if self._order is None else self._order.facts()

    def give_back(self) -> None:
        """Hand back, as JournalCutOff, what was taken and never sent to a shared log.

        In an own order all is written, or handed back, without being asked.
        """
        self._let_go(False)

    def abandon(self) -> None:
        """Hand back besides what was sent and not heard, as JournalUnknown where it may be in."""
        self._let_go(True)

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

    def heard_epoch(self, node: int) -> int:
        """Return the newest epoch of a node that was heard of in the order, 0 where none was."""
        known = self._store.sequencer.heard.get(node)
        return 0 if known is None else known.epoch

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

    @property
    def is_shared(self) -> bool:
        """Say whether its order comes of a log that other nodes share: it needs `follow`, then."""
        return self._store.is_shared

    def share(self) -> None:
        """Let its order be that of a shared log from now on, from the beginning of that."""
        self._store.share()

    def own(self) -> None:
        """Let its order be its own from now on."""
        self._store.own()

    def follow(self, log: SharedLog, node: int) -> None:
        """Take the order from a log that others share, as `node`; for before `start`.

        It only hears until it is told to `begin`.
        """
        self._shared = log, node
        self._store.file.sync_by_itself()

    def hand_to(self, committed: Committed, failed: Failed) -> None:
        """Hand back to others from now on."""
        self._committed, self._failed = committed, failed

    @property
    def position(self) -> int:
        """Return up to where in the shared log all is in the archive."""
        return self._store.sequencer.position if self._writer is None else self._writer.position

    @property
    def heard(self) -> tuple[int, int]:
        """Return the position in the shared log that was come to last, and the last seq up to it.

        What came of that is in the archive; it may not have been handed back yet.
        """
        return (0, 0) if self._writer is None else self._writer.heard

    @property
    def is_compared(self) -> bool:
        """Say whether all nodes that are there have told what this one could compare with."""
        return self._order is None or not self._order.finding.unknown

    def chain(self) -> str:
        """Return the digest of all that was heard, in hex."""
        return self._store.sequencer.chain.hex()

    @property
    def durable(self) -> int:
        """Return up to where that is so for good, whatever happens to the machine."""
        return 0 if self._order is None else self._order.durable

    def vouch(self, seq: int, digest: bytes) -> None:
        """Tell the other nodes the digest of the World as of a seq, so that they compare."""
        if self._order is not None:
            self._order.world = seq, digest

    def start(self, committed: Committed, failed: Failed) -> None:
        """Begin to write; the callbacks run on the running event loop's thread."""
        self._committed, self._failed = committed, failed
        self._writer = Writer(
            self._store.file,
            self._tombstones,
            self._store.index,
            self._store.sequencer,
            self._make_order,
            self._clock,
            (self._hand_back, self._hand_back_failed),
        )

    def _make_order(self, wake: Callable[[], None]) -> OwnOrder | SharedOrder:
        sequencer = self._store.sequencer
        if self._shared is None:
            return OwnOrder(sequencer, LocalLog(self._clock))
        self._order = SharedOrder(sequencer, *self._shared, wake)
        return self._order

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
        """Append to a shared log as another start of the node from now on.

        What was asked for in the one before comes back through `failed`, as far as it has not. The
        order of one node goes on without nobody.
        """
        if self._order is not None and self._writer is not None:
            self._writer.put(Begin(epoch))
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

    def tell_of_erasures(self, listener: ErasureListener) -> None:
        """Have somebody told from now on of what is to be gone."""
        self._erasures = listener

    def erase(self, seqs: Sequence[int]) -> None:
        """Let the bodies of these entries be gone for good with the next commit.

        From this call on the archive finds them in no history, and shows no body of theirs.
        """
        self._tombstones.erase(seqs)
        self._put(Erasure(tuple(seqs)))
        if self._erasures is not None:
            self._erasures.erased(seqs)

    def revise(self, seq: int, by: int, keeps: bool, body: Body | None = None) -> None:
        """Let an entry have the body of the entry `by` with the next commit: `body`, if at hand.

        From this call on the archive shows it.
        """
        if body is not None:
            self._tombstones.revise(seq, by, body)
        self._put(Revision(seq, by, keeps))
        if self._erasures is not None:
            self._erasures.revised(seq, by, keeps)

    def erase_account(self, account: str, upto: int) -> None:
        """Let all that an account (its folded name) said up to a seq be gone, in a while."""
        assert self._writer is not None, "chores come after start"
        self._writer.eraser.asked.add(account)
        self._put(AccountErasure(account, upto))
        if self._erasures is not None:
            self._erasures.erased((), upto)

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

    def _let_go(self, sent: bool) -> None:
        if self._order is not None and self._writer is not None:
            self._order.let_go(sent)

    def _put(self, chore: Chore) -> None:
        assert self._writer is not None, "chores come after start"
        self._writer.put(chore)

    def _hand_back(self, entries: Sequence[Entry], settled: int) -> None:
        self.waiting -= settled
        if entries:
            self._committed(entries)

    def _hand_back_failed(self, drafts: Sequence[Draft], error: JournalError) -> None:
        self.waiting -= len(drafts)
        self._failed(drafts, error)
