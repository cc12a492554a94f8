"""Who hears a log, as a journal does."""

from __future__ import annotations

from queue import SimpleQueue

from hubbub.cluster.jetstream.log import JetStreamLog
from hubbub.cluster.jetstream.stream import Extent
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.port import JournalBroken
from tests.journal.keeper import said

SECONDS = 20


class Hearer:
    """Hear a log from a position on, or what comes next, and say something as one of its nodes."""

    latest = 0
    """Up to where any of them has heard: a log may begin anywhere before."""

    def __init__(self, log: JetStreamLog, position: int | None = None) -> None:
        self.log = log
        self.heard: SimpleQueue[Ordered] = SimpleQueue()
        self.refused: SimpleQueue[DraftBatch] = SimpleQueue()
        self.broken: SimpleQueue[JournalBroken] = SimpleQueue()
        log.report(lambda batch, _: self.refused.put(batch), self.broken.put)
        begin = Hearer.latest if position is None else position
        self.extent: Extent = log.open(begin).result(SECONDS)
        self.position = self.extent.last if position is None else position
        log.hear(self.position, self.heard.put)

    def say(self, node: int, epoch: int, number: int, *texts: str) -> DraftBatch:
        """Append a batch."""
        batch = DraftBatch(node, epoch, number, [said(text, "#a") for text in texts])
        self.log.append(batch)
        return batch

    def next(self) -> Ordered:
        """Return what is heard next."""
        ordered = self.heard.get(timeout=SECONDS)
        self.position = ordered.position
        Hearer.latest = max(Hearer.latest, ordered.position)
        return ordered
