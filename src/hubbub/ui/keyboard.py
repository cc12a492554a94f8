"""Keys as they are pressed: a decoder, the time that tells what its bytes cannot, and their turn.

A chunk of bytes may be ten thousand keys. They are pressed one after the other when it is their
turn, and what waits for that is bounded: past it, no more is read.
"""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from hubbub.transport.turns import Share, Turns
from hubbub.ui.editing.key_decoder import Decoder, Key

DECODED: Final = 128
"""How many bytes are made keys in one step."""
WAITING: Final = 4 * 1024
"""Bytes that wait for their turn, past which no more are read; a window's worth may have come."""


class Typist(Protocol):
    """Who takes the keys."""

    def press(self, key: Key) -> None:
        """Take one whole key."""

    def crowded(self) -> None:
        """Learn that more keys wait than should, or that few enough do again."""

    def ended(self) -> None:
        """Learn that this was the last key."""

    def failed(self, error: Exception) -> None:
        """Learn that a key could not be taken."""


class Keyboard:
    """Pass on keys from bytes; what has begun and does not go on is ended after a moment."""

    __slots__ = (
        "_bytes",
        "_decoder",
        "_ending",
        "_keys",
        "_timer",
        "_turns",
        "_typist",
        "is_crowded",
        "share",
    )

    def __init__(self, typist: Typist, turns: Turns, share: Share) -> None:
        """Pass keys on to a typist, as `turns` let it."""
        self.share = share
        self._typist = typist
        self._turns = turns
        self._decoder = Decoder()
        self._bytes = bytearray()
        # The next key stands last: a list is a tenth of a deque, and mostly empty.
        self._keys: list[Key] = []
        self.is_crowded = False
        self._ending = False
        self._timer: asyncio.TimerHandle | None = None

    def feed(self, data: bytes) -> None:
        """Take bytes from a terminal."""
        self._stop_timer()
        self._bytes += data
        self._turns.add(self)
        self._tell_if_crowded()

    def end(self) -> None:
        """Take no more bytes; the typist learns of it behind the last key."""
        self._ending = True
        self._turns.add(self)

    def step(self) -> bool:
        """Press a key, or make more of them from bytes."""
        if not self._keys:
            self._keys = self._decoder.feed(bytes(self._bytes[:DECODED]))[::-1]
            del self._bytes[:DECODED]
            self._tell_if_crowded()
        if self._keys:
            self._typist.press(self._keys.pop())
        if self._keys or self._bytes:
            return True
        self._stop_timer()
        if self._ending:
            self._typist.ended()
        elif patience := self._decoder.patience:
            self._timer = asyncio.get_running_loop().call_later(patience, self._flush)
        return False

    def failed(self, error: Exception) -> None:
        """Press nothing more after a key that could not be taken."""
        self.close()
        self._typist.failed(error)

    def close(self) -> None:
        """Wait for nothing more, and forget what waits."""
        self._stop_timer()
        self._bytes.clear()
        self._keys.clear()
        self._ending = False

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        self._timer = None
        self._keys[:0] = self._decoder.flush()[::-1]
        if self._keys:
            self._turns.add(self)

    def _tell_if_crowded(self) -> None:
        bound = WAITING // 2 if self.is_crowded else WAITING
        if (crowded := len(self._bytes) > bound) != self.is_crowded:
            self.is_crowded = crowded
            self._typist.crowded()
