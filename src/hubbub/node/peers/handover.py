"""Sending everybody to the other nodes before this one stops, a few at a time.

Who is sent away comes in again by another node at once, so nobody waits for this one to be back;
that all come within one moment would be hard on the others. Who has something on its way hears
first what became of it.
"""

from __future__ import annotations

import asyncio
import math
from typing import Final

from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.records.nodes import NodeDraining
from hubbub.node.connection import Connection
from hubbub.node.sessions import Sessions

SLICE_SECONDS: Final = 0.25
AT_ONCE: Final = 25
"""How many are sent away in a slice at least: few are not made to wait for many seconds."""
RECONNECT: Final = "reconnect: this server stops, and the others go on"


class HandOver:
    """Let a node of several drain: it says so on record, and hands its people on."""

    def __init__(self, sessions: Sessions) -> None:
        """Be ready to drain."""
        self._sessions = sessions

    @property
    def others(self) -> list[int]:
        """Return the nodes that can take people in, as far as the World tells."""
        own = self._sessions.own.node
        nodes = self._sessions.world.nodes.items()
        return [n for n, node in nodes if node.is_up and not node.is_draining and n != own]

    def announce(self) -> None:
        """Put on record that this node drains: what holds for all others ask for from now on."""
        number = self._sessions.own.node
        self._sessions.append(lambda origin: NodeDraining(origin, number))

    async def send_all(self, seconds: float) -> None:
        """Send everybody away within so many seconds; the last ones are cut off by who stops."""
        sessions, until = self._sessions, self._sessions.now() + seconds
        while (here := self._here()) and (left := until - sessions.now()) > 0:
            slices = max(1, int(left / SLICE_SECONDS))
            for connection in here[: max(AT_ONCE, math.ceil(len(here) / slices))]:
                if not connection.in_flight:
                    sessions.close(connection, RECONNECT)
            await asyncio.sleep(SLICE_SECONDS)

    def _here(self) -> list[Connection]:
        """Return who is still to go, those first who wait for nothing."""
        known = self._sessions.roster.connections.values()
        here = [
            each
            for each in known
            if not (each.ended or each.closing or each.session.scope == CONSOLE)
        ]
        return sorted(here, key=lambda each: each.in_flight)
