"""Many clients of one server: they connect, say something and wait for the answer."""

from __future__ import annotations

import select
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hubbub.bench.contestants.servers import Ports
from hubbub.bench.errors import ServerFailed
from hubbub.bench.loads.peers import MeasuredPeer, begin, client_context

PATIENCE: Final = 60.0
"""How long a conversation with the whole crowd may take, in seconds."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a client says, and the bytes that it then waits for."""

    say: bytes
    expect: bytes


Script = Callable[[MeasuredPeer], Sequence[Step]]


def register(peer: MeasuredPeer) -> Step:
    """Register under the peer's nick and wait for RPL_WELCOME."""
    return Step(f"NICK {peer.nick}\r\nUSER bench 0 * :bench\r\n".encode(), b" 001 ")


def join(peer: MeasuredPeer, channel: str) -> Step:
    """Join a channel and wait for RPL_ENDOFNAMES."""
    return Step(f"JOIN {channel}\r\n".encode(), f" 366 {peer.nick} ".encode())


def synchronise(peer: MeasuredPeer) -> Step:
    """Ask for a PONG; everything sent to this peer before it has then been read."""
    token = f"sync-{peer.nick}"
    return Step(f"PING :{token}\r\n".encode(), token.encode())


class Conversation:
    """One peer on its way through its steps."""

    __slots__ = ("_step", "_steps", "_tail", "made", "peer")

    def __init__(self, peer: MeasuredPeer, steps: Sequence[Step], *, made: bool) -> None:
        """Begin; `made` says that the connection is already made."""
        self.peer = peer
        self._steps = iter(steps)
        self._step: Step | None = None
        self._tail = b""
        self.made = made

    def next(self) -> bool:
        """Say the next thing; return True if there is none."""
        self._step = next(self._steps, None)
        self._tail = b""
        if self._step is None:
            return True
        self.peer.send(self._step.say)
        return False

    def advance(self) -> bool:
        """Read what has come; return True when that brings the last answer, and only then."""
        if not self.made:
            self.made = self.peer.shake_hands()
            return self.made and self.next()
        data = self._tail + self.peer.read()
        if self._step is None:
            return False
        if self._step.expect in data:
            return self.next()
        self._tail = data[-len(self._step.expect) :]
        return False


class Host(Protocol):
    """The server that a crowd goes to."""

    @property
    def address(self) -> Ports:
        """Return where it listens."""

    @property
    def at_once(self) -> int:
        """Return how many clients may be on their way in at the same time."""

    def check(self) -> None:
        """Raise ServerFailed where it has ended."""


class ClientCrowd:
    """The clients of one server, all plain or all TLS."""

    def __init__(self, server: Host, *, tls: bool) -> None:
        """Prepare an empty crowd."""
        self.server = server
        self.peers: list[MeasuredPeer] = []
        self._context: ssl.SSLContext | None = client_context() if tls else None
        self._port = server.address.port(tls)

    def enter(
        self, nicks: Sequence[str], script: Script, at_once: int = 0, patience: float = 0.0
    ) -> None:
        """Connect a client for each nick and lead it through its script.

        `at_once` bounds how many are under way at any time; 0 is what suits the server. `patience`
        is how many seconds all of that may take; 0 is PATIENCE.
        """
        waiting = list(reversed(nicks))

        def admit() -> Conversation | None:
            if not waiting:
                return None
            peer = begin(self._port, waiting.pop(), self._context)
            self.peers.append(peer)
            return Conversation(peer, script(peer), made=False)

        self._hold(admit, at_once or self.server.at_once, patience)

    def converse(self, script: Script) -> None:
        """Lead all clients through a script at the same time."""
        waiting = list(reversed(self.peers))

        def admit() -> Conversation | None:
            if not waiting:
                return None
            peer = waiting.pop()
            return Conversation(peer, script(peer), made=True)

        self._hold(admit, len(waiting))

    def close(self) -> None:
        """Close all connections."""
        for peer in self.peers:
            peer.close()
        self.peers.clear()

    def _hold(
        self,
        admit: Callable[[], Conversation | None],
        at_once: int,
        patience: float = 0.0,
    ) -> None:
        """Hold conversations until all have ended; who is done goes on reading meanwhile."""
        patience = patience or PATIENCE
        deadline = time.monotonic() + patience
        present: dict[int, Conversation] = {}
        under_way = 0
        with select.epoll() as poller:
            while True:
                # As one ends the next begins: a server is never without so many at a time.
                while under_way < at_once and (conversation := admit()):
                    self._open(poller, present, conversation)
                    under_way += 1
                if not under_way:
                    return
                for fileno, events in poller.poll(1.0):
                    if events & select.EPOLLOUT:
                        poller.modify(fileno, select.EPOLLIN)
                    # Who is done stays, and reads on: the server's output to it must not pile up.
                    under_way -= present[fileno].advance()
                # A server that died leaves clients that wait for ever.
                self.server.check()
                if time.monotonic() > deadline:
                    raise ServerFailed(f"{under_way} clients still waited after {patience:.0f} s")

    @staticmethod
    def _open(
        poller: select.epoll, present: dict[int, Conversation], conversation: Conversation
    ) -> None:
        fileno = conversation.peer.fileno
        present[fileno] = conversation
        if conversation.made:
            poller.register(fileno, select.EPOLLIN)
            conversation.next()
        else:
            poller.register(fileno, select.EPOLLOUT)


def nicks(count: int) -> list[str]:
    """Return nicks that all have the same length."""
    return [f"n{number:05d}" for number in range(count)]
