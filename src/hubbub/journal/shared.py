"""What a log must do beside settling an order where it is not this process that settles it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hubbub.journal.log import BatchLog, DraftBatch
from hubbub.journal.port import JournalBroken, JournalFull, Route


class SharedLog(BatchLog, Protocol):
    """Be a log that several nodes append to, in other processes; it may be away for a while.

    `append`, `hear` and `rest` are called in the thread of the journal that follows it, never wait,
    and may be called again: `hear` then goes on from the new position. What is heard, and what is
    reported, comes from one other thread.
    """

    def report(
        self,
        refused: Callable[[DraftBatch, JournalFull], None],
        broken: Callable[[JournalBroken], None],
    ) -> None:
        """Have `refused` told of a batch that was never in the order, and never will be.

        `broken` is told why nothing more can be heard or appended: somebody else is this node, or
        the log has not what comes after the position.
        """

    @property
    def route(self) -> Route:
        """Return how far it sees, of those who settle the order; for any thread."""

    def rest(self) -> None:
        """Let nothing more be heard until `hear` is called: the archive is behind, or full."""
