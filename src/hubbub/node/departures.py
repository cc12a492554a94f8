"""Who has gone: where many go at one moment, they are ended together, and a part of them at a time.

To see that a connection has ended is cheap; to end its session is a record, of which all who stay
are told. So none of those who go together is told of the others, and what is said meanwhile stands
behind a part of them in the journal's queue.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from hubbub.node.backlog import Backlog
from hubbub.node.connection import Connection
from hubbub.node.limits.slices import Slices, Steps

TOGETHER_SECONDS: Final = 0.05
"""How long is waited, where many go, for others to go at the same moment."""
ALONE: Final = 4
"""How many may go within TOGETHER_SECONDS of each other and be seen to be gone at once."""
GATHERINGS: Final = 10
"""How often that is waited again, while more go."""
ENDS_AT_ONCE: Final = 100
"""How many ended sessions are handed to the journal between two of its commits. Of thousands who
vanish the last are seen to be gone so much later."""

_log = structlog.get_logger(room="hub")


class Departures:
    """Have the sessions of connections that have ended ended, in the order in which they went.

    `end` asks for the record that ends one, `slices` bound how long that holds the loop.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        backlog: Backlog,
        end: Callable[[Connection, str], None],
        slices: Slices,
    ) -> None:
        self._loop = loop
        self._backlog = backlog
        self._end = end
        self._slices = slices
        self._gone: deque[tuple[Connection, str]] = deque()
        self.is_gathering = False
        # When the last went, and how many went so shortly after each other.
        self._went, self._together = 0.0, 0

    @property
    def are_there(self) -> bool:
        """Say whether sessions have yet to be ended."""
        return bool(self._gone)

    @property
    def are_many(self) -> bool:
        """Say whether sessions are being ended, and there are more to come."""
        return bool(self._gone) and not self.is_gathering

    def add(self, connection: Connection, reason: str) -> None:
        """Learn that a connection has ended: its session is to end as soon as that may be."""
        now = self._loop.time()
        self._together = self._together + 1 if now - self._went < TOGETHER_SECONDS else 1
        self._went = now
        self._gone.append((connection, reason))
        if len(self._gone) == 1:
            self.is_gathering = True
            if self._together > ALONE:
                self._loop.call_later(TOGETHER_SECONDS, self._gather, 1, GATHERINGS)
            else:
                self._loop.call_soon(self._gather, 1, GATHERINGS)

    def _gather(self, known: int, times: int) -> None:
        """Begin to end sessions when no more connections end, or some time has passed."""
        if self._together > ALONE and len(self._gone) > known and times:
            more = len(self._gone), times - 1
            self._loop.call_later(TOGETHER_SECONDS, self._gather, *more)
            return
        self.is_gathering = False
        self.work()

    def work(self) -> None:
        """End some sessions; others when those are applied."""
        self._slices.do(self._end_some())

    def _end_some(self) -> Steps:
        for _ in range(min(ENDS_AT_ONCE, len(self._gone))):
            try:
                self._end(*self._gone.popleft())
            except Exception:
                # The others' turn comes all the same.
                _log.exception("a session could not be ended")
            yield
        if self._gone:
            self._backlog.wait(self)
        else:
            self._backlog.progressed()
