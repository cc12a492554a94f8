"""What waits in an outbox: answers that are not there yet or are long, and what was put off."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

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
