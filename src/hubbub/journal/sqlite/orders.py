"""Where a writer has its entries from: the order of its own commits, or one shared with others.

Both are used in the writer's thread. What `hear` returned it returns again after `put_off`, and no
more after `settled`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.agreement import Accord
from hubbub.journal.archive.filling import BATCH
from hubbub.journal.log import BatchLog, DraftBatch, Ordered
from hubbub.journal.port import (
    EpochLost,
    JournalBroken,
    JournalCutOff,
    JournalError,
    JournalFull,
    JournalUnknown,
    LogBroken,
    LogFacts,
)
from hubbub.journal.sequencer import BEAT_SECONDS, OrderState, Sequencer
from hubbub.journal.shared import SharedLog
from hubbub.journal.unheard import Unheard

BEHIND: Final = 5 * BATCH
"""How many drafts may have been heard and not been written: then the log rests."""

REPLACED: Final = (
    "another process is this node by now: two servers have one node's number, or a copy of its data"
    " directory; stop one of them for good, and start the other one again"
)
NODES: Final = "nodes"
"""Under which name it is told which nodes have something else."""
DIFFERS: Final = (
    "this node has something else of the same records than the most of the nodes ({} among them);"
    " it stops, and keeps its files for whoever looks into it: keep a copy of data_dir, then let "
    "the node join anew (docs/how-to/cluster.md)"
)
SPLIT: Final = (
    "nodes have something else of the same records than this one ({}), and there is no majority of "
    "any kind; nothing is taken any more: keep copies of all data directories, then go on from the "
    "most advanced one with `hubbub cluster repair`"
)
OTHERS_DIFFER: Final = (
    "nodes have something else of the same records than the most ({}), and are to stop; keep a "
    "copy of their data directories, then let them join anew"
)
NEVER_SENT: Final = "it was never sent: the order of all nodes stands still"
VOID: Final = "the other nodes went on without this one"
NOT_HEARD: Final = "it was sent, and not heard"

Nowhere = tuple[Sequence[Draft], JournalError]
"""Drafts that are given back, and what is known of them."""


@dataclass(frozen=True, slots=True)
class Begin:
    """From here on what is asked for is of another epoch of the node."""

    epoch: int


class Order(Protocol):
    """Give a writer its entries."""

    @property
    def has_news(self) -> bool:
        """Say whether `hear` has something that came by itself."""

    @property
    def waiting(self) -> int:
        """Return how many drafts of this node have been asked for and were not heard."""

    def ask(self, drafts: list[Draft]) -> None:
        """Take drafts to append."""

    def hear(self) -> list[Entry]:
        """Return what is to be committed now."""

    def state(self) -> OrderState | None:
        """Return what is to be kept with that."""

    def settled(self) -> int:
        """Learn that it is committed; return how many of this node's drafts that settles."""

    def nowhere(self) -> list[Nowhere]:
        """Return drafts that are given back for other reasons, to be told first."""

    def put_off(self) -> list[Draft]:
        """Learn that it could not be; return the drafts that are certainly nowhere."""

    def give_up(self) -> list[Draft]:
        """Return all drafts of this node that wait: nobody knows what becomes of them."""


class OwnOrder:
    """Be the order of one node alone, in which it hears at once what it asks for."""

    has_news = False

    def __init__(self, sequencer: Sequencer, log: BatchLog) -> None:
        self._sequencer, self._log = sequencer, log
        self._number = 0
        self._heard: list[Ordered] = []
        self._drafts: list[Draft] = []
        self._entries: list[Entry] = []
        log.hear(sequencer.position, self._heard.append)

    @property
    def waiting(self) -> int:
        """Return how many drafts have been asked for and are not committed."""
        return len(self._drafts)

    def ask(self, drafts: list[Draft]) -> None:
        """Append drafts as one batch."""
        self._drafts = drafts
        if drafts:
            self._number += 1
            self._log.append(DraftBatch(0, 0, self._number, drafts))

    def hear(self) -> list[Entry]:
        """Return the entries of what was asked for."""
        self._entries = []
        for ordered in self._heard:
            self._entries += self._sequencer.sequence(ordered)
        self._heard.clear()
        return self._entries

    def state(self) -> None:
        """Return nothing: the entries tell where they end."""

    def settled(self) -> int:
        """Return how many drafts are committed."""
        return len(self.give_up())

    def nowhere(self) -> list[Nowhere]:
        """Return nothing: all is heard."""
        return []

    def put_off(self) -> list[Draft]:
        """Give the drafts back: what the archive does not have was never in this order."""
        self._sequencer.take_back(self._entries)
        return self.give_up()

    def give_up(self) -> list[Draft]:
        """Give the drafts back."""
        drafts, self._drafts = self._drafts, []
        return drafts


class SharedOrder:
    """Be an order that others append to as well, for a node of number `node`.

    What it has heard stands, whether there is room for it or not: it is kept until there is. `wake`
    is called, in any thread, when something has come. `durable` is the position up to which all is
    on the disk for good, `world` the digest of the World as of a seq: both are told to the others.
    """

    def __init__(
        self, sequencer: Sequencer, log: SharedLog, node: int, wake: Callable[[], None]
    ) -> None:
        self._sequencer, self._log, self._node, self._wake = sequencer, log, node, wake
        self._unheard: Unheard | None = None
        self._news: deque[Ordered | tuple[DraftBatch, JournalFull]] = deque()
        self._error: JournalBroken | None = None
        # Each is counted up by one thread only.
        self._came = self._went = 0
        self._last = self.durable = sequencer.position
        self.world = 0, b""
        self._vouched_for = self.world
        self.finding = sequencer.finding(node)
        self._rests = False
        self._entries: list[Entry] = []
        self._settled = 0
        self._nowhere: list[Nowhere] = []
        # Whether also what was sent is to be let go of.
        self._asked_back: deque[bool] = deque()
        self._sent_at = 0.0
        log.report(self._take_refusal, self._take_error)
        log.hear(self._last, self._take)

    @property
    def last(self) -> int:
        """Return the last position that was heard; for any thread."""
        return self._last

    def facts(self) -> LogFacts:
        """Return how it goes; for any thread."""
        ours = None if self._unheard is None else self._unheard.in_flight
        is_split = self.finding.verdict is Accord.SPLIT
        return LogFacts(None if ours is None else ours.number, self._log.route, is_split)

    def troubles(self) -> dict[str, str]:
        """Return which nodes have something else than this one, if any; for any thread."""
        if not self.finding.differing:
            return {}
        others = ", ".join(map(str, self.finding.differing))
        if self.finding.verdict is Accord.SPLIT:
            return {NODES: SPLIT.format(others)}
        return {NODES: OTHERS_DIFFER.format(others)}

    def let_go(self, sent: bool) -> None:
        """Have what waits given back, with what was `sent` already or without; for any thread."""
        self._asked_back.append(sent)
        self._wake()

    # Called by the log, in its thread

    def _take(self, ordered: Ordered) -> None:
        self._last = ordered.position
        self._came += 1 + len(ordered.batch.drafts)
        self._news.append(ordered)
        if self._came - self._went > BEHIND and not self._rests:
            self._rests = True
            self._log.rest()
        self._wake()

    def _take_refusal(self, batch: DraftBatch, error: JournalFull) -> None:
        self._news.append((batch, error))
        self._wake()

    def _take_error(self, error: JournalBroken) -> None:
        self._error = error
        self._wake()

    # Called by the writer, in its thread

    @property
    def has_news(self) -> bool:
        """Say whether something came that was not written yet."""
        news = self._news or self._entries or self._asked_back or self._nowhere
        return bool(news or self._error is not None)

    @property
    def waiting(self) -> int:
        """Return how many drafts of this node were taken and not heard."""
        return 0 if self._unheard is None else self._unheard.waiting

    def begin(self, epoch: int, drafts: list[Draft]) -> None:
        """Ask as an epoch of this node from now on; until the first one it only hears.

        What was asked for before, at last these drafts, is void.
        """
        if self._unheard is not None:
            for draft in drafts:
                self._unheard.put(draft)
            self._unheard.is_lost = True
            self._add_nowhere(self._unheard.withdraw(), JournalCutOff(VOID))
        self._unheard = Unheard(self._node, epoch)

    def ask(self, drafts: list[Draft]) -> None:
        """Take drafts, and append the next batch if it is time for that."""
        assert self._unheard is not None or not drafts, "drafts come after begin"
        if self._unheard is not None:
            for draft in drafts:
                self._unheard.put(draft)
            while self._asked_back:
                self._give_back(self._asked_back.popleft())
            self._send()

    def hear(self) -> list[Entry]:
        """Return the entries of what came, no more than a commit takes. Raise JournalBroken."""
        while self._news and len(self._entries) < BATCH:
            one = self._news.popleft()
            if isinstance(one, Ordered):
                self._went += 1 + len(one.batch.drafts)
                entries = self._sequencer.sequence(one)
                self._entries += entries
                self._learn(one.batch, entries)
            else:
                self._let_go(*one)
        if self._error is not None and not self._news:
            raise self._error
        if self._rests and self._came - self._went < BEHIND // 2:
            self._rests = False
            self._log.hear(self._last, self._take)
        self._send()
        return self._entries

    def state(self) -> OrderState:
        """Return where to go on."""
        return self._sequencer.state

    def settled(self) -> int:
        """Return how many of this node's drafts have been heard since."""
        self._entries = []
        settled, self._settled = self._settled, 0
        return settled

    def put_off(self) -> list[Draft]:
        """Keep what was heard; give back what was never sent."""
        return [] if self._unheard is None else self._unheard.withdraw()

    def give_up(self) -> list[Draft]:
        """Give back all that waits."""
        unheard = self._unheard
        if unheard is None:
            return []
        drafts = list(unheard.in_flight.drafts) if unheard.in_flight else []
        unheard.in_flight = None
        return drafts + unheard.withdraw()

    def nowhere(self) -> list[Nowhere]:
        """Return what was given back since it was last asked."""
        nowhere, self._nowhere = self._nowhere, []
        return nowhere

    def tend(self) -> None:
        """Show the others that the node is there, if nothing else does; see whether it agrees.

        Who differs from the most goes no further.
        """
        unheard = self._unheard
        self.finding = self._sequencer.finding(self._node)
        if self.finding.verdict is Accord.DIFFERS and self._error is None:
            others = ", ".join(map(str, self.finding.differing))
            self._take_error(LogBroken(DIFFERS.format(others)))
        if unheard is None or unheard.in_flight is not None:
            return
        if time.monotonic() - self._sent_at >= BEAT_SECONDS:
            unheard.beat()
            self._send()

    def _give_back(self, sent: bool) -> None:
        unheard = self._unheard
        if unheard is None:
            return
        self._add_nowhere(unheard.withdraw(), JournalCutOff(NEVER_SENT))
        ours = unheard.in_flight
        if sent and ours is not None:
            unheard.in_flight = None
            self._add_nowhere(ours.drafts, JournalUnknown(NOT_HEARD))

    def _add_nowhere(self, drafts: Sequence[Draft], error: JournalError) -> None:
        if drafts:
            self._nowhere.append((drafts, error))

    def _send(self) -> None:
        unheard = self._unheard
        if unheard is None:
            return
        if self.world != self._vouched_for:
            self._vouched_for = self.world
            self._sequencer.vouch(*self.world)
        batch = unheard.next(self._sequencer.vouched(self.durable))
        if batch is not None:
            self._sent_at = time.monotonic()
            self._log.append(batch)

    def _learn(self, batch: DraftBatch, entries: Sequence[Entry]) -> None:
        """Note what a batch that was heard says of those that this node has appended."""
        unheard = self._unheard
        if unheard is None:
            return
        before, was_lost = unheard.waiting, unheard.is_lost
        unheard.heard(batch, entries)
        self._settled += before - unheard.waiting
        if unheard.is_replaced:
            self._error = LogBroken(REPLACED)
        elif unheard.is_lost and not was_lost:
            self._add_nowhere(unheard.withdraw(), JournalCutOff(VOID))
            self._nowhere.append(((), EpochLost(VOID)))

    def _let_go(self, batch: DraftBatch, error: JournalFull) -> None:
        """Note that the log had no room for a batch of this node."""
        unheard = self._unheard
        ours = None if unheard is None else unheard.in_flight
        if unheard is not None and ours is not None and ours.place == batch.place:
            unheard.in_flight = None
            self._add_nowhere([*batch.drafts, *unheard.withdraw()], error)
