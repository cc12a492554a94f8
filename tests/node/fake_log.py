"""A log that a test holds in its hands, and nodes that hear it when the test lets them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.policy.policy import Policy
from hubbub.core.records.entries import Draft, Entry
from hubbub.core.world.world import KeptFor, World
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.port import (
    EpochLost,
    JournalBroken,
    JournalCutOff,
    JournalUnknown,
    LogFacts,
    LogRoute,
)
from hubbub.journal.sequencer import OrderState, Sequencer
from hubbub.journal.unheard import Unheard
from hubbub.node.life import Introduction, Shared
from hubbub.node.peers.signals import SignalRelay
from tests.node.memory_journal import START, MemoryJournal
from tests.node.node_harness import Guest, Node

KEY = MsgidKey(bytes(16))
OWN = Introduction("bundle")
SHARED = Shared(("#a",), 10, KeptFor(0, 0), {"network": '"Ours"', "access": '"open"'}, OWN)


@dataclass
class FakeLog:
    """Hold the order, and the batches that were appended and are not in it, or not yet.

    One may be put in its place twice, or never: nobody who appended it is told.
    """

    order: list[Ordered] = field(default_factory=list)
    appended: list[DraftBatch] = field(default_factory=list)
    stamp: int = START
    relay: SignalRelay = field(default_factory=SignalRelay)

    def place(self, number: int, leap: int = 0, gap: int = 0, again: bool = False) -> None:
        """Put one of those that were appended in the next place; keep a copy on its way."""
        self.stamp += leap
        batch = self.appended[number] if again else self.appended.pop(number)
        last = self.order[-1].position if self.order else 0
        digest = hashlib.sha256(repr(batch).encode()).digest()
        self.order.append(Ordered(last + 1 + gap, self.stamp, batch, digest))

    def after(self, position: int) -> list[Ordered]:
        """Return what stands after a position."""
        return [ordered for ordered in self.order if ordered.position > position]


class LogJournal(MemoryJournal):
    """Be a node's journal on a log; it hears when it is told to `hear`."""

    def __init__(self, log: FakeLog, sequencer: Sequencer, kept: Sequence[Entry]) -> None:
        super().__init__()
        self.log, self.sequencer, self.kept = log, sequencer, list(kept)
        self.unheard = Unheard(0, 0)
        self.route = LogRoute.LEADER

    def append(self, draft: Draft) -> None:
        self.unheard.put(draft)
        self.send()

    @property
    def waiting(self) -> int:
        return self.unheard.waiting

    def send(self) -> None:
        """Append the next batch, if it is time for that."""
        batch = self.unheard.next(self.sequencer.vouched(self.sequencer.position))
        if batch is not None:
            self.log.appended.append(batch)

    def vouch(self, seq: int, digest: bytes) -> None:
        self.sequencer.vouch(seq, digest)

    def send_again(self) -> None:
        """Append the batch in flight once more, for nobody knows what became of it."""
        if self.unheard.in_flight is not None:
            self.log.appended.append(self.unheard.in_flight)

    def log_facts(self) -> LogFacts:
        in_flight = self.unheard.in_flight
        return LogFacts(in_flight.number if in_flight is not None else None, self.route)

    def give_back(self) -> None:
        drafts = self.unheard.withdraw()
        if drafts:
            self._failed(drafts, JournalCutOff("they were never sent"))

    def abandon(self) -> None:
        self.give_back()
        in_flight, self.unheard.in_flight = self.unheard.in_flight, None
        if in_flight is not None and in_flight.drafts:
            self._failed(in_flight.drafts, JournalUnknown("it was not heard"))

    def hear(self, ordered: Ordered) -> list[Entry]:
        """Hear a batch, maybe not for the first time."""
        entries = self.sequencer.sequence(ordered)
        self.kept += entries
        self.unheard.heard(ordered.batch, entries)
        return entries

    def take(self, ordered: Ordered) -> None:
        """Hear a batch and hand back what came of it; ask for what waits."""
        entries = self.hear(ordered)
        if self.unheard.is_replaced:
            self._failed([], JournalBroken("another process is this node by now"))
            return
        if self.unheard.is_lost:
            self._failed([], EpochLost("cut off"))
        if entries:
            self._committed(entries)
        self.send()

    def begin(self, epoch: int) -> Sequence[Draft]:
        drafts = self.unheard.withdraw()
        self.unheard = Unheard(self.unheard.node, epoch)
        return drafts


@dataclass
class Stored:
    """What a node has on its disk."""

    state: OrderState = field(default_factory=OrderState)
    world: bytes = b""
    kept: tuple[Entry, ...] = ()


class Member:
    """Be one of the nodes: it lives, is killed, and begins anew with what it had stored."""

    def __init__(self, log: FakeLog, number: int) -> None:
        self.log, self.number = log, number
        self.stored = Stored()
        self.guests: list[Guest] = []
        self.stopping: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.begin()

    def begin(self) -> None:
        """Follow the log as it stands by now, and begin an epoch."""
        stored = self.stored
        world = snapshot.decode(stored.world) if stored.world else World()
        self.journal = LogJournal(self.log, Sequencer(KEY, stored.state), stored.kept)
        for ordered in self.log.after(stored.state.position):
            for entry in self.journal.hear(ordered):
                apply(world, entry)
        known = self.journal.sequencer.state.next_epoch(self.number)
        own = self.number, max(world.next_epoch(self.number), known)
        self.journal.unheard = Unheard(*own)
        policy = Policy(flood=None, replay=0)
        self.node = Node(
            policy,
            world=world,
            begins=False,
            own=own,
            journal=self.journal,
            signals=self.log.relay.of(self.number),
        )
        # So few are never said in a test.
        self.node.hub._returns.compared_every = 10
        self.beginning = asyncio.ensure_future(self.node.hub.life.begin(SHARED))
        self.guests = []

    @property
    def is_up(self) -> bool:
        """Say whether its doors are open."""
        return self.beginning.done() and not self.node.hub.sessions.is_ending

    @property
    def position(self) -> int:
        """Return up to where it has heard."""
        return self.journal.sequencer.position

    def deliver(self, count: int) -> None:
        """Let it hear so many more batches."""
        for ordered in self.log.after(self.position)[:count]:
            self.journal.take(ordered)

    def beat(self) -> None:
        """Show that it is there, unless a batch is on its way."""
        self.journal.unheard.beat()
        self.journal.send()

    def deliver_again(self, count: int) -> None:
        """Let it hear the last ones once more."""
        heard = [one for one in self.log.order if one.position <= self.position]
        for ordered in heard[-count:]:
            self.journal.take(ordered)

    def store(self) -> None:
        """Store the World, and all that it follows from."""
        world, state = self.node.world, self.journal.sequencer.state
        assert world.applied == state.seq, "nothing is on its way"
        self.stored = Stored(state, snapshot.encode(world), tuple(self.journal.kept))

    def stop(self) -> None:
        """Begin to stop in good order; it is over when all is heard, until it is killed."""
        if self.is_up:
            self.stopping = asyncio.ensure_future(self.node.hub.stop(0.0))

    def kill(self) -> None:
        """End it without a word, and begin anew; what it has appended may come yet."""
        self.close()
        self.begin()

    def close(self) -> None:
        """End what goes on by itself."""
        self.beginning.cancel()
        self.stopping.cancel()
