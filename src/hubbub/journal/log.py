"""What stands beneath every journal: a log, which settles one order of batches and nothing else.

    drafts -> DraftBatch -> BatchLog -> Ordered -> Sequencer -> entries -> archive

What a batch means is the same wherever it is heard: its place in the order and its stamp come with
it, and all else follows (hubbub.journal.sequencer).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from hubbub.core.records.entries import Draft


class Vouched(NamedTuple):
    """What a node tells with each batch of where it is, so that the others may compare.

    `applied` is the position up to which its archive has everything, for good. `digest` is the
    chain of what it has heard (OrderState.chain) as of the position `digest_at`, `world` the digest
    of its World as of the seq `world_at`; 0 and b"" where it says nothing.
    """

    applied: int = 0
    digest_at: int = 0
    digest: bytes = b""
    world_at: int = 0
    world: bytes = b""


@dataclass(frozen=True, slots=True)
class DraftBatch:
    """What one node asks for at once: in each of its starts (epoch) they are numbered upwards.

    One whose outcome is unknown is appended again as it was: by its number it counts once. One
    without drafts is a heartbeat: the node is there, and tells what it has `vouched` for.
    """

    node: int
    epoch: int
    number: int
    drafts: Sequence[Draft]
    applied: int = 0
    digest_at: int = 0
    digest: bytes = b""
    world_at: int = 0
    world: bytes = b""

    @property
    def vouched(self) -> Vouched:
        """Return what its node tells of where it is."""
        return Vouched(self.applied, self.digest_at, self.digest, self.world_at, self.world)

    @property
    def place(self) -> tuple[int, int, int]:
        """Return what names it: node, epoch, number."""
        return self.node, self.epoch, self.number


@dataclass(frozen=True, slots=True)
class Ordered:
    """A batch in its place: positions rise, not always by one; `stamp` is the log's clock.

    The stamp is in microseconds since 1970, and may step back or leap. `digest` is the SHA-256 of
    the bytes that the log carried, b"" where it carried none (LocalLog).
    """

    position: int
    stamp: int
    batch: DraftBatch
    digest: bytes = b""


class BatchLog(Protocol):
    """Settle one order of batches, durably, and let every node hear it."""

    def append(self, batch: DraftBatch) -> None:
        """Take a batch. It is in the order when it is heard, and not before; it may never be.

        The next one of the same node is for when this one has been heard.
        """

    def hear(self, position: int, take: Callable[[Ordered], None]) -> None:
        """Have `take` called with all batches after a position, in order, from now on.

        What was heard may come again, after a fault in between.
        """

    def trim(self, upto: int) -> None:
        """Let go of the batches up to a position: every archive has what came of them."""


class LocalLog:
    """Be the log of one node alone: the order in which it appends.

    A batch is heard as it is appended, and the commit of what comes of it makes both durable: there
    is no copy beside the archive. `clock` gives the stamps.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        """Be ready to be heard."""
        self._clock = clock
        self._position = 0
        self._take: Callable[[Ordered], None]

    def append(self, batch: DraftBatch) -> None:
        """Let a batch be heard at once."""
        self._position += 1
        self._take(Ordered(self._position, self._clock(), batch))

    def hear(self, position: int, take: Callable[[Ordered], None]) -> None:
        """Go on after a position."""
        self._position, self._take = position, take

    def trim(self, upto: int) -> None:
        """Do nothing: nothing is held."""
