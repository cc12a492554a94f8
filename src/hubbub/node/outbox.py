"""The bounded queue to one peer, or its cursor into the journal.

While the peer keeps up, `parts` collects what a tick brings and `flush` passes it on in one write.
When it does not, and the budget is spent, what it was to be delivered is remembered by seq only and
read again from the archive when there is room: first come the bytes, then the queue, whose segments
keep the order in which things were meant to be seen:

    bytes      answers to the peer's own commands; never dropped, and bounded since its input pauses
               while there is no room
    Cursor     seqs that were delivered meanwhile, and how many more there was no place for
    Pages      a long answer, made as it is taken
    Pending    a page of history that the archive has not returned yet
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from hubbub.core.delivery import Delivery

CURSOR_PAGE: Final = 200
"""How many entries a cursor reads at once."""
LONG_ANSWER_BYTES: Final = 32 * 1024
"""How much of a long answer is made at once."""
SPENT: Final = -(1 << 60)
"""The room of an outbox that has a queue: nothing fits."""


class Outlet(Protocol):
    """What an outbox writes to: a stream."""

    def send(self, data: bytes) -> bool:
        """Pass bytes on; False when some are kept and `writable` will be called."""


class Cursor:
    """Remember seqs to be read again, and count what was missed after them."""

    __slots__ = ("missed", "seqs")

    def __init__(self) -> None:
        self.seqs: deque[int] = deque()
        self.missed = 0


class Pending:
    """Hold the place of an answer that is still being made; `data` is None until it is there."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data: bytes | None = None


class Pages:
    """Hold a long answer that is made as the peer takes it."""

    __slots__ = ("chunks",)

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks


Segment = bytes | Cursor | Pending | Pages


class Outbox:
    """Queue what one peer is to get, within a budget of bytes.

    `cursor_seqs` bounds what all its cursors remember. `read` is asked to fetch the entries with
    some seqs and to call `resume` with their bytes; `missed` makes the notice that tells how many
    messages a full cursor had to pass over; `emptied` is called when there is room again and the
    peer's input may go on.
    """

    __slots__ = (
        "_blocked",
        "_budget",
        "_cursor_seqs",
        "_dirty_boxes",
        "_emptied",
        "_missed",
        "_outlet",
        "_queue",
        "_read",
        "_reading",
        "_remembered",
        "caps",
        "dirty",
        "parts",
        "room",
    )

    def __init__(
        self,
        outlet: Outlet,
        budget: int,
        cursor_seqs: int,
        dirty_boxes: list[Outbox],
        read: Callable[[Outbox, list[int]], None],
        missed: Callable[[int], bytes],
        emptied: Callable[[], object],
    ) -> None:
        self._outlet = outlet
        self._budget = budget
        self._cursor_seqs = cursor_seqs
        self._dirty_boxes = dirty_boxes
        self._read = read
        self._missed = missed
        self._emptied = emptied
        self._queue: deque[Segment] = deque()
        self._blocked = False
        self._reading = False
        self._remembered = 0
        self.caps = 0
        self.parts: list[bytes] = []
        self.room = budget
        self.dirty = False

    @property
    def is_behind(self) -> bool:
        """Say whether the peer has used up its room, or waits for an answer.

        Its input pauses meanwhile, which bounds what its own commands can queue.
        """
        return self.room < 0

    def mark(self) -> None:
        """See to it that `flush` is called at the end of this tick."""
        if not self.dirty:
            self.dirty = True
            self._dirty_boxes.append(self)

    def deliver(self, delivery: Delivery) -> None:
        """Queue an entry; Audience.deliver does the same for many, without a call for each."""
        data = delivery.encoded(self.caps)
        self.room -= len(data)
        if self.room < 0:
            self.defer(delivery, data)
            return
        self.parts.append(data)
        self.mark()

    def defer(self, delivery: Delivery, data: bytes) -> None:
        """Queue an entry for which `room` has just been found too small."""
        if not self._queue and not self._blocked:
            # Nothing but this tick's own output is in the way.
            self.room += len(data)
            self.flush()
            if not self._blocked and len(data) <= self.room:
                self.room -= len(data)
                self.parts.append(data)
                self.mark()
                return
        self._remember(delivery.entry.seq)

    def _remember(self, seq: int) -> None:
        if self._remembered >= self._cursor_seqs:
            self._miss()
            return
        tail = self._queue[-1] if self._queue else None
        if not isinstance(tail, Cursor) or tail.missed:
            # What comes after a gap stands after the notice that tells of it.
            tail = Cursor()
            self._queue.append(tail)
        tail.seqs.append(seq)
        self._remembered += 1
        self.room = SPENT
        self.mark()

    def _miss(self) -> None:
        tail = self._queue[-1] if self._queue else None
        if not isinstance(tail, Cursor):
            tail = Cursor()
            self._queue.append(tail)
        tail.missed += 1
        self.room = SPENT
        self.mark()

    def answer(self, data: bytes) -> None:
        """Queue an answer to the peer's own command; it is never dropped."""
        if self._queue:
            self._queue.append(data)
        else:
            self.room -= len(data)
            self.parts.append(data)
        self.mark()

    def signal(self, data: bytes) -> None:
        """Pass on what may be lost, if the peer keeps up."""
        if len(data) <= self.room:
            self.room -= len(data)
            self.parts.append(data)
            self.mark()

    def tell(self, data: bytes) -> None:
        """Queue what others brought about and no archive keeps (MONITOR), up to the same bound."""
        if len(data) <= self.room:
            self.signal(data)
        elif len(self._queue) < self._cursor_seqs:
            self._enqueue(data)
        else:
            self._miss()

    def reserve(self) -> Pending:
        """Queue the place of an answer that `fulfil` brings later."""
        pending = Pending()
        self._enqueue(pending)
        return pending

    def fulfil(self, pending: Pending, data: bytes) -> None:
        """Put an answer in its place."""
        pending.data = data
        self.mark()

    def produce(self, chunks: Iterator[bytes]) -> None:
        """Queue a long answer, made piece by piece as the peer takes it."""
        self._enqueue(Pages(chunks))

    def _enqueue(self, segment: Segment) -> None:
        self._queue.append(segment)
        self.room = SPENT
        self.mark()

    def resume(self, data: bytes, count: int, lost: int) -> None:
        """Take the bytes of the first `count` seqs of the cursor at the head of the queue.

        `lost` of them are in the archive no more.
        """
        self._reading = False
        cursor = self._queue[0] if self._queue else None
        if isinstance(cursor, Cursor):
            for _ in range(count):
                cursor.seqs.popleft()
            self._remembered -= count
            self.parts.append(data)
            if lost:
                self.parts.append(self._missed(lost))
            self.mark()

    def writable(self) -> None:
        """Go on after the outlet has taken what it kept."""
        self._blocked = False
        if not self._queue:
            self._regain(sum(map(len, self.parts)))
        self.mark()

    def _regain(self, used: int) -> None:
        """Set the room where there is no queue, and let the peer's input go on if there is some."""
        was_behind = self.room < 0
        self.room = self._budget - used
        if was_behind and self.room >= 0:
            self._emptied()

    def flush(self) -> None:
        """Pass on what the outlet takes: this tick's parts in one write, then the queue."""
        self.dirty = False
        while not self._blocked:
            parts = self.parts
            if parts:
                self.parts = []
                data = parts[0] if len(parts) == 1 else b"".join(parts)
                if data:
                    self._blocked = not self._outlet.send(data)
                if not self._queue:
                    # What the outlet keeps counts until it is gone.
                    self._regain(len(data) if self._blocked else 0)
            elif not self._queue or not self._advance():
                break

    def _advance(self) -> bool:
        """Move the head of the queue into `parts`; say whether anything may have come of it."""
        head = self._queue[0]
        if isinstance(head, bytes):
            self.parts.append(head)
            self._queue.popleft()
        elif isinstance(head, Pending):
            if head.data is None:
                return False
            self.parts.append(head.data)
            self._queue.popleft()
        elif isinstance(head, Pages):
            self._take_pages(head)
        elif not self._take_cursor(head):
            return False
        if not self._queue:
            self._regain(sum(map(len, self.parts)))
        return True

    def _take_pages(self, pages: Pages) -> None:
        made = 0
        for chunk in pages.chunks:
            self.parts.append(chunk)
            made += len(chunk)
            if made >= LONG_ANSWER_BYTES:
                return
        self._queue.popleft()

    def _take_cursor(self, cursor: Cursor) -> bool:
        if self._reading:
            return False
        if cursor.seqs:
            self._reading = True
            self._read(self, [cursor.seqs[i] for i in range(min(CURSOR_PAGE, len(cursor.seqs)))])
            return False
        if cursor.missed:
            self.parts.append(self._missed(cursor.missed))
        self._queue.popleft()
        return True
