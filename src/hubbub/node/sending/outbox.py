"""The bounded queue to one peer, or its cursor into the journal.

`parts` collects what comes last; for a peer that keeps up there is nothing else, and `flush` passes
it on in one write. What has to wait stands before it in a queue of segments, which keep the order
in which things were meant to be seen:

    Bytes      what came before the next segment
    Pending    an answer that the archive has not returned yet
    LongAnswer made as it is taken
    Cursor     seqs that were delivered when the budget was spent, and how many more there was no
               place for; they are read again from the archive when their turn comes

A client can ask for what it missed, so its cursors keep the oldest seqs, and the gap comes after
them. A screen that somebody left shows the newest, and the gap comes before them.

Only deliveries can be spared so. Answers to the peer's own commands are never dropped; they are
bounded since its input pauses while it is behind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from hubbub.core.showing.delivery import Delivery
from hubbub.node.sending.run import Run
from hubbub.node.sending.segments import (
    NOBODY,
    Bytes,
    Cursor,
    Keeper,
    LongAnswer,
    Outlet,
    Pending,
    Segment,
)
from hubbub.node.sending.writes import Writes, straight

CURSOR_PAGE: Final = 200
"""How many entries a cursor reads at once."""
SPENT: Final = -(1 << 60)
"""The room of an outbox with a cursor: nothing fits before it has caught up."""


class Outbox:
    """Queue what one peer is to get, within a budget of bytes.

    `cursor_seqs` bounds what all its cursors remember, the newest of what there was if `newest`;
    `dirty_boxes` collects the outboxes that have something to flush. `sent` counts the bytes passed
    on, `fell_behind` how often the budget was spent, `passed_over` what there was no place for.
    What it hears of a `run`, from its part number `start` on, comes behind `parts`.
    """

    __slots__ = (
        "_behind",
        "_blocked",
        "_budget",
        "_cursor_seqs",
        "_cursors",
        "_dirty_boxes",
        "_keeper",
        "_kept",
        "_newest",
        "_outlet",
        "_queue",
        "_reading",
        "_remembered",
        "_straight",
        "caps",
        "dirty",
        "fell_behind",
        "parts",
        "passed_over",
        "room",
        "run",
        "sent",
        "start",
    )

    def __init__(
        self,
        outlet: Outlet,
        budget: int,
        cursor_seqs: int,
        dirty_boxes: list[Outbox],
        keeper: Keeper,
        newest: bool = False,
    ) -> None:
        self._outlet: Outlet = outlet
        self._straight = straight(outlet)
        self._newest = newest
        self._budget = budget
        self._cursor_seqs = cursor_seqs
        self._dirty_boxes = dirty_boxes
        self._keeper: Keeper = keeper
        # Most outboxes never have a queue: two thousand idle clients need none.
        self._queue: deque[Segment] | None = None
        self._cursors = 0
        self._remembered = 0
        self._kept = 0
        self._blocked = False
        self._reading = 0
        self._behind = False
        self.caps = 0
        self.parts: Bytes = []
        self.run: Run | None = None
        self.start = 0
        self.room = budget
        self.dirty = False
        self.sent = self.fell_behind = self.passed_over = 0

    @property
    def is_behind(self) -> bool:
        """Say whether the peer has used up its room, or waits for an answer.

        Its input pauses meanwhile, which bounds what its own commands can queue.
        """
        behind = self.room < 0 or bool(self._queue)
        self._behind = self._behind or behind
        return behind

    @property
    def has_cursor(self) -> bool:
        """Say whether the peer reads so slowly that what it is to get is read again later."""
        return self._cursors > 0

    @property
    def held(self) -> int:
        """Return how many bytes wait here."""
        self.settle()
        held = self._kept
        if self.parts:
            held += sum(map(len, self.parts))
        for segment in self._queue or ():
            if isinstance(segment, list):
                held += sum(map(len, segment))
        return held

    def mark(self) -> None:
        """See to it that `flush` is called at the end of this tick."""
        if not self.dirty:
            self.dirty = True
            self._dirty_boxes.append(self)

    # Putting in

    def enter(self, run: Run) -> None:
        """Hear what a run brings from here on, for which there has to be room."""
        self.settle()
        self.run, self.start = run, len(run.parts)
        self.mark()

    def settle(self) -> None:
        """Put what has come of a run behind what came before, and hear no more of it."""
        run = self.run
        if run is None:
            return
        self.run = None
        if len(run.parts) > self.start:
            data = run.since(self.start)
            self.room -= len(data)
            self.parts.append(data)
        self.start = 0
        if run.is_open:
            run.apart[self] = None

    def deliver(self, delivery: Delivery) -> None:
        """Queue an entry; a group of many hears it by a run."""
        if self.run is not None:
            self.settle()
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
        cursor = self._cursor()
        if self._is_full() and not self._forget_oldest(cursor):
            cursor.missed += 1
            self.passed_over += 1
            return
        if cursor.missed and not self._newest:
            # What comes after a gap stands after the notice that tells of it.
            cursor = self._new_cursor()
        cursor.seqs.append(delivery.entry.seq)
        self._remembered += 1

    def _is_full(self) -> bool:
        """Say whether no more is remembered; on a screen a page that is being read does not count.

        It may be all that there was, and what comes meanwhile is the newest.
        """
        return self._remembered - self._reading * self._newest >= self._cursor_seqs

    def _forget_oldest(self, cursor: Cursor) -> bool:
        """Make room in a cursor on a screen; False where there is nothing to forget."""
        is_read = self._reading and self._queue is not None and self._queue[0] is cursor
        first = self._reading if is_read else 0
        if not self._newest or len(cursor.seqs) <= first:
            return False
        del cursor.seqs[first]
        cursor.missed += 1
        self.passed_over += 1
        self._remembered -= 1
        return True

    def answer(self, data: bytes) -> None:
        """Queue an answer to the peer's own command; it is never dropped."""
        if self.run is not None:
            self.settle()
        self.room -= len(data)
        self.parts.append(data)
        self.mark()

    def signal(self, data: bytes) -> None:
        """Pass on what may be lost, if the peer keeps up."""
        self.settle()
        if len(data) <= self.room:
            self.answer(data)

    def tell(self, data: bytes) -> None:
        """Queue what others brought about and no archive keeps (MONITOR), up to the same bound."""
        self.settle()
        if len(data) <= self.room:
            self.answer(data)
        else:
            self._cursor().missed += 1
            self.passed_over += 1

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
        self._enqueue(LongAnswer(chunks))

    def _enqueue(self, segment: Segment) -> None:
        self.settle()
        if self._queue is None:
            self._queue = deque()
        if self.parts:
            self._queue.append(self.parts)
            self.parts = []
        self._queue.append(segment)
        self.mark()

    def _cursor(self) -> Cursor:
        """Return the cursor at the end of the queue; there is one from here on."""
        tail = self._queue[-1] if self._queue and not self.parts else None
        return tail if isinstance(tail, Cursor) else self._new_cursor()

    def _new_cursor(self) -> Cursor:
        cursor = Cursor()
        self._enqueue(cursor)
        self.fell_behind += not self._cursors
        self._cursors += 1
        self.room = SPENT
        return cursor

    # Taking out

    def writable(self) -> None:
        """Go on after the outlet has taken what it kept."""
        self.settle()
        self._blocked = False
        self._kept = 0
        self._regain()
        self.mark()

    def flush(self) -> bool:
        """Pass on what the outlet takes: the queue, then this tick's parts in one write.

        Say whether a page of a long answer was made for it: that takes so long as many writes do.
        """
        self.dirty = False
        data = self._taken()
        if data is not None:
            self._count(data)
            if data and not self._outlet.send(data):
                self.keep(data)
            return False
        paged = False
        while not self._blocked:
            if self._queue:
                paged = paged or isinstance(self._queue[0], LongAnswer)
                if not self._advance(self._queue):
                    return paged
            elif self.parts:
                parts, self.parts = self.parts, []
                self._send(parts)
            else:
                break
        return paged

    def offer(self, writes: Writes) -> bool:
        """Do what `flush` does by putting it among others' writes; False where that cannot be."""
        stream = self._straight
        if stream is None or not stream.is_free:
            return False
        data = self._taken()
        if data is None:
            return False
        self.dirty = False
        self._count(data)
        if data:
            writes.add(stream, self, data)
        return True

    def _taken(self) -> bytes | None:
        """Take all that there is where it can go in one write; None where there is more to it."""
        run, parts = self.run, self.parts
        waits = self._queue or self._blocked or self._behind
        if run is not None:
            if run.is_open:
                # Who hears more after this hears it of another one.
                run.close()
            if not (parts or waits):
                self.run = None
                start, self.start = self.start, 0
                return run.since(start)
            self.settle()
        if waits or not parts:
            return None
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        return data

    def _count(self, data: bytes) -> None:
        """Count what is passed on when there is nothing else."""
        self.room = self._budget
        self.sent += len(data)

    def finish(self) -> None:
        """Pass on what the outlet takes, but for what is still to be made of long answers.

        Nobody waits for those any more, and of many that end at once each would hold up all others.
        """
        if self._queue:
            self._queue = deque(one for one in self._queue if not isinstance(one, LongAnswer))
        self.flush()

    def end(self) -> None:
        """Let go of a peer that has gone; whoever tells it something still tells nobody."""
        self._straight = None
        self._outlet = self._keeper = NOBODY

    def give_up(self) -> None:
        """End the connection, whose peer would miss what could not be passed on."""
        self._outlet.abort()

    def _send(self, parts: Bytes) -> None:
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        self.sent += len(data)
        if data and not self._outlet.send(data):
            self.keep(data)
        self._regain()

    def keep(self, data: bytes) -> None:
        """Count what the outlet has not passed on yet, until it is gone."""
        self._blocked = True
        self._kept = len(data)
        self.room -= len(data)

    def _regain(self) -> None:
        """Set the room to what is free, and let the peer's input go on if it is behind no more."""
        if not self._cursors:
            self.room = self._budget - self.held
        if self._behind and self.room >= 0 and not self._queue:
            self._behind = False
            self._keeper.caught_up()

    def _advance(self, queue: deque[Segment]) -> bool:
        """Send from the head of the queue; say whether there may be more to send."""
        head = queue[0]
        if isinstance(head, list):
            queue.popleft()
            self._send(head)
        elif isinstance(head, Pending):
            if head.data is None:
                return False
            queue.popleft()
            self._send([head.data])
        elif isinstance(head, LongAnswer):
            return self._send_page(queue, head)
        else:
            return self._follow(queue, head)
        return True

    def _send_page(self, queue: deque[Segment], pages: LongAnswer) -> bool:
        """Make and send a page; the next one is for another flush, so that others come between."""
        made, is_over = pages.page()
        if is_over:
            queue.popleft()
            self._send(made)
            return True
        self._send(made)
        if not self._blocked:
            self.mark()
        return False

    def _follow(self, queue: deque[Segment], cursor: Cursor) -> bool:
        """Read on where the cursor is; say whether it has caught up."""
        if self._reading:
            return False
        if cursor.missed and (self._newest or not cursor.seqs):
            missed, cursor.missed = cursor.missed, 0
            self._send([self._keeper.missed(missed)])
            return True
        if cursor.seqs:
            seqs = [cursor.seqs[at] for at in range(min(CURSOR_PAGE, len(cursor.seqs)))]
            self._reading = len(seqs)
            self._keeper.read_again(seqs)
            return False
        queue.popleft()
        self._cursors -= 1
        self._send([])
        return True

    def resume(self, data: bytes, count: int, lost: int) -> None:
        """Take the bytes of the first `count` seqs of the cursor at the head of the queue.

        `lost` of them are in the archive no more.
        """
        self._reading = 0
        cursor = self._queue[0] if self._queue else None
        if isinstance(cursor, Cursor) and self._queue is not None:
            for _ in range(count):
                cursor.seqs.popleft()
            self._remembered -= count
            self._queue.appendleft([data, self._keeper.missed(lost)] if lost else [data])
            self.mark()
