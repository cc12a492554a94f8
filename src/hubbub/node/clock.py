"""What happens because time passes: pings, time-outs, and snapshots of the World."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubbub.irc.message import Message
from hubbub.node.connection import Connection
from hubbub.node.limits.slices import Steps
from hubbub.node.sessions import Sessions

EXPIRY_TICKS: Final = 5
"""Every so many ticks it is seen what is over, such as a ban with a duration."""
TICK_SECONDS: Final = 1.0
"""How often connections are looked at, and so how exact the times are."""


class Clock:
    """Look at every connection now and then, for as long as the node runs: in slices.

    At each look `store` may store a snapshot, at some of them `expire` takes away what is over.
    """

    def __init__(
        self, sessions: Sessions, expire: Callable[[], Steps], store: Callable[[], None]
    ) -> None:
        self._sessions = sessions
        self._expire = expire
        self._store = store
        self._running = False
        self._ticks = 0
        self._looking = sessions.slices()

    def start(self) -> None:
        """Look at all connections from now on, every TICK_SECONDS, until `stop`."""
        self._running = True
        self._sessions.later(TICK_SECONDS, self._tick)

    def stop(self) -> None:
        """Make the look that is due the last one, and do nothing in it."""
        self._running = False

    def _tick(self) -> None:
        if not self._running:
            return
        # Asked for first: a fault in one look is not to be the last of all looks.
        self._sessions.later(TICK_SECONDS, self._tick)
        if not self._looking.is_busy:
            self._looking.do(self._look())

    def _look(self) -> Steps:
        """Look at every connection: thousands may be silent since the same moment, or gone."""
        now = self._sessions.now()
        for connection in self._sessions.roster.everybody():
            self._look_at(connection, now)
            yield
        self._ticks += 1
        if self._ticks % EXPIRY_TICKS == 0:
            yield from self._expire()
        self._store()
        self._sessions.flush_soon()

    def _look_at(self, connection: Connection, now: float) -> None:
        bounds, close = self._sessions.bounds, self._sessions.close
        stream = connection.stream
        if connection.closing or connection.ended:
            return
        if stream.unsent and now - stream.last_accepted > bounds.stalled_seconds:
            # There is no use in an ERROR that the peer does not read.
            connection.stream.abort()
            return
        if 0 < connection.session.expires <= self._sessions.seconds():
            close(connection, "What you logged in with has expired")
            return
        if connection.session.user is None:
            waited = now - connection.opened - connection.checked_seconds
            if waited > bounds.registration_seconds and not connection.checking:
                close(connection, "Registration timed out")
            return
        self._ask_for_life(connection, now)

    def _ask_for_life(self, connection: Connection, now: float) -> None:
        bounds, stream = self._sessions.bounds, connection.stream
        # Bytes that the socket accepts count as life: a slow reader is there.
        heard = max(connection.heard, stream.last_accepted if stream.unsent else 0.0)
        if connection.paused:
            # Its PONG may wait where nobody reads it now.
            heard = connection.heard = now
        if connection.pinged:
            if now - max(connection.pinged, heard) > bounds.pong_seconds:
                reason = f"Ping timeout: {int(bounds.pong_seconds)} seconds"
                self._sessions.close(connection, reason)
        elif now - heard > bounds.idle_seconds:
            connection.pinged = now
            connection.outbox.answer(Message("PING", (self._sessions.server,)).encode())
