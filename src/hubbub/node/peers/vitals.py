"""How the nodes do: each tells the others every two seconds, and STATUS shows what all told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hubbub.node.peers.payloads import packed, unpacked
from hubbub.node.peers.signals import Signals
from hubbub.node.peers.watch import OrderWatch
from hubbub.node.sessions import Sessions

KIND: Final = "vitals"
TELL_SECONDS: Final = 2.0
SILENT_SECONDS: Final = 10.0
"""After how long without a word of a node that is up it is told that it is silent."""
NODES: Final = 256
"""Of how many nodes it is remembered how they do."""


@dataclass(frozen=True, slots=True)
class NodeVitals:
    """Tell how a node does: how it stands, up to which seq it has applied, who is connected.

    `digest` is that of what it has heard, in hexadecimal, as far as it tells one; `at` is when that
    was told, in the loop's time.
    """

    version: str
    stage: str
    applied: int
    connections: int
    draining: bool
    digest: str
    at: float


class Pulse:
    """Tell the other nodes how this one does, and remember what they tell."""

    def __init__(
        self, sessions: Sessions, signals: Signals, watch: OrderWatch, version: str
    ) -> None:
        """Take what comes from now on; `start` begins to tell."""
        self._sessions = sessions
        self._signals = signals
        self._watch = watch
        self._version = version
        self._is_on = False
        self.digest: Callable[[], str] = str
        self.heard: dict[int, NodeVitals] = {}
        signals.take(KIND, self._came)
        sessions.troubles.mention(self.shown)
        sessions.troubles.ask(self._silent)

    def start(self) -> None:
        """Tell now, and from now on every TELL_SECONDS, until `stop`."""
        self._is_on = True
        self._tick()

    def stop(self) -> None:
        """Tell no more."""
        self._is_on = False

    def _tick(self) -> None:
        if self._is_on:
            self._sessions.later(TELL_SECONDS, self._tick)
            self.tell()

    def tell(self) -> None:
        """Tell how this node does."""
        own = self.own()
        values = (own.version, own.stage, own.applied, own.connections, own.draining, own.digest)
        self._signals.send(KIND, packed(*values))

    def own(self) -> NodeVitals:
        """Return how this node does."""
        sessions = self._sessions
        return NodeVitals(
            self._version,
            str(self._watch.stage),
            sessions.applied,
            sessions.open_connections,
            sessions.is_draining,
            self.digest(),
            sessions.now(),
        )

    def _came(self, node: int, payload: bytes) -> None:
        values = unpacked(payload, (str, str, int, int, bool, str))
        if values is None or (node not in self.heard and len(self.heard) >= NODES):
            return
        version, stage, applied, connections, draining, digest = values
        self.heard[node] = NodeVitals(
            str(version),
            str(stage),
            int(str(applied)),
            int(str(connections)),
            bool(draining),
            str(digest),
            self._sessions.now(),
        )

    def shown(self) -> dict[str, str]:
        """Return a line for each node, nothing where there is but one."""
        world, own = self._sessions.world, self._sessions.own.node
        if len(world.nodes) < 2:
            return {}
        mine, now = self.own(), self._sessions.now()
        lines = {}
        for number, node in sorted(world.nodes.items()):
            if node.has_left:
                continue
            if number == own:
                lines[f"node-{number}"] = f"{_line(mine)}; this one, start {node.epoch}"
                continue
            told = self.heard.get(number)
            if not node.epoch:
                lines[f"node-{number}"] = "admitted, was never there"
            elif not node.is_up:
                lines[f"node-{number}"] = f"down, since its start {node.epoch} ended"
            elif told is None:
                lines[f"node-{number}"] = f"up, start {node.epoch}; it has told nothing yet"
            else:
                behind = max(0, mine.applied - told.applied)
                ago = f"{max(0.0, now - told.at):.0f} s ago"
                lines[f"node-{number}"] = f"{_line(told)}; told {ago}, {behind} records behind this"
        return lines

    def _silent(self) -> dict[str, str]:
        """Tell which nodes are up by the World and have said nothing for a while."""
        own, now = self._sessions.own.node, self._sessions.now()
        up = [number for number, node in self._sessions.world.nodes.items() if node.is_up]
        silent = [
            str(number)
            for number in sorted(up)
            if number != own
            and (told := self.heard.get(number)) is not None
            and now - told.at > SILENT_SECONDS
        ]
        if not silent:
            return {}
        return {"peers": f"node {', '.join(silent)} says nothing; see whether it runs"}


def _line(vitals: NodeVitals) -> str:
    drains = ", draining" if vitals.draining else ""
    digest = f", digest {vitals.digest[:12]}" if vitals.digest else ""
    return (
        f"{vitals.stage}{drains}, {vitals.version}, record {vitals.applied}, "
        f"{vitals.connections} connections{digest}"
    )
