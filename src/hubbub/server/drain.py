"""A stop with notice: newcomers go elsewhere, who is here is told, and finishes meanwhile.

docs/decisions/drain.md says why nobody is sent away before the end, unless to other nodes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from hubbub.node.peers.handover import HandOver
from hubbub.node.sessions import Sessions

UNTOLD_SECONDS: Final = 30
"""How long a drain takes at most that nobody said a time for."""

NOTICED_SECONDS: Final = 3.0
"""How long those who watch `/ready` have to see that a node drains, before it sends people away."""

_log = structlog.get_logger(__name__)


class Draining:
    """Wait until everybody has gone or the time is up, then `stop`.

    `configured` says how long SIGTERM waits, in seconds; 0 for not at all. Where other nodes are
    up everybody is handed on to them, and `step_down` lets another one lead the order first.
    """

    def __init__(
        self,
        sessions: Sessions,
        stop: Callable[[], None],
        configured: Callable[[], int],
        step_down: Callable[[], None] = lambda: None,
    ) -> None:
        self._sessions = sessions
        self._stop = stop
        self._configured = configured
        self._until = 0.0
        self._waiting: asyncio.Task[None] | None = None
        self._step_down = step_down
        self._hand_over = HandOver(sessions)
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
        loop = asyncio.get_running_loop()
        if self._hand_over.others and self._sessions.has_quorum:
            self._sessions.turn_away(f"This server stops within {seconds} s, the others go on")
            self._waiting = loop.create_task(self._hand_on(seconds))
            return (
                f"This server sends everybody to the others, and stops within {seconds} s; `hubbub "
                "status` says how far it is"
            )
        self._sessions.turn_away(f"The server stops within {seconds} s; come back a minute later")
        self._waiting = loop.create_task(self._wait(seconds))
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

    async def _hand_on(self, seconds: int) -> None:
        """Say on record that this node drains, lead no more, hand everybody on, and stop."""
        self._hand_over.announce()
        self._step_down()
        # A balancer looks whether this node is ready, and has to find out before people come back.
        await asyncio.sleep(min(NOTICED_SECONDS, seconds / 2))
        await self._hand_over.send_all(self._until - self._sessions.now())
        await self._wait(max(0.0, self._until - self._sessions.now()))

    async def _wait(self, seconds: float) -> None:
        await self._sessions.emptied(seconds)
        self._stop()
