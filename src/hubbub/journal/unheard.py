"""One node's drafts on their way into the order: a batch at a time, again until it is heard.

While a batch is on its way what else is asked for waits for the next one: so they are few, and
large where much is said. What became of a batch is known by hearing it, and in no other way: that
no acknowledgement comes says nothing.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from hubbub.core.records.entries import Draft
from hubbub.journal.log import DraftBatch

BATCH: Final = 4_000
"""The most drafts of one batch."""


class Unheard:
    """Hold what a node's epoch has asked for and has not heard; `is_replaced` once it is over."""

    def __init__(self, node: int, epoch: int) -> None:
        """Begin an epoch, in which nothing was asked for yet."""
        self._node, self._epoch = node, epoch
        self._number = 0
        self._drafts: deque[Draft] = deque()
        self.in_flight: DraftBatch | None = None
        self.is_replaced = False

    @property
    def waiting(self) -> int:
        """Return how many drafts have been taken and were not heard."""
        return len(self._drafts) + (len(self.in_flight.drafts) if self.in_flight else 0)

    def put(self, draft: Draft) -> None:
        """Take a draft."""
        self._drafts.append(draft)

    def next(self) -> DraftBatch | None:
        """Return what to append now: None while a batch is on its way, or nothing waits."""
        if self.in_flight is not None or not self._drafts or self.is_replaced:
            return None
        self._number += 1
        take = self._drafts.popleft
        drafts = [take() for _ in range(min(BATCH, len(self._drafts)))]
        self.in_flight = DraftBatch(self._node, self._epoch, self._number, drafts)
        return self.in_flight

    def heard(self, batch: DraftBatch) -> None:
        """Learn that a batch is in the order, whosever it is."""
        ours = self.in_flight
        if batch.node == self._node and batch.epoch > self._epoch:
            # Another process is this node by now: nothing of this one's counts any more.
            self.is_replaced = True
        elif ours is not None and batch.place == ours.place:
            self.in_flight = None
