"""A log in this process that several journals follow, each in the thread of its own."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from queue import SimpleQueue

from hubbub.journal.codec import encode_record
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.port import JournalBroken, JournalFull, LogRoute


class Shelf:
    """Hold the order; it stays when those who hear it are gone."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.order: list[Ordered] = []
        self.is_full = False
        self._readers: list[Reader] = []
        self._lock = threading.Lock()

    def reader(self) -> Reader:
        """Return the log as one journal sees it."""
        reader = Reader(self)
        self._readers.append(reader)
        return reader

    def append(self, batch: DraftBatch) -> bool:
        """Put a batch in the next place, if there is room."""
        with self._lock:
            if not self.is_full:
                payload = b"".join(encode_record(draft.record) for draft in batch.drafts)
                digest = hashlib.sha256(payload).digest()
                place = len(self.order) + 1
                self.order.append(Ordered(place, self.clock(), batch, digest))
        for reader in self._readers:
            reader.stir()
        return not self.is_full


class Reader:
    """Be a SharedLog: what is appended is heard in another thread, a little later."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._position: int | None = None
        self.rests = 0
        self.route = LogRoute.LEADER
        # Whether what it hears was damaged on the way.
        self.spoils = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def report(
        self,
        refused: Callable[[DraftBatch, JournalFull], None],
        broken: Callable[[JournalBroken], None],
    ) -> None:
        self._refused, self.broken = refused, broken

    def append(self, batch: DraftBatch) -> None:
        batch = replace(batch, drafts=list(batch.drafts))
        self._asked.put(lambda: self._append(batch))

    def hear(self, position: int, take: Callable[[Ordered], None]) -> None:
        self._asked.put(lambda: self._go_on(position, take))

    def rest(self) -> None:
        self._position = None
        self.rests += 1

    def trim(self, upto: int) -> None:
        """Keep all."""

    def stir(self) -> None:
        """Look for more."""
        self._asked.put(self._deliver)

    def stop(self) -> None:
        """Hear nothing more."""
        self._asked.put(None)
        self._thread.join()

    def _append(self, batch: DraftBatch) -> None:
        if not self._shelf.append(batch):
            self._refused(batch, JournalFull("the log is full"))

    def _go_on(self, position: int, take: Callable[[Ordered], None]) -> None:
        self._position, self._take = position, take
        self._deliver()

    def _deliver(self) -> None:
        while self._position is not None and self._position < len(self._shelf.order):
            ordered = self._shelf.order[self._position]
            self._position = ordered.position
            self._take(replace(ordered, digest=b"spoilt") if self.spoils else ordered)

    def _run(self) -> None:
        while (act := self._asked.get()) is not None:
            act()
