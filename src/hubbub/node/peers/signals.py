"""What nodes tell each other and nobody keeps: typing, guesses, who is where, how they do.

It may be lost, come late or not at all, and nothing waits for it: what has to hold everywhere is a
record. What a node hears here it reads with care (hubbub.node.peers.payloads): a fault in another
node, or an older program there, harms nobody here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import structlog

PAYLOAD_BYTES: Final = 8 * 1024
"""How long a signal is at most; a longer one is not sent."""

Take = Callable[[int, bytes], None]
"""Take a signal: the number of the node that sent it, and what it says."""

_log = structlog.get_logger(__name__)


class Signals(Protocol):
    """Carry signals to all other nodes and from them, on the event loop's thread."""

    def send(self, kind: str, payload: bytes) -> None:
        """Send to all other nodes; what cannot go at once is dropped. Never blocks or raises.

        `kind` is of small letters and `-`.
        """

    def take(self, kind: str, call: Take) -> None:
        """Have signals of a kind taken from now on: those of other nodes, never one's own."""


class NoSignals:
    """Be alone: nobody hears, and nothing comes."""

    def send(self, kind: str, payload: bytes) -> None:
        """Do nothing."""

    def take(self, kind: str, call: Take) -> None:
        """Do nothing."""


class Takers:
    """Hand signals that have come to who takes their kind; a fault there stays there."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._takers: dict[str, Take] = {}

    def take(self, kind: str, call: Take) -> None:
        """Have signals of a kind taken from now on."""
        self._takers[kind] = call

    def came(self, kind: str, node: int, payload: bytes) -> None:
        """Hand a signal on; of a kind that is not known it is let go, for newer nodes have more."""
        call = self._takers.get(kind)
        if call is None or len(payload) > PAYLOAD_BYTES:
            return
        try:
            call(node, payload)
        except Exception:
            _log.exception("a signal could not be taken", kind=kind, node=node)


class Relay:
    """Carry signals between the nodes of one process, at the loop's next turn, as far as they fit.

    A node that is `away` hears nothing and is not heard.
    """

    WAITING: Final = 1000
    """How many signals wait at most; what comes then is dropped."""

    def __init__(self) -> None:
        """Begin without nodes."""
        self.away: set[int] = set()
        self.dropped = 0
        self._members: dict[int, Takers] = {}
        self._waiting: deque[tuple[int, str, bytes]] = deque()

    def of(self, node: int) -> Signals:
        """Return a node's end."""
        return _End(self, node, self._members.setdefault(node, Takers()))

    def carry(self, node: int, kind: str, payload: bytes) -> None:
        """Take a signal of a node for all others."""
        if len(self._waiting) >= self.WAITING or len(payload) > PAYLOAD_BYTES:
            self.dropped += 1
            return
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._deliver)
        self._waiting.append((node, kind, payload))

    def _deliver(self) -> None:
        waiting, self._waiting = self._waiting, deque()
        for sender, kind, payload in waiting:
            for node, takers in self._members.items():
                if node != sender and not {node, sender} & self.away:
                    takers.came(kind, sender, payload)


class _End:
    """Be one node's end of a relay."""

    def __init__(self, relay: Relay, node: int, takers: Takers) -> None:
        self._relay = relay
        self._node = node
        self.take = takers.take

    def send(self, kind: str, payload: bytes) -> None:
        """Send to all other nodes."""
        self._relay.carry(self._node, kind, payload)
