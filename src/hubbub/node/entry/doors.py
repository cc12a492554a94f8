"""The doors of a node: who may come in, from where, and how many."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from hubbub.core.deciding import login
from hubbub.node.connection import Connection
from hubbub.node.entry import control
from hubbub.node.entry.cloak import cloak
from hubbub.node.entry.gate import ConnectionCounts, Gate
from hubbub.node.entry.link import PLAIN, SSH, TLS, WEBSOCKET, Link
from hubbub.node.hub import Hub
from hubbub.node.limits.bounds import Bounds
from hubbub.transport.listener import Listener
from hubbub.transport.proxy.trusted import Proxies
from hubbub.transport.ssh.login import Proven
from hubbub.transport.ssh.refusal import refusal as ssh_refusal
from hubbub.transport.stream import Address, Stream, StreamPeer
from hubbub.transport.unix import UnixListener
from hubbub.transport.websocket.origins import Origins

Context = Callable[[], ssl.SSLContext]


class Arrival(Link, Protocol):
    """What a door hands over: a link, and what is known of who is at its other end."""

    @property
    def peer_address(self) -> Address:
        """Return the client's address; behind a named proxy the one that the proxy told."""

    @property
    def tls(self) -> bool:
        """Tell whether nobody on the way can read along, as secrets and STS need to know."""

    @property
    def certificate_fingerprint(self) -> str:
        """Return the SHA-256 of the client's certificate in lower-case hex; "" without one."""

    def attach(self, peer: StreamPeer) -> None:
        """Name the owner and begin to read."""


class _Guest:
    """Stand between a link and its connection, and give the place back when it ends."""

    __slots__ = ("_address", "_connection", "_gate", "_is_in")

    def __init__(self, connection: Connection, address: Address, gate: Gate) -> None:
        self._connection = connection
        self._address = address
        self._gate = gate
        self._is_in = False
        connection.entered = self._entered

    def received(self, data: bytes) -> None:
        self._connection.received(data)

    def writable(self) -> None:
        self._connection.writable()

    def _entered(self) -> None:
        self._is_in = True
        self._gate.entered(self._address)

    def closed(self, error: str | None) -> None:
        self._connection.entered = None
        (self._gate.left if self._is_in else self._gate.released)(self._address)
        self._connection.closed(error)


def _irc_refusal(reason: str) -> bytes:
    return f"ERROR :Closing link: {reason}\r\n".encode()


def _http_refusal(reason: str) -> bytes:
    response = (
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(reason.encode()) + 1}\r\n\r\n{reason}\n"
    )
    return response.encode()


def _most(bounds: Bounds) -> int:
    return bounds.unauthenticated


class Doors:
    """Open listeners, admit peers up to a bound per address, and hand them to the hub."""

    def __init__(self, hub: Hub, cloak_key: bytes, proxies: Proxies | None = None) -> None:
        """Let in who comes; `proxies` are the peers that speak for others."""
        self._decide = hub.decide
        self._sessions = hub.sessions
        self._cloak_key = cloak_key
        self._proxies = proxies or Proxies()
        self._counts = counts = ConnectionCounts(hub.sessions, self._proxies)
        self._tls_gate = Gate(counts, _most, _irc_refusal)
        self._plain_gate = Gate(counts, _most, _irc_refusal)
        self._web_gate = Gate(counts, _most, _http_refusal)
        self.ssh_gate = Gate(counts, lambda bounds: bounds.ssh_unauthenticated, ssh_refusal)
        self._names = {self._tls_gate: TLS, self._plain_gate: PLAIN, self._web_gate: WEBSOCKET}
        self._closing: list[Callable[[], None]] = []

    def open(self, host: str, port: int, context: Context | None = None) -> int:
        """Listen at an address, with TLS where a context is given; return the port.

        Raise ListenError.
        """
        gate = self._tls_gate if context is not None else self._plain_gate
        return self._listen(
            host,
            port,
            context=context,
            accepted=partial(self._accepted, gate),
            admit=gate.admit if context is not None else gate.admit_plain,
            released=gate.released,
        )

    def open_control(self, path: Path) -> None:
        """Listen for operators on this machine. Raise ListenError."""
        listener = UnixListener(asyncio.get_running_loop(), path, self._accepted_console)
        self._closing.append(listener.close)

    def _accepted_console(self, stream: Stream) -> None:
        stream.attach(control.connect(self._sessions, stream))

    def open_web(
        self, host: str, port: int, origins: Iterable[str], context: Context | None = None
    ) -> int:
        """Listen for WebSockets from these origins; otherwise as `open`."""
        # Imported here, for few servers have such a door and the library takes long to load.
        from hubbub.transport.websocket.upgrade import Rules, Upgrades

        bounds, proxies, gate = self._sessions.bounds, self._proxies, self._web_gate
        admit = gate.admit if context is not None else gate.admit_plain
        upgrades = Upgrades(
            asyncio.get_running_loop(),
            Rules(Origins(origins), proxies, bounds.handshake_seconds),
            admit=admit,
            opened=partial(self._accepted, gate),
            released=gate.released,
        )
        self._closing.append(upgrades.close)

        def admit_peer(address: Address) -> bytes | None:
            # For whom a proxy connects, its request tells; then the Upgrade admits the client.
            return None if address[0] in proxies else admit(address)

        def released(address: Address) -> None:
            if address[0] not in proxies:
                gate.released(address)

        return self._listen(
            host,
            port,
            context=context,
            accepted=upgrades.start,
            admit=admit_peer,
            released=released,
            forwards=True,
        )

    def open_ssh(self, host: str, port: int, take: Callable[[socket.socket, Address], None]) -> int:
        """Listen for whoever has its own way with a socket, and tells the `ssh_gate` of it."""
        gate = self.ssh_gate
        return self._listen(host, port, take=take, admit=gate.admit_plain, released=gate.released)

    def _listen(
        self,
        host: str,
        port: int,
        *,
        admit: Callable[[Address], bytes | None],
        released: Callable[[Address], None],
        accepted: Callable[[Stream], None] | None = None,
        take: Callable[[socket.socket, Address], None] | None = None,
        context: Context | None = None,
        forwards: bool = False,
    ) -> int:
        listener = Listener(
            asyncio.get_running_loop(),
            host,
            port,
            accepted=accepted,
            take=take,
            admit=admit,
            released=released,
            context=context,
            proxies=self._proxies,
            forwards=forwards,
            handshake_seconds=self._sessions.bounds.handshake_seconds,
        )
        self._closing.append(listener.close)
        return listener.address[1]

    def held(self, what: str, seconds: float) -> None:
        """Count what a door that is served from within has held the loop with."""
        self._sessions.guard.held(what, seconds)

    def enter(
        self, link: Link, address: Address, screen: bool, proven: Proven | None, key: str = ""
    ) -> Connection:
        """Take a session of somebody whom another door let in, as whom it has proved.

        `key` is the fingerprint of the SSH key that it has shown.

        The address was admitted there; `screen` is as in Sessions.connect.
        """
        sessions = self._sessions
        host = cloak(self._cloak_key, address[0])
        connection = sessions.connect(link, address[0], host, secure=True, screen=screen)
        connection.door = SSH
        connection.session.key = key
        why = self.ssh_gate.late_reason(address)
        if why:
            sessions.close(connection, why)
        elif proven is not None:
            account, kind, id, _, at, since = proven

            def failed(why: str) -> None:
                sessions.close(connection, why)

            self._decide(
                connection, lambda ctx: login.vouched_for(ctx, account, kind, id, at, since, failed)
            )
        return connection

    def refused(self) -> Mapping[tuple[str, str], int]:
        """Return how many were turned away, by the kind of door and a word that says why."""
        gates = {**self._names, self.ssh_gate: SSH}
        return {(door, why): n for gate, door in gates.items() for why, n in gate.refused.items()}

    def close(self) -> None:
        """Accept nobody any more."""
        for close in self._closing:
            close()
        self._closing.clear()

    def _accepted(self, gate: Gate, arrival: Arrival) -> None:
        address = arrival.peer_address
        host = cloak(self._cloak_key, address[0])
        connection = self._sessions.connect(
            arrival, address[0], host, arrival.tls, arrival.certificate_fingerprint
        )
        connection.door = self._names[gate]
        arrival.attach(_Guest(connection, address, gate))
        why = gate.late_reason(address)
        if why:
            self._sessions.close(connection, why)
