"""Who hears a channel on this node: outboxes, grouped by what they negotiated.

This is the hot path: one loop over a group per message, and nothing made per recipient.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from hubbub.core.showing.delivery import Delivery
from hubbub.node.sending.outbox import Outbox


class Audience:
    """Hold the outboxes of a channel's local sessions, by capability set."""

    __slots__ = ("_dirty_boxes", "_groups")

    def __init__(self, dirty_boxes: list[Outbox]) -> None:
        self._dirty_boxes = dirty_boxes
        self._groups: dict[int, dict[Outbox, None]] = {}

    def add(self, box: Outbox) -> None:
        """Let an outbox hear the channel."""
        self._groups.setdefault(box.caps, {})[box] = None

    def discard(self, box: Outbox) -> None:
        """Let an outbox hear the channel no more."""
        group = self._groups.get(box.caps)
        if group is not None:
            group.pop(box, None)
            if not group:
                del self._groups[box.caps]

    def __bool__(self) -> bool:
        return bool(self._groups)

    def include(self, other: Audience) -> None:
        """Let all that hear another channel hear this one."""
        for caps, group in other._groups.items():
            self._groups.setdefault(caps, {}).update(group)

    def __iter__(self) -> Iterator[Outbox]:
        return chain.from_iterable(self._groups.values())

    def deliver(self, delivery: Delivery, requires: int, skip: Outbox | None) -> int:
        """Queue an entry for all with the required capabilities, but for `skip`; count them."""
        told = 0
        dirty_boxes = self._dirty_boxes
        for caps, group in self._groups.items():
            if caps & requires != requires:
                continue
            data = delivery.encoded(caps)
            size = len(data)
            told += len(group)
            for box in group:
                if box is skip:
                    told -= 1
                    continue
                box.room = room = box.room - size
                if room < 0:
                    box.defer(delivery, data)
                    continue
                box.parts.append(data)
                if not box.dirty:
                    box.dirty = True
                    dirty_boxes.append(box)
        return told

    def signal(self, data: bytes, requires: int) -> None:
        """Pass on what may be lost to all that have the required capabilities, if they keep up."""
        for caps, group in self._groups.items():
            if caps & requires == requires:
                for box in group:
                    box.signal(data)
