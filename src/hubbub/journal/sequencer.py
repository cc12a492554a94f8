"""From batches in an order to entries: the same seqs, times and msgids on every node.

All that this depends on is the key of the msgids, the OrderState and the batches: whoever goes on
from the same state with the same batches has the same entries, and the same state after them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.nodes import ORDER, NodeLost, NodeStopped
from hubbub.journal.agreement import Agreement, Comparison, worst
from hubbub.journal.log import DraftBatch, Ordered, Vouched
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.names import histories_of
from hubbub.journal.stamps import Stamps

BEAT_SECONDS: Final = 2
"""How often a node shows that it is there, if it has nothing else to say."""
LOST_SECONDS: Final = 15
"""After how long without a batch of a node's the order goes on without its sessions."""
GAP_SECONDS: Final = 3
"""What the time between two batches counts at most towards that: nodes that are there beat more
often, so a longer one is a log that stood still for all, or a clock that was set."""

_MICRO: Final = 1_000_000


class LastHeard(NamedTuple):
    """What was heard of a node: its last batch that counted, and when, in the order's own time.

    Once it `is_over` nothing more of the epoch counts.
    """

    epoch: int
    number: int
    at: int = 0
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class OrderState:
    """Where a sequencer is: what it has heard, and all that the next entries follow from.

    `heard` tells of each node the last batch that counted, `newest` the last times of histories
    that the clock, which had come to `clock`, has not passed. `stamp` is the last batch's, and
    `time` the order's own time in microseconds, which passes while nodes are there. `chain` is the
    digest of all that was heard: H(i) = SHA-256(H(i-1) + position + digest of the payload).
    """

    position: int = 0
    seq: int = 0
    clock: int = 0
    newest: dict[str, int] = field(default_factory=dict)
    heard: dict[int, LastHeard] = field(default_factory=dict)
    stamp: int = 0
    time: int = 0
    chain: bytes = b""

    def next_epoch(self, node: int) -> int:
        """Return the number of a node's next start, as far as the order knows of those before.

        The World may know less (World.next_epoch): a start that was refused is none to it.
        """
        known = self.heard.get(node)
        return 1 if known is None else known.epoch + 1


class Sequencer:
    """Make entries of batches, one batch after the other.

    A batch that was heard before counts once, and one of an epoch after which that node has begun
    another counts for nothing. Seqs are dense: what does not count takes none. The one thing that
    happens here unasked is that a node is lost (NodeLost): only the order sees who is silent.
    """

    def __init__(self, msgids: MsgidKey, state: OrderState) -> None:
        """Go on from a state."""
        self._msgids = msgids
        self.position = state.position
        self.last_seq = state.seq
        self.stamps = Stamps(state.clock, state.newest)
        self._heard = dict(state.heard)
        self._stamp, self._time = state.stamp, state.time
        self.chain = state.chain
        self._chains, self._worlds = Agreement(), Agreement()
        self._world = (0, b"")
        if state.chain:
            self._chains.found(state.position, state.chain)

    @property
    def state(self) -> OrderState:
        """Return from where another one would go on as this one will."""
        stamps, heard = self.stamps, dict(self._heard)
        clock, newest = stamps.clock, stamps.newest()
        order = self._stamp, self._time, self.chain
        return OrderState(self.position, self.last_seq, clock, newest, heard, *order)

    @property
    def heard(self) -> Mapping[int, LastHeard]:
        """Return what was heard of each node."""
        return self._heard

    def is_over(self, node: int, epoch: int) -> bool:
        """Say whether nothing more of a node's epoch counts: it stopped, was lost or replaced."""
        known = self._heard.get(node)
        return known is not None and (known.epoch > epoch or known[::3] == (epoch, True))

    def sequence(self, ordered: Ordered) -> list[Entry]:
        """Return the entries of a batch: none where it does not count."""
        if ordered.position <= self.position:
            return []
        self.position = ordered.position
        self._pass_time(ordered.stamp)
        counts = self._counts(ordered.batch)
        if ordered.digest:
            self._compare(ordered, counts)
        drafts = ordered.batch.drafts if counts else ()
        # Whoever orders its own commits alone (LocalLog) has no epoch, and loses nobody.
        if ordered.batch.epoch and (lost := self._lost()):
            drafts = [*lost, *drafts]
        entries = self.place(drafts, ordered.stamp)
        self.last_seq += len(entries)
        return entries

    def _compare(self, ordered: Ordered, counts: bool) -> None:
        self.chain = chained(self.chain, ordered)
        self._chains.found(ordered.position, self.chain)
        if counts:
            node, vouched = ordered.batch.node, ordered.batch.vouched
            self._chains.told(node, vouched.digest_at, vouched.digest)
            self._worlds.told(node, vouched.world_at, vouched.world)

    def vouch(self, seq: int, world: bytes) -> None:
        """Note the digest of this node's World as of a seq: its next batches tell it."""
        self._world = seq, world
        self._worlds.found(seq, world)

    def vouched(self, applied: int) -> Vouched:
        """Return what this node's next batch tells, its archive being durable up to `applied`."""
        return Vouched(applied, self.position, self.chain, *self._world)

    def finding(self, own: int) -> Comparison:
        """Say whether this node has heard, and made of it, what the others have that are there."""
        live = [number for number, one in self._heard.items() if not one.is_over]
        return worst(self._chains.finding(own, live), self._worlds.finding(own, live))

    def _pass_time(self, stamp: int) -> None:
        self._time += min(max(stamp - self._stamp, 0), GAP_SECONDS * _MICRO)
        self._stamp = stamp

    def _counts(self, batch: DraftBatch) -> bool:
        """Note whose batch it is; say whether it counts."""
        known = self._heard.get(batch.node)
        if known is not None:
            if (batch.epoch, batch.number) <= known[:2]:
                return False
            if known.is_over and batch.epoch == known.epoch:
                return False
        stops = bool(batch.drafts) and type(batch.drafts[-1].record) is NodeStopped
        self._heard[batch.node] = LastHeard(batch.epoch, batch.number, self._time, stops)
        return True

    def _lost(self) -> list[Draft]:
        """Return that nodes are lost which have been silent for too long, and note it."""
        since = self._time - LOST_SECONDS * _MICRO
        lost = [
            number for number, one in self._heard.items() if one.at <= since and not one.is_over
        ]
        for number in lost:
            self._heard[number] = self._heard[number]._replace(is_over=True)
        return [Draft(NodeLost(ORDER, one, self._heard[one].epoch)) for one in sorted(lost)]

    def take_back(self, entries: Sequence[Entry]) -> None:
        """Let the seqs of these, the last ones, be given again: they were never in the order.

        Their times are not given back.
        """
        self.last_seq -= len(entries)

    def place(self, drafts: Sequence[Draft], now: int) -> list[Entry]:
        """Return drafts as the next entries, the clock showing `now`; they take no seqs yet."""
        first = self.last_seq + 1
        names = self._msgids.encode_many(first, len(drafts))
        stamp, entries = self.stamps.stamp, []
        for seq, (name, draft) in enumerate(zip(names, drafts, strict=True), first):
            record = draft.record
            time, lead = stamp(now, histories_of(record))
            entries.append(Entry(seq, time, name, record, draft.body, lead))
        return entries


def chained(chain: bytes, ordered: Ordered) -> bytes:
    """Return the digest of all that was heard with one more batch."""
    position = ordered.position.to_bytes(8, "big")
    return hashlib.sha256(chain + position + ordered.digest).digest()
