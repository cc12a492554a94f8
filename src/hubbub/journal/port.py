"""The interfaces of the journal, which every implementation keeps to.

JournalError
 +-- JournalFull         no room on the disk, or another program has it locked: nothing was
 |    |                  written; it can be tried again later
 |    +-- JournalCutOff   the order of all nodes cannot be reached: nothing has left this one
 +-- JournalUnknown      the node ends and has not heard what became of it
 +-- EpochLost           the order went on without this node: it must begin another epoch
 +-- JournalBroken       the outcome of a write is unknown: the node must stop
 |    +-- LogBroken      the log that it shares with other nodes cannot be followed any more
 +-- JournalUnusable     it cannot be opened: corrupt, newer than this program, not writable
 |    +-- JournalLost    records are missing that it had: its operator has to accept that
 |    +-- JournalDamaged part of it cannot be read
 |    +-- JournalBehind  the log of all nodes begins after what is stored: fetch a copy
 |    +-- JournalWaits   it cannot be opened now: no room, locked, no descriptors; try again later
 +-- ArchiveBusy         too many questions wait to be read: nothing was read; ask again later
 +-- ArchiveDamaged      part of an answer cannot be read; the rest is in `entries`
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from hubbub.core.records.entries import AnyRecord, Body, Draft, Entry
from hubbub.histogram import Histogram
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

MEND_DAMAGE: Final = (
    "stop the server and restore a backup, or have sqlite3 .recover save what can be read"
)
"""What an operator does about a damaged database."""


class JournalError(Exception):
    """Stand for all that goes wrong with the journal, in a sentence for its operator.

    It is never raised itself.
    """


class JournalFull(JournalError):
    """Say that there was no room; nothing of the refused drafts was written.

    Whoever asked for a record hears `FAIL NOT_KEPT`, and nobody hears what it said. The operator
    sees it in the log, in STATUS and in the metric `journal_writable`; the node goes on.
    """


class JournalCutOff(JournalFull):
    """Say that drafts were never sent, or are void: it is certain that they are in no order.

    Whoever asked hears `FAIL NOT_KEPT`. The operator sees in STATUS and at `/ready` that the node
    does not reach the others (hubbub.node.peers.standing); it goes on when it does.
    """


class JournalUnknown(JournalError):
    """Say that a node ends with drafts on their way, and has not heard whether they are kept.

    Whoever asked hears `FAIL OUTCOME_UNKNOWN`, and finds in the history what became of it.
    """


class EpochLost(JournalError):
    """Say that the others went on without this node, whose epoch is over (NodeLost).

    What was asked for in it and has not come back never will: `Journal.begin` returns that. Whoever
    is connected is told to come again, and the node begins another epoch in the same process.
    """


class JournalBroken(JournalError):
    """Say that nobody knows what was written; nothing more may be delivered.

    Everybody hears that the server stops. The operator sees the reason in the log, and exit
    code 1.
    """


class LogBroken(JournalBroken):
    """Say why this node can follow the log of all nodes no more: what it has stored is whole.

    The operator sees the reason and the mend in the log, and exit code 1.
    """


class JournalUnusable(JournalError):
    """Say that the journal cannot be opened, and the mend.

    The operator sees that at a start, with exit code 2.
    """


class JournalLost(JournalUnusable):
    """Say what is missing of the journal: its mark tells of more than there is.

    The operator sees how many records are missing and of when, and exit code 2; a start with
    `--accept-loss` goes on without them.
    """


class JournalDamaged(JournalUnusable):
    """Say that part of the journal cannot be read.

    At a start the operator sees which file and how to mend it, and exit code 2; later it stands in
    the log and in STATUS, and is handed on as ArchiveDamaged.
    """


class JournalBehind(JournalUnusable):
    """Say that the log of all nodes begins after what is stored: a copy has to be fetched.

    A start does so by itself; where no member gives one the operator sees why, with exit code 75.
    """


class JournalWaits(JournalUnusable):
    """Say what keeps the journal from being opened for now: no room, a lock, no descriptors.

    The operator sees that at a start, with exit code 75: it is worth another try.
    """


class ArchiveBusy(JournalError):
    """Say that too many questions wait already; nothing was read.

    Whoever asked hears `FAIL TRY_AGAIN`; what is read for somebody who did not ask waits and tries
    again.
    """


class ArchiveDamaged(JournalError):
    """Say that part of what was asked for cannot be read; hold the rest, in the order asked for.

    Whoever asked gets the rest and hears `FAIL MESSAGE_ERROR`; a slow reader is told of a gap.
    """

    def __init__(self, message: str, entries: Sequence[Entry] = ()) -> None:
        super().__init__(message)
        self.entries = list(entries)


async def readable(read: Awaitable[list[Entry]]) -> list[Entry]:
    """Return what can be read of entries; the archive has said what is damaged."""
    try:
        return await read
    except ArchiveDamaged as damage:
        return damage.entries


CLOSE_SECONDS: Final = 0.002
"""How far apart commits are kept at least while several write: fewer and larger ones cost less."""

Committed = Callable[[Sequence[Entry]], None]
"""Take entries that are durable, in the journal's order, on the event loop's thread."""
Failed = Callable[[Sequence[Draft], JournalError], None]
"""Take drafts that were not written (JournalFull) or whose fate is unknown (JournalBroken).

With EpochLost there are none, for they come from `Journal.begin`; it comes before the entries among
which the NodeLost is, so that who asked for something is told before its session is over."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a start needs: the last snapshot (0, None where there is none) and what came after.

    `entries` are those that change the World, and all of the last few thousand, less those marked
    as refused; in order and without bodies. Read them before `start`. Where times were put right
    later, entries have those that they were applied with. `last_seq` is the last seq there is, 0
    where there is none.
    """

    snapshot_seq: int
    snapshot: bytes | None
    entries: Iterator[Entry]
    last_seq: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Tell how a journal does: its size on the disk, what is in its write-ahead log, its commits.

    `unindexed` records are not in the index of words yet. Where several nodes share one order it is
    at `order_position`, and has heard `order_lag` batches that are not in its archive.

    `commits` says how many seconds they took, `committed` when the last was, in seconds since 1970
    (0: none yet). While it `is_full` it takes nothing, once it has `failed` it never will.
    """

    size: int = 0
    log_size: int = 0
    commits: Histogram = field(default_factory=Histogram)
    committed: float = 0.0
    is_full: bool = False
    failed: bool = False
    unindexed: int = 0
    order_position: int = 0
    order_lag: int = 0


class LogRoute(Enum):
    """Say how far a node sees, of those who settle the order: a leader, none, or no majority."""

    LEADER = "leader"
    NO_LEADER = "no leader"
    CUT_OFF = "cut off"


@dataclass(frozen=True, slots=True)
class LogFacts:
    """Tell how it goes with the order: which batch of ours is out and was not heard, by its number.

    None where nothing is out. `route` is where it would have to go. It `is_split` where nodes have
    come to different things, and none is with the most of them.
    """

    in_flight: int | None = None
    route: LogRoute = LogRoute.LEADER
    is_split: bool = False


class Journal(Protocol):
    """Keep records in one order, durably, and hand each back once it is."""

    def start(self, committed: Committed, failed: Failed) -> None:
        """Begin to write; the callbacks run on the running event loop's thread."""

    def append(self, draft: Draft) -> None:
        """Take a draft; it comes back through `committed` or `failed`, in order. Never blocks."""

    def begin(self, epoch: int) -> Sequence[Draft]:
        """Go on in another epoch of the node: the one before is over (EpochLost).

        Return what was taken in that and has not come back: none of it has happened.
        """

    @property
    def waiting(self) -> int:
        """Return how many drafts have been taken and have not come back."""

    def space(self, seconds: float) -> None:
        """Keep commits so far apart from now on while several write, and no further."""

    def refuse(self, seq: int) -> None:
        """Mark an entry as refused by apply; the mark is stored with the next commit."""

    def forget(self, history: str, upto: int | None = None) -> None:
        """Let go of a history, up to a seq or all that was taken: it cannot be read again.

        `@OWNER/*` stands for all direct histories of OWNER; any other `*` is part of a name.
        """

    def erase(self, seqs: Sequence[int]) -> None:
        """Let the bodies of these entries be gone for good with the next commit.

        From this call on the archive finds them in no history, and shows no body of theirs.
        """

    def revise(self, seq: int, by: int, keeps: bool, body: Body | None = None) -> None:
        """Let an entry have the body of the entry `by` with the next commit: `body`, if at hand.

        From this call on the archive shows it. With `keeps` the earlier one is kept beside it, for
        `editions`, until the entry is erased. One that is erased already stays so.
        """

    def erase_account(self, account: str, upto: int) -> None:
        """Let all that an account (its folded name) said up to a seq be gone for good, in a while.

        Words in records that a start may apply again wait for newer snapshots (`awaits_snapshots`).
        """

    @property
    def erasing(self) -> Sequence[str]:
        """Return the accounts whose words are to be gone and are not gone yet."""

    @property
    def awaits_snapshots(self) -> int:
        """Return the seq that both snapshots have to cover for an erasure to go on, 0 for none."""

    def save_snapshot(self, seq: int, snapshot: bytes) -> None:
        """Store the World as of `seq`, with the next commit; the one before it is kept as well."""

    def vouch(self, seq: int, digest: bytes) -> None:
        """Tell other nodes that follow the same order the World's digest as of a seq."""

    def troubles(self) -> dict[str, str]:
        """Return what is wrong with it and what to do, by subject; nothing where all is well."""

    def log_facts(self) -> LogFacts:
        """Return how it goes with the order; one node's own never stalls."""

    def give_back(self) -> None:
        """Hand back through `failed`, as JournalCutOff, what was taken and never sent."""

    def abandon(self) -> None:
        """Hand back what is on its way, too: as JournalUnknown, unless it is known to be void."""

    async def stop(self) -> None:
        """Write what was taken, hand it back, and close."""


class Archive(Protocol):
    """Read back what was applied; every call runs off the event loop's thread."""

    async def page(self, page: Page) -> list[Entry]:
        """Return the entries of a page, oldest first, less the refused and the erased."""

    async def entries(self, seqs: Sequence[int]) -> list[Entry]:
        """Return the entries with these seqs, in that order, less the refused and the erased."""

    async def place(self, history: str, seq: int) -> Position | None:
        """Return where a seq stands in a history, or None before the first entry of all.

        Its entry may be gone by now, or be in other histories only: times rise with the seqs in
        each history, but not from one to another.
        """

    async def beyond(self, history: str, count: int, upto: int) -> int | None:
        """Return the seq of the newest message of a history that is not among its `count` newest.

        Only PRIVMSG and NOTICE count. None where there are no more.
        """

    async def latest(
        self, histories: Sequence[str], after: int, before: int, limit: int, upto: int
    ) -> list[Newest]:
        """Return the newest PRIVMSG or NOTICE of each history, where after < its time < before.

        `@OWNER/*` stands for all that begin so, any other `*` is part of a name. Oldest first, at
        most `limit`.
        """

    async def find(self, question: SearchQuestion) -> Found:
        """Return what fits a question, the newest first. Raise ArchiveBusy where many ask."""

    async def unread(self, asked: Sequence[Unread]) -> list[Counted]:
        """Count what was said in conversations, all in one go: an answer for each."""

    async def editions(self, seq: int) -> list[Edition]:
        """Return what an entry said before it was revised, the oldest first, as far as kept."""

    async def context(self, parents: Sequence[int], upto: int) -> dict[int, list[Entry]]:
        """Return what belongs to messages (reactions), up to a seq, the oldest first of each."""

    def position(self, msgid: str) -> int | None:
        """Return the seq that a msgid names, or None where it names none of this journal."""

    def troubles(self) -> dict[str, str]:
        """Return what cannot be read and what to do, by subject; nothing where all is well."""

    async def stop(self) -> None:
        """Let the questions that are asked be answered, and close."""


class OpenedJournal(Journal, Protocol):
    """Be a journal that was opened: all but `archive` is for before `start`."""

    @property
    def last_time(self) -> int:
        """Return what the clock had come to with the last entry of before, 0 where none was.

        That is its time, unless it is of a history whose times are ahead of the clock.
        """

    def recoveries(self) -> Iterator[Recovery]:
        """Yield what a start needs, from the newest snapshot; each next is for when that is bad."""

    def load(self) -> Recovery:
        """Return what a start needs, from the newest snapshot."""

    def counted_epoch(self, node: int) -> int:
        """Return to what an earlier version counted the starts of a node, 0 where none did.

        By now the World knows (NodeStarted): a counter beside it may be of another journal.
        """

    def set_back(self, now: int, record: Callable[[int, int], AnyRecord]) -> int:
        """Put right the times of entries that were given while the clock was ahead of `now`.

        Return by how much they were moved, in microseconds, 0 where nothing shows that it was ahead
        for a while. What `record` makes of that and the first time becomes the last entry.
        """

    def recall(self, name: str) -> str:
        """Return what `remember` has been given under a name, "" where that was nothing."""

    def remember(self, name: str, value: str) -> None:
        """Keep a note for the next start."""

    def archive(self) -> Archive:
        """Return what reads the entries back. Raise JournalUnusable where they cannot be read."""
