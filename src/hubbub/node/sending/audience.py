"""Who hears a channel on this node: outboxes, grouped by what they negotiated.

This is the hot path. What a group hears is held once for all of it (`run.py`), so the first message
after a write is one loop over the group, and the next ones are none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from typing import Final

from hubbub.core.showing.delivery import Delivery
from hubbub.node.sending.outbox import Outbox
from hubbub.node.sending.run import RUN_BYTES, Run

NOBODY: Final[tuple[Outbox, ...]] = ()


class Group:
    """Hold those of an audience who negotiated the same, and what they hear in this turn."""

    __slots__ = ("_dirty_boxes", "_run", "members")

    def __init__(self, dirty_boxes: list[Outbox]) -> None:
        self._dirty_boxes = dirty_boxes
        self._run: Run | None = None
        self.members: dict[Outbox, None] = {}

    def add(self, box: Outbox) -> None:
        """Let an outbox hear what comes next."""
        if box not in self.members:
            self.members[box] = None
            if self._run is not None:
                self._run.apart[box] = None

    def discard(self, box: Outbox) -> None:
        """Let an outbox hear no more than it has."""
        if self.members.pop(box, self) is None and (run := self._run) is not None:
            if box.run is run:
                box.settle()
            run.apart.pop(box, None)

    def tell(self, data: bytes, delivery: Delivery | None, skip: Collection[Outbox]) -> None:
        """Let all but a few hear an entry, or without one what may be lost."""
        run, size = self._run, len(data)
        if size > RUN_BYTES:
            self._tell_each(data, delivery, skip)
            return
        if run is None or run.size + size > RUN_BYTES:
            run = self._begin()
        for box in skip:
            if box.run is run:
                box.settle()
        if run.apart:
            self._admit(run, data, delivery, skip)
        run.add(data)

    def _tell_each(self, data: bytes, delivery: Delivery | None, skip: Collection[Outbox]) -> None:
        for box in self.members:
            if box not in skip:
                _hear(box, data, delivery)

    def _begin(self) -> Run:
        """Begin a run with all who have room for one."""
        if self._run is not None:
            self._run.close()
        run = self._run = Run(self._end)
        dirty_boxes = self._dirty_boxes
        for box in self.members:
            if box.run is not None:
                box.settle()
            if box.room < RUN_BYTES:
                run.apart[box] = None
                continue
            box.run = run
            if not box.dirty:
                box.dirty = True
                dirty_boxes.append(box)
        return run

    def _end(self) -> None:
        self._run = None

    @staticmethod
    def _admit(run: Run, data: bytes, delivery: Delivery | None, skip: Collection[Outbox]) -> None:
        """Let those who are apart hear this: by themselves where they have little room."""
        apart, run.apart = run.apart, {}
        for box in apart:
            if box in skip:
                run.apart[box] = None
            elif box.room >= RUN_BYTES:
                box.enter(run)
            else:
                run.apart[box] = None
                _hear(box, data, delivery)


def _hear(box: Outbox, data: bytes, delivery: Delivery | None) -> None:
    """Let an outbox hear something by itself."""
    if delivery is not None:
        box.deliver(delivery)
    else:
        box.signal(data)


class Audience:
    """Hold the outboxes of a channel's local sessions, by capability set."""

    __slots__ = ("_dirty_boxes", "_groups")

    def __init__(self, dirty_boxes: list[Outbox]) -> None:
        self._dirty_boxes = dirty_boxes
        self._groups: dict[int, Group] = {}

    def add(self, box: Outbox) -> None:
        """Let an outbox hear the channel."""
        self._group(box.caps).add(box)

    def discard(self, box: Outbox) -> None:
        """Let an outbox hear the channel no more."""
        group = self._groups.get(box.caps)
        if group is not None:
            group.discard(box)
            if not group.members:
                del self._groups[box.caps]

    def __bool__(self) -> bool:
        return bool(self._groups)

    def __len__(self) -> int:
        return sum(len(group.members) for group in self._groups.values())

    def _group(self, caps: int) -> Group:
        group = self._groups.get(caps)
        if group is None:
            group = self._groups[caps] = Group(self._dirty_boxes)
        return group

    def __iter__(self) -> Iterator[Outbox]:
        return chain.from_iterable(group.members for group in self._groups.values())

    def __contains__(self, box: Outbox) -> bool:
        group = self._groups.get(box.caps)
        return group is not None and box in group.members

    def deliver(self, delivery: Delivery, requires: int, skip: Collection[Outbox] = NOBODY) -> int:
        """Queue an entry for all with the required capabilities, but for `skip`; count them."""
        told = 0
        for caps, group in self._groups.items():
            if caps & requires == requires:
                group.tell(delivery.encoded(caps), delivery, skip)
                told += len(group.members)
        for box in skip:
            told -= box.caps & requires == requires and box in self
        return told

    def signal(self, data: bytes, requires: int, skip: Collection[Outbox] = NOBODY) -> None:
        """Pass on what may be lost to all that have the required capabilities, if they keep up."""
        for caps, group in self._groups.items():
            if caps & requires == requires:
                group.tell(data, None, skip)
