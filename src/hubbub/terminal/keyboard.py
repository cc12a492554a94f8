"""Keys as they are pressed: a decoder, and the time that tells what its bytes cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hubbub.terminal.keys import Decoder, Key


class Keyboard:
    """Pass on keys from bytes; what has begun and does not go on is ended after a moment."""

    def __init__(self, pressed: Callable[[list[Key]], None]) -> None:
        """Pass keys on to `pressed`, [] where bytes were none yet."""
        self._pressed = pressed
        self._decoder = Decoder()
        self._timer: asyncio.TimerHandle | None = None

    def feed(self, data: bytes) -> None:
        """Take bytes from a terminal."""
        self.close()
        keys = self._decoder.feed(data)
        if patience := self._decoder.patience:
            self._timer = asyncio.get_running_loop().call_later(patience, self._flush)
        self._pressed(keys)

    def close(self) -> None:
        """Wait for nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        self._timer = None
        self._pressed(self._decoder.flush())
