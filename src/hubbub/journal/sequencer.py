"""From batches in an order to entries: the same seqs, times and msgids on every node.

All that this depends on is the key of the msgids, the OrderState and the batches: whoever goes on
from the same state with the same batches has the same entries, and the same state after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.log import Ordered
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.names import histories_of
from hubbub.journal.stamps import Stamps


@dataclass(frozen=True, slots=True)
class OrderState:
    """Where a sequencer is: what it has heard, and all that the next entries follow from.

    `heard` tells of each node the last (epoch, number) of a batch that counted, `newest` the last
    times of histories that the clock, which had come to `clock`, has not passed.
    """

    position: int = 0
    seq: int = 0
    clock: int = 0
    newest: dict[str, int] = field(default_factory=dict)
    heard: dict[int, tuple[int, int]] = field(default_factory=dict)


class Sequencer:
    """Make entries of batches, one batch after the other.

    A batch that was heard before counts once, and one of an epoch after which that node has begun
    another counts for nothing. Seqs are dense: what does not count takes none.
    """

    def __init__(self, msgids: MsgidKey, state: OrderState) -> None:
        """Go on from a state."""
        self._msgids = msgids
        self.position = state.position
        self.last_seq = state.seq
        self.stamps = Stamps(state.clock, state.newest)
        self._heard = dict(state.heard)

    @property
    def state(self) -> OrderState:
        """Return from where another one would go on as this one will."""
        stamps = self.stamps
        return OrderState(
            self.position, self.last_seq, stamps.clock, stamps.newest(), dict(self._heard)
        )

    def sequence(self, ordered: Ordered) -> list[Entry]:
        """Return the entries of a batch: none where it does not count."""
        batch = ordered.batch
        if ordered.position <= self.position:
            return []
        self.position = ordered.position
        if (batch.epoch, batch.number) <= self._heard.get(batch.node, (0, 0)):
            return []
        self._heard[batch.node] = batch.epoch, batch.number
        entries = self.place(batch.drafts, ordered.stamp)
        self.last_seq += len(entries)
        return entries

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
