"""A stop with notice: newcomers go elsewhere, who is here is told, and finishes meanwhile.

docs/decisions/drain.md says why nobody is sent away before the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from hubbub.node.sessions import Sessions

UNTOLD_SECONDS: Final = 30
"""How long a drain takes at most that nobody said a time for."""

_log = structlog.get_logger(__name__)


class Draining:
    """Wait until everybody has gone or the time is up, then `stop`.

    `configured` says how long SIGTERM waits, in seconds; 0 for not at all.
    """

    def __init__(
        self, sessions: Sessions, stop: Callable[[], None], configured: Callable[[], int]
    ) -> None:
        self._sessions = sessions
        self._stop = stop
        self._configured = configured
        self._until = 0.0
        self._waiting: asyncio.Task[None] | None = None
        sessions.troubles.mention(self.status)

    @property
    def is_on(self) -> bool:
        """Say whether the server has begun to end in this way."""
        return self._waiting is not None

    def terminate(self) -> None:
        """Do what SIGTERM asks for: drain where that is set; stop where it drains already."""
        seconds = self._configured()
        if self._sessions.is_draining or self._sessions.is_ending or not seconds:
            self._stop()
        else:
            self.begin(seconds)

    def begin(self, seconds: int | None = None) -> str:
        """Take in nobody any more, and stop within so many seconds; say so in a sentence.

        None is for as long as the settings say. Where it drains already the last word counts.
        """
        if self._sessions.is_ending:
            return "The server stops already"
        seconds = seconds or self._configured() or UNTOLD_SECONDS
        self.end()
        self._until = self._sessions.now() + seconds
        _log.info("draining", seconds=seconds, connections=self._sessions.open_connections)
        self._sessions.turn_away(f"The server stops within {seconds} s; come back a minute later")
        self._waiting = asyncio.get_running_loop().create_task(self._wait(seconds))
        return (
            f"The server takes in nobody any more, and stops within {seconds} s, or as soon as "
            "everybody has gone; `hubbub status` says how far it is"
        )

    def status(self) -> dict[str, str]:
        """Return what STATUS shows of it, nothing where it has not begun."""
        if not self.is_on:
            return {}
        left = max(0, round(self._until - self._sessions.now()))
        connections = self._sessions.open_connections
        return {"draining": f"stops within {left} s; {connections} connections are open"}

    def end(self) -> None:
        """Wait no more."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    async def _wait(self, seconds: int) -> None:
        await self._sessions.emptied(seconds)
        self._stop()
