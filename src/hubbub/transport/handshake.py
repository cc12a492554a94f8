"""TLS handshakes in progress: bounded in number, in time, and in what one turn of the loop costs.

Until a client has said something it costs a plain socket only; OpenSSL's share of the memory begins
with its first bytes. So clients that connect and say nothing are cheap, and when there is no room
the longest silent of them make it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Final

from hubbub.transport.errors import describe
from hubbub.transport.stream import Address

HANDSHAKE_SECONDS: Final = 10.0
"""Time to finish a handshake. Over it: closed."""
HANDSHAKES: Final = 1024
"""Handshakes in progress at one door. At the bound, accepting pauses, so newcomers wait in the
system's queue; those that have been silent for SILENT_SECONDS are closed to make room."""
SILENT_SECONDS: Final = 1.0
"""How long a client may say nothing while others wait for its place."""
STEPS_PER_TURN: Final = 16
"""Handshake steps in one turn of the loop, about 4 ms. The rest waits for the next turn, so that
a thousand clients that reconnect do not hold up those who are talking."""

BEGINS_PER_TURN: Final = 4
"""How many of those steps may be first ones. Fewer begin than could finish, so few are half done at
once: each of those holds its largest memory, which would stay with the process."""


class Handshakes:
    """Lead accepted sockets of one door through the TLS handshake."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        context: Callable[[], ssl.SSLContext],
        *,
        done: Callable[[ssl.SSLSocket, Address], None],
        failed: Callable[[Address, str], None],
        timeout: float = HANDSHAKE_SECONDS,
        most: int = HANDSHAKES,
    ) -> None:
        """Call `done` or `failed` (with the reason) exactly once for each started handshake.

        What `done` is given is still watched for reading; whoever takes it over replaces that.

        `context` is asked for each handshake, so that a renewed certificate is used at once.
        """
        self.loop = loop
        self.context = context
        self.timeout = timeout
        self._done = done
        self._failed = failed
        self._most = most
        self._running: set[_Handshake] = set()
        # Ordered by age, the oldest first.
        self._silent: dict[_Handshake, None] = {}
        self._steps_left = STEPS_PER_TURN
        self._begins_left = BEGINS_PER_TURN
        self._in_turn = False
        # Those who have begun to speak and may not begin yet.
        self._waiting: deque[_Handshake] = deque()

    def __len__(self) -> int:
        """Return how many are in progress."""
        return len(self._running)

    def has_room(self) -> bool:
        """Tell whether one more may start, closing a long silent one where that makes room."""
        if len(self._running) < self._most:
            return True
        oldest = next(iter(self._silent), None)
        if oldest is None or self.loop.time() - oldest.started < SILENT_SECONDS:
            return False
        oldest.fail("said nothing while others waited")
        return True

    def start(self, accepted: socket.socket, address: Address) -> None:
        """Begin a handshake on a non-blocking socket, as soon as the client says something."""
        handshake = _Handshake(self, accepted, address)
        self._running.add(handshake)
        self._silent[handshake] = None

    def close(self) -> None:
        """Fail all that are in progress."""
        for handshake in list(self._running):
            handshake.fail("the door closes")

    def may_step(self, handshake: _Handshake) -> bool:
        """Tell whether this turn of the loop has time for one more step, and count it.

        One that may not begin yet is told to `go_on` in a later turn.
        """
        if not self._in_turn:
            self._in_turn = True
            self.loop.call_soon(self._next_turn)
        if not handshake.has_begun:
            if self._begins_left == 0 or self._steps_left == 0:
                handshake.rest()
                self.heard(handshake)
                self._waiting.append(handshake)
                return False
            self._begins_left -= 1
        if self._steps_left == 0:
            return False
        self._steps_left -= 1
        return True

    def _next_turn(self) -> None:
        self._in_turn = False
        self._steps_left = STEPS_PER_TURN
        self._begins_left = BEGINS_PER_TURN
        for _ in range(min(BEGINS_PER_TURN, len(self._waiting))):
            self._waiting.popleft().go_on()

    def heard(self, handshake: _Handshake) -> None:
        """Note that a client has begun to speak."""
        self._silent.pop(handshake, None)

    def succeeded(self, handshake: _Handshake, secured: ssl.SSLSocket) -> None:
        """Hand on a socket whose handshake is done, watched for reading."""
        self._running.discard(handshake)
        self._done(secured, handshake.address)

    def ended(self, handshake: _Handshake, reason: str) -> None:
        """Report a handshake that failed; its socket is closed."""
        self._running.discard(handshake)
        self._silent.pop(handshake, None)
        self._failed(handshake.address, reason)


class _Handshake:
    """One handshake; watches the socket for the direction that OpenSSL asks for."""

    __slots__ = (
        "_descriptor",
        "_over",
        "_owner",
        "_secured",
        "_socket",
        "_timer",
        "_writing",
        "address",
        "started",
    )

    def __init__(self, owner: Handshakes, accepted: socket.socket, address: Address) -> None:
        self.address = address
        self.started = owner.loop.time()
        self._owner = owner
        self._socket = accepted
        self._descriptor = accepted.fileno()
        self._secured: ssl.SSLSocket | None = None
        self._writing = False
        self._over = False
        self._timer = owner.loop.call_later(owner.timeout, self.fail, "took too long")
        owner.loop.add_reader(self._descriptor, self._step)

    def _step(self) -> None:
        # The socket stays ready, so a step refused now comes again with the next turn.
        if not self._owner.may_step(self):
            return
        try:
            secured = self._secured or self._begin()
            secured.do_handshake()
        except ssl.SSLWantReadError:
            self._watch(writing=False)
        except ssl.SSLWantWriteError:
            self._watch(writing=True)
        except (OSError, ValueError) as error:
            self.fail(describe(error) if isinstance(error, OSError) else str(error))
        else:
            self._timer.cancel()
            # The socket stays watched for reading: the stream takes that over.
            self._watch(writing=False)
            _acknowledge(secured)
            self._owner.succeeded(self, secured)

    @property
    def has_begun(self) -> bool:
        """Tell whether OpenSSL has been told of this client."""
        return self._secured is not None

    def rest(self) -> None:
        """Watch for nothing: what the client said waits in its socket."""
        self._owner.loop.remove_reader(self._descriptor)

    def go_on(self) -> None:
        """Watch again, unless it has come to an end meanwhile, and take the next step."""
        if not self._over:
            self._owner.loop.add_reader(self._descriptor, self._step)
            self._step()

    def _begin(self) -> ssl.SSLSocket:
        self._owner.heard(self)
        # A client that has gone already is found out here; wrapping would leave its socket open.
        self._socket.getpeername()
        self._secured = self._owner.context().wrap_socket(
            self._socket,
            server_side=True,
            do_handshake_on_connect=False,
            # Otherwise a reset could not be told from an end.
            suppress_ragged_eofs=False,
        )
        return self._secured

    def _watch(self, *, writing: bool) -> None:
        """Watch for one direction only: the other may be ready all the time, to no use."""
        if writing is self._writing:
            return
        self._writing = writing
        loop = self._owner.loop
        if writing:
            loop.remove_reader(self._descriptor)
            loop.add_writer(self._descriptor, self._step)
        else:
            loop.remove_writer(self._descriptor)
            loop.add_reader(self._descriptor, self._step)

    def _unwatch(self) -> None:
        self._timer.cancel()
        self._owner.loop.remove_reader(self._descriptor)
        self._owner.loop.remove_writer(self._descriptor)

    def fail(self, reason: str) -> None:
        """Close the socket and report why."""
        self._over = True
        self._unwatch()
        with contextlib.suppress(OSError):
            (self._secured or self._socket).close()
        self._owner.ended(self, reason)


def _acknowledge(secured: ssl.SSLSocket) -> None:
    """Acknowledge the client's Finished at once, where the system knows how.

    No ticket follows that would carry the acknowledgement, and a client that collects its writes
    (Nagle) would hold back its first line until the system's own comes, 40 ms later.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        with contextlib.suppress(OSError):
            secured.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
