"""A door: accepts connections at one address, with or without TLS."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import ssl
import time
from collections.abc import Callable
from typing import Final

import structlog

from hubbub.transport.budget import budget_of
from hubbub.transport.descriptors import EXHAUSTED, SpareDescriptor
from hubbub.transport.errors import ListenError
from hubbub.transport.farewells import Farewells
from hubbub.transport.handshake import HANDSHAKE_SECONDS, HANDSHAKES, Handshakes
from hubbub.transport.proxy.arrivals import ProxyHeaders
from hubbub.transport.proxy.trusted import Proxies
from hubbub.transport.stream import Address, Stream

BACKLOG: Final = 1024
"""Connections that wait in the system's queue; more are not answered until there is room."""
ACCEPTS_PER_WAKE: Final = 64
"""Connections accepted before others have their turn, unless ACCEPT_SECONDS are over before."""
ACCEPT_SECONDS: Final = 0.005
"""How long one door accepts before others have their turn; the rest waits in the system's queue."""
EXHAUSTED_SECONDS: Final = 0.5
"""How long the door stays shut when there are no descriptors: the waiting wait, and up to
ACCEPTS_PER_WAKE are turned away each time."""
FULL_SECONDS: Final = 0.1
"""How long accepting pauses when too many handshakes are in progress."""
COMPLAINT_SECONDS: Final = 60.0
"""A shortage is logged at most this often."""

_log = structlog.get_logger(__name__)

# Faults of the one connection that was to be accepted (accept(2)).
_LOST: Final = frozenset({errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.EINTR})


class Listener:
    """Listen at one address and hand over each connection as a stream.

    Or as it is, a connected socket, to `take`, for protocols that have their own way with it.

    A connection from one of `proxies` begins with a PROXY header, and the address in it is taken
    for the peer's; if `forwards`, it may lack one, and speak for itself or in another way.

    `admit` is asked at once for each peer and returns what refuses it, or None: that is sent as it
    stands where the door is plain, over TLS the connection is just closed. Each admitted
    connection ends in exactly one call: of `accepted`, after the TLS handshake, or of `released`.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        host: str,
        port: int,
        *,
        accepted: Callable[[Stream], None] | None = None,
        take: Callable[[socket.socket, Address], None] | None = None,
        admit: Callable[[Address], bytes | None],
        released: Callable[[Address], None],
        context: Callable[[], ssl.SSLContext] | None = None,
        proxies: Proxies | None = None,
        forwards: bool = False,
        handshake_seconds: float = HANDSHAKE_SECONDS,
        handshakes: int = HANDSHAKES,
    ) -> None:
        """Open the door at an IP address; port 0 lets the system choose. Raises ListenError.

        `context` gives the TLS context for each connection; without it the door is plain.
        """
        self._loop = loop
        self._accepted = accepted
        self._take = take
        self._admit = admit
        self._released = released
        self._proxies = proxies or Proxies()
        self._headers = ProxyHeaders(
            loop,
            done=self._enter,
            failed=self._header_failed,
            optional=forwards,
            timeout=handshake_seconds,
        )
        self._farewells = Farewells(loop)
        self._handshakes: Handshakes | None = None
        if context is not None:
            self._handshakes = self._securing(context, handshake_seconds, handshakes)
        self._rest: asyncio.TimerHandle | None = None
        self._complained = -COMPLAINT_SECONDS
        self._socket = _listen(host, port)
        self._spare = SpareDescriptor()
        name = self._socket.getsockname()
        self.address: Address = (name[0], name[1])
        self._loop.add_reader(self._socket.fileno(), self._accept)

    def _securing(
        self, context: Callable[[], ssl.SSLContext], timeout: float, most: int
    ) -> Handshakes:
        return Handshakes(
            self._loop,
            context,
            done=self._hand_over,
            failed=self._handshake_failed,
            timeout=timeout,
            most=most,
        )

    @property
    def tls(self) -> bool:
        """Tell whether connections are encrypted."""
        return self._handshakes is not None

    def close(self) -> None:
        """Close the door and what is not in yet; streams handed over live on."""
        if self._socket.fileno() < 0:
            return
        self._loop.remove_reader(self._socket.fileno())
        if self._rest is not None:
            self._rest.cancel()
        self._socket.close()
        self._spare.release()
        self._headers.close()
        self._farewells.close()
        if self._handshakes is not None:
            self._handshakes.close()

    def _accept(self) -> None:
        """Accept what waits, a bounded number at a time."""
        until = time.perf_counter() + budget_of(self._loop).share(ACCEPT_SECONDS)
        for _ in range(ACCEPTS_PER_WAKE):
            # Who is not accepted waits in the kernel's queue, whose bound costs us nothing.
            if self._handshakes is not None and not self._handshakes.has_room():
                self._complain("too many TLS handshakes in progress, accepting pauses")
                self._pause(FULL_SECONDS)
                return
            try:
                connected, address = self._socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _LOST:
                    continue
                self._cannot_accept(error)
                return
            self._receive(connected, (address[0], address[1]))
            if self._socket.fileno() < 0 or time.perf_counter() >= until:
                return

    def _receive(self, connected: socket.socket, address: Address) -> None:
        """Take a connection, a proxy's as soon as it has told for whom."""
        connected.setblocking(False)
        if address[0] in self._proxies:
            self._headers.start(connected, address)
        else:
            self._enter(connected, address)

    def _enter(self, connected: socket.socket, address: Address) -> None:
        """Admit a connection or turn it away."""
        refusal = self._admit(address)
        if refusal is not None:
            self._refuse(connected, refusal)
            return
        # Before the handshake, which would wait for acknowledgements otherwise.
        with contextlib.suppress(OSError):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._handshakes is not None:
            self._handshakes.start(connected, address)
        else:
            self._hand_over(connected, address)

    def _refuse(self, connected: socket.socket, refusal: bytes) -> None:
        if self._handshakes is None:
            self._farewells.say(connected, refusal)
        else:
            connected.close()

    def _hand_over(self, connected: socket.socket, address: Address) -> None:
        if self._take is not None:
            self._take(connected, address)
        elif self._accepted is not None:
            self._accepted(Stream(self._loop, connected, address, watched=self.tls))

    def _header_failed(self, address: Address, reason: str) -> None:
        if reason:
            # The operator listed the proxy, so this is worth knowing.
            self._complain("a proxy's connection is closed", reason=reason)
        elif self._admit(address) is None:
            # It came for itself, looked whether the door is there, and has gone: as anybody else.
            _log.debug("a proxy looked in", port=self.address[1])
            self._released(address)

    def _handshake_failed(self, address: Address, reason: str) -> None:
        # A port scan must not fill the log.
        _log.debug("TLS handshake failed", reason=reason)
        self._released(address)

    def _cannot_accept(self, error: OSError) -> None:
        """Rest for a moment: the listening socket stays ready, and the loop would spin."""
        if error.errno in EXHAUSTED:
            turned_away = self._spare.turn_away(self._socket, ACCEPTS_PER_WAKE)
            self._complain(
                "no room for more connections, clients are turned away",
                error=error.strerror,
                turned_away=turned_away,
            )
        else:
            self._complain("cannot accept connections", error=error.strerror)
        self._pause(EXHAUSTED_SECONDS)

    def _complain(self, event: str, **details: object) -> None:
        """Log a shortage, but not each time it is met."""
        now = self._loop.time()
        if now - self._complained >= COMPLAINT_SECONDS:
            self._complained = now
            _log.warning(event, port=self.address[1], **details)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._rest = self._loop.call_later(seconds, self._resume)

    def _resume(self) -> None:
        self._rest = None
        self._spare.refill()
        self._loop.add_reader(self._socket.fileno(), self._accept)


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that has an address to itself, and is about to listen. Raise ListenError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening: socket.socket | None = None
    try:
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # So that [::] and 0.0.0.0 can be two doors.
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        if listening is not None:
            listening.close()
        raise _refused(host, port, error) from error
    return listening


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening, non-blocking socket."""
    listening = bound(host, port)
    try:
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise _refused(host, port, error) from error
    listening.setblocking(False)
    return listening


def _refused(host: str, port: int, error: OSError | OverflowError) -> ListenError:
    code = error.errno if isinstance(error, OSError) else None
    reason = os.strerror(code) if code is not None and code > 0 else str(error)
    shown = f"[{host}]" if ":" in host else host
    return ListenError(f"cannot listen on {shown}:{port}: {reason}", code)
