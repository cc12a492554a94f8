"""The doors of a node: who may come in, from where, and how many."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable

from hubbub.node.cloak import cloak, is_loopback, network_of
from hubbub.node.connection import Connection
from hubbub.node.hub import Hub
from hubbub.transport.listener import Listener
from hubbub.transport.stream import Address, Stream


class _Guest:
    """Stand between a stream and its connection, and give the place back when it ends."""

    __slots__ = ("_connection", "_released", "_stream")

    def __init__(
        self, connection: Connection, stream: Stream, released: Callable[[Address], None]
    ) -> None:
        self._connection = connection
        self._stream = stream
        self._released = released

    def received(self, data: bytes) -> None:
        self._connection.received(data)

    def writable(self) -> None:
        self._connection.writable()

    def closed(self, error: str | None) -> None:
        self._released(self._stream.peer_address)
        self._connection.closed(error)


class Doors:
    """Open listeners, admit peers up to a bound per address, and hand them to the hub."""

    def __init__(self, hub: Hub, cloak_key: bytes) -> None:
        self._hub = hub
        self._cloak_key = cloak_key
        self._peers: Counter[str] = Counter()
        self._listeners: list[Listener] = []

    def open(self, host: str, port: int, context: Callable[[], ssl.SSLContext] | None) -> int:
        """Listen at an address, with TLS where a context is given; return the port.

        Raise ListenError.
        """
        listener = Listener(
            asyncio.get_running_loop(),
            host,
            port,
            accepted=self._accepted,
            admit=self._admit,
            released=self._released,
            context=context,
            handshake_seconds=self._hub.bounds.handshake_seconds,
        )
        self._listeners.append(listener)
        return listener.address[1]

    def close(self) -> None:
        """Accept nobody any more."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    def _admit(self, address: Address) -> str | None:
        if is_loopback(address[0]):
            return None
        network = network_of(address[0])
        if self._peers[network] >= self._hub.bounds.connections_per_address:
            return "ERROR :Closing link: too many connections from your address\r\n"
        self._peers[network] += 1
        return None

    def _released(self, address: Address) -> None:
        if is_loopback(address[0]):
            return
        network = network_of(address[0])
        self._peers[network] -= 1
        if self._peers[network] <= 0:
            del self._peers[network]

    def _accepted(self, stream: Stream) -> None:
        address = stream.peer_address
        host = cloak(self._cloak_key, address[0])
        connection = self._hub.connect(stream, address[0], host, stream.tls)
        stream.attach(_Guest(connection, stream, self._released))
