"""What a node counts as it happens, for its metrics: plain numbers, for this is the hot path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hubbub.histogram import Histogram
from hubbub.node.connection import Connection


class Tally:
    """Count what comes back from the journal, and who logs in.

    `messages` are those that were kept, `not_kept` records for which there was no room, `logins`
    are by kind of door. `told` says how many seconds it took from a commit until all whom it
    concerns had been told.
    """

    __slots__ = ("logins", "messages", "not_kept", "told")

    def __init__(self) -> None:
        self.messages = 0
        self.not_kept = 0
        self.logins: Counter[str] = Counter()
        self.told = Histogram()


@dataclass(frozen=True, slots=True)
class Traffic:
    """Add up what went over connections: bytes both ways, and how slow who is at the other end is.

    `slowed` counts how often one sent faster than allowed, `fell_behind` how often one had to be
    read for again, `passed_over` the messages that somebody so slow was not shown.
    """

    received: int = 0
    sent: int = 0
    slowed: int = 0
    fell_behind: int = 0
    passed_over: int = 0

    @classmethod
    def of(cls, one: Connection) -> Traffic:
        """Return what went over a connection."""
        box = one.outbox
        return cls(one.received_bytes, box.sent, one.slowed, box.fell_behind, box.passed_over)

    @classmethod
    def over(cls, several: Sequence[Connection]) -> Traffic:
        """Return what went over connections, thousands maybe: a sum for each number."""
        boxes = [one.outbox for one in several]
        return cls(
            sum(one.received_bytes for one in several),
            sum(box.sent for box in boxes),
            sum(one.slowed for one in several),
            sum(box.fell_behind for box in boxes),
            sum(box.passed_over for box in boxes),
        )

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(
            self.received + other.received,
            self.sent + other.sent,
            self.slowed + other.slowed,
            self.fell_behind + other.fell_behind,
            self.passed_over + other.passed_over,
        )
