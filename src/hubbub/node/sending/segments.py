"""What waits in an outbox, answers that are not there yet or are long or put off; its ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, Protocol

LONG_ANSWER_BYTES: Final = 32 * 1024
"""How much of a long answer is made at once."""
REST: Final = b""
"""What a long answer has where nothing was made for a while."""
REST_BYTES: Final = 4 * 1024
"""How much a rest counts for: what looks through much is over as soon as what makes much."""


class Cursor:
    """Remember seqs to be read again, and count what was missed after them; before, on a screen."""

    __slots__ = ("missed", "seqs")

    def __init__(self) -> None:
        self.seqs: deque[int] = deque()
        self.missed = 0


class Pending:
    """Hold the place of an answer that is still being made; `data` is None until it is there."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data: bytes | None = None


class LongAnswer:
    """Hold a long answer that is made as the peer takes it."""

    __slots__ = ("chunks",)

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks

    def page(self) -> tuple[list[bytes], bool]:
        """Make a bounded part of it, and say whether that was the last."""
        made: list[bytes] = []
        size = 0
        for chunk in self.chunks:
            made.append(chunk)
            size += len(chunk) or REST_BYTES
            if size >= LONG_ANSWER_BYTES:
                return made, False
        return made, True


Bytes = list[bytes]
Segment = Bytes | Pending | LongAnswer | Cursor


class Outlet(Protocol):
    """What an outbox writes to: a stream."""

    def send(self, data: bytes) -> bool:
        """Pass bytes on; False when some are kept and `writable` will be called."""

    def abort(self) -> None:
        """Close at once: the peer has taken nothing for too long."""


class Keeper(Protocol):
    """Whose outbox it is: a connection."""

    def read_again(self, seqs: list[int]) -> None:
        """Fetch the entries with these seqs, and call the outbox's `resume` with their bytes."""

    def missed(self, count: int) -> bytes:
        """Return the notice that tells how many messages were passed over."""

    def caught_up(self) -> None:
        """Learn that the peer is no longer behind: its input may go on."""


class Nobody:
    """Take what is for a peer that has gone, and ask for nothing."""

    def send(self, data: bytes) -> bool:
        """Pass nothing on, and keep nothing."""
        return True

    def abort(self) -> None:
        """Do nothing: it is closed."""

    def read_again(self, seqs: list[int]) -> None:
        """Read nothing."""

    def missed(self, count: int) -> bytes:
        """Tell nothing."""
        return b""

    def caught_up(self) -> None:
        """Learn nothing."""


NOBODY: Final = Nobody()
"""The outlet and the keeper of an outbox whose peer has gone."""
