"""One node's drafts on their way into the order: a batch at a time, again until it is heard.

While a batch is on its way what else is asked for waits for the next one: so they are few, and
large where much is said. What became of a batch is known by hearing it, and in no other way: that
no acknowledgement comes says nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.nodes import NodeLost
from hubbub.journal.log import DraftBatch, Vouched

BATCH: Final = 4_000
"""The most drafts of one batch."""


NOTHING: Final = Vouched()


class Unheard:
    """Hold what a node's epoch has asked for and has not heard.

    It is over once it `is_replaced` (another process is this node by now) or `is_lost` (NodeLost):
    nothing of it counts any more, and what was not heard by then never will be.
    """

    def __init__(self, node: int, epoch: int) -> None:
        """Begin an epoch, in which nothing was asked for yet."""
        self.node, self.epoch = node, epoch
        self._number = 0
        self._drafts: deque[Draft] = deque()
        self._beats = False
        self.in_flight: DraftBatch | None = None
        self.is_replaced = self.is_lost = False

    @property
    def waiting(self) -> int:
        """Return how many drafts have been taken and were not heard."""
        return len(self._drafts) + (len(self.in_flight.drafts) if self.in_flight else 0)

    @property
    def is_over(self) -> bool:
        """Say whether nothing that is asked for in this epoch can come any more."""
        return self.is_replaced or self.is_lost

    def put(self, draft: Draft) -> None:
        """Take a draft."""
        self._drafts.append(draft)

    def beat(self) -> None:
        """Have the next batch go even if nothing waits: the node shows that it is there.

        Not before the first one, which says that the epoch begins (NodeStarted).
        """
        self._beats = self._number > 0

    def next(self, vouched: Vouched = NOTHING) -> DraftBatch | None:
        """Return what to append now, with what the node vouches for.

        None while a batch is on its way, whose outcome may be unknown: that is `in_flight`, and is
        appended again as it was. None also where nothing waits, and when the epoch is over.
        """
        if self.in_flight is not None or self.is_over or not (self._drafts or self._beats):
            return None
        self._number += 1
        self._beats = False
        take = self._drafts.popleft
        drafts = [take() for _ in range(min(BATCH, len(self._drafts)))]
        self.in_flight = DraftBatch(self.node, self.epoch, self._number, drafts, *vouched)
        return self.in_flight

    def heard(self, batch: DraftBatch, entries: Sequence[Entry] = ()) -> None:
        """Learn that a batch is in the order, whosever it is, and what entries came of that."""
        for entry in entries:
            # Before all else that comes of a batch stands who is lost.
            if type(entry.record) is not NodeLost:
                break
            if (entry.record.node, entry.record.epoch) == (self.node, self.epoch):
                self.is_lost = True
        ours = self.in_flight
        if batch.node == self.node and batch.epoch > self.epoch:
            # Another process is this node by now: nothing of this one's counts any more.
            self.is_replaced = True
        elif ours is not None and batch.place == ours.place and not self.is_lost:
            self.in_flight = None

    def withdraw(self) -> list[Draft]:
        """Take back what was never sent, oldest first: it is certain that it has not happened.

        Once the epoch is over that is so of the batch in flight, too.
        """
        drafts = list(self._drafts)
        self._drafts.clear()
        if self.is_over and self.in_flight is not None:
            drafts[:0] = self.in_flight.drafts
            self.in_flight = None
        return drafts
