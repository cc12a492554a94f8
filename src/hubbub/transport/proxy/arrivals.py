"""Connections from proxies, until their PROXY header has said for whom: bounded in number and time.

The header is read from the plain socket, before TLS, and not a byte more than the header.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

from hubbub.transport.errors import MalformedHeader, describe
from hubbub.transport.handshake import HANDSHAKE_SECONDS
from hubbub.transport.proxy.protocol import V2_BYTES, read_header
from hubbub.transport.stream import Address

AWAITED: Final = 1024
"""Headers of one door that are being awaited. Beyond it the longest awaited is given up: a proxy
sends its header at once."""


class ProxyHeaders:
    """Read the headers of connections to one door."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        done: Callable[[socket.socket, Address], None],
        failed: Callable[[Address, str], None],
        optional: bool = False,
        timeout: float = HANDSHAKE_SECONDS,
        most: int = AWAITED,
    ) -> None:
        """Call `done` with the client's address, or `failed`, exactly once for each start.

        The latter gets the proxy's own address and the reason, "" where the proxy left without a
        word: it only looked whether the door is there, as balancers do every few seconds.

        With `optional` a connection that begins with something else is done too, with the proxy's
        own address and nothing taken.
        """
        self.loop = loop
        self.optional = optional
        self.timeout = timeout
        self._done = done
        self._failed = failed
        self._most = most
        # Ordered by age, the oldest first.
        self._awaited: dict[_Awaited, None] = {}

    def __len__(self) -> int:
        """Return how many are awaited."""
        return len(self._awaited)

    def start(self, connected: socket.socket, address: Address) -> None:
        """Await the header on a non-blocking socket; `address` is the proxy's own."""
        if len(self._awaited) >= self._most:
            next(iter(self._awaited)).fail("too many headers are awaited")
        self._awaited[_Awaited(self, connected, address)] = None

    def close(self) -> None:
        """Give up all that are awaited."""
        for awaited in list(self._awaited):
            awaited.fail("the door closes")

    def succeeded(self, awaited: _Awaited, connected: socket.socket, address: Address) -> None:
        """Hand on a socket that nobody watches any more."""
        del self._awaited[awaited]
        self._done(connected, address)

    def ended(self, awaited: _Awaited, reason: str) -> None:
        """Report one whose socket has been closed."""
        del self._awaited[awaited]
        self._failed(awaited.address, reason)


class _Awaited:
    """One connection whose header has not come yet, or not all of it."""

    __slots__ = ("_owner", "_read", "_socket", "_timer", "address")

    def __init__(self, owner: ProxyHeaders, connected: socket.socket, address: Address) -> None:
        self._owner = owner
        self._socket = connected
        self.address = address
        self._read = b""
        self._timer = owner.loop.call_later(owner.timeout, self.fail, "no PROXY header in time")
        owner.loop.add_reader(connected.fileno(), self._step)

    def _step(self) -> None:
        """Look at what has come, and take the header's part of it."""
        try:
            # Only looked at: what follows the header is TLS, or the client's, and must stay there.
            waiting = self._socket.recv(V2_BYTES, socket.MSG_PEEK)
            if not waiting:
                self.fail("closed before its PROXY header" if self._read else "")
                return
            end, header = read_header(self._read + waiting)
            self._read += self._socket.recv(end - len(self._read))
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            # Who sends nothing and goes is a proxy that looks whether we live: no fault.
            self.fail(describe(error) if self._read else "")
        except MalformedHeader as error:
            # Where the header is optional another first byte is a client's, whole in the socket.
            if self._owner.optional and not self._read:
                self._succeed(self.address)
            else:
                self.fail(str(error))
        else:
            if header is not None:
                self._succeed(header.client or self.address)

    def _succeed(self, address: Address) -> None:
        self._unwatch()
        self._owner.succeeded(self, self._socket, address)

    def fail(self, reason: str) -> None:
        """Close the socket and report why."""
        self._unwatch()
        with contextlib.suppress(OSError):
            self._socket.close()
        self._owner.ended(self, reason)

    def _unwatch(self) -> None:
        self._timer.cancel()
        self._owner.loop.remove_reader(self._socket.fileno())
