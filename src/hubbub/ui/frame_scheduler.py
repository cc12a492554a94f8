"""When a screen is drawn for what is typed: at once, but so often a second at most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from hubbub.transport.turns import Share, Turns

FRAME_SECONDS: Final = 1 / 30
"""How long a drawing stands before keys and sizes bring about the next one."""


class FrameScheduler:
    """Have a screen drawn when its turn has come; what comes within a frame is drawn once."""

    __slots__ = ("_draw", "_drawn_at", "_failed", "_loop", "_timer", "_turns", "share")

    def __init__(
        self,
        draw: Callable[[], None],
        failed: Callable[[Exception], None],
        turns: Turns,
        share: Share,
    ) -> None:
        self.share = share
        self._draw = draw
        self._failed = failed
        self._turns = turns
        self._loop = asyncio.get_running_loop()
        self._drawn_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def soon(self) -> None:
        """Draw: now, or when the frame is over."""
        if self._timer is not None:
            return
        left = self._drawn_at + FRAME_SECONDS - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._due)
        else:
            self._turns.add(self)

    def drawn(self) -> None:
        """Learn that all has been drawn that there was."""
        self._drawn_at = self._loop.time()
        self.close()

    def close(self) -> None:
        """Forget what was to be drawn later."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self._turns.add(self)

    def step(self) -> bool:
        """Draw; there is never more than one step to it."""
        self._draw()
        return False

    def failed(self, error: Exception) -> None:
        """Pass on why it could not be drawn."""
        self._failed(error)
