"""The doors of a node: who may come in, from where, and how many."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Protocol

from hubbub.core import login
from hubbub.core.bans import NetworkBan
from hubbub.node import console
from hubbub.node.cloak import cloak, is_loopback, network_of
from hubbub.node.connection import Connection, Link
from hubbub.node.hub import Hub
from hubbub.transport.listener import Listener
from hubbub.transport.origins import Origins
from hubbub.transport.proxies import Proxies
from hubbub.transport.ssh.login import Proven
from hubbub.transport.stream import Address, Peer, Stream
from hubbub.transport.unix import UnixListener

_TOO_MANY = "too many connections from your address"

Context = Callable[[], ssl.SSLContext]


class Arrival(Link, Protocol):
    """What a door hands over: a link, and what is known of who is at its other end."""

    @property
    def peer_address(self) -> Address:
        """Return the client's address."""

    @property
    def tls(self) -> bool:
        """Tell whether the connection is encrypted."""

    @property
    def certificate_fingerprint(self) -> str:
        """Return the SHA-256 of the client's certificate in lower-case hex; "" without one."""

    def attach(self, peer: Peer) -> None:
        """Name the owner and begin to read."""


class _Guest:
    """Stand between a link and its connection, and give the place back when it ends."""

    __slots__ = ("_address", "_connection", "_released")

    def __init__(
        self, connection: Connection, address: Address, released: Callable[[Address], None]
    ) -> None:
        self._connection = connection
        self._address = address
        self._released = released

    def received(self, data: bytes) -> None:
        self._connection.received(data)

    def writable(self) -> None:
        self._connection.writable()

    def closed(self, error: str | None) -> None:
        self._released(self._address)
        self._connection.closed(error)


def _irc_refusal(reason: str) -> str:
    return f"ERROR :Closing link: {reason}\r\n"


def _ssh_refusal(reason: str) -> str:
    return f"{reason}\r\n"


def _http_refusal(reason: str) -> str:
    return (
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(reason.encode()) + 1}\r\n\r\n{reason}\n"
    )


class Doors:
    """Open listeners, admit peers up to a bound per address, and hand them to the hub."""

    def __init__(self, hub: Hub, cloak_key: bytes, proxies: Proxies | None = None) -> None:
        """Let in who comes; `proxies` are the peers that speak for others."""
        self._hub = hub
        self._cloak_key = cloak_key
        self._proxies = proxies or Proxies()
        self._peers: Counter[str] = Counter()
        self._closing: list[Callable[[], None]] = []

    def open(self, host: str, port: int, context: Context | None = None) -> int:
        """Listen at an address, with TLS where a context is given; return the port.

        Raise ListenError.
        """
        return self._listen(
            host,
            port,
            context=context,
            accepted=self._accepted,
            admit=partial(self._admit, refusal=_irc_refusal),
            released=self.released,
        )

    def open_control(self, path: Path) -> None:
        """Listen for operators on this machine. Raise ListenError."""
        listener = UnixListener(asyncio.get_running_loop(), path, self._accepted_console)
        self._closing.append(listener.close)

    def _accepted_console(self, stream: Stream) -> None:
        stream.attach(console.connect(self._hub, stream))

    def open_web(
        self, host: str, port: int, origins: Iterable[str], context: Context | None = None
    ) -> int:
        """Listen for WebSockets from these origins; otherwise as `open`."""
        # Imported here, for few servers have such a door and the library takes long to load.
        from hubbub.transport.upgrade import Rules, Upgrades

        bounds, proxies = self._hub.bounds, self._proxies
        admit = partial(self._admit, refusal=_http_refusal)
        upgrades = Upgrades(
            asyncio.get_running_loop(),
            Rules(Origins(origins), proxies, bounds.handshake_seconds),
            admit=admit,
            opened=self._accepted,
            released=self.released,
        )
        self._closing.append(upgrades.close)

        def admit_peer(address: Address) -> str | None:
            # For whom a proxy connects, its request tells; then the Upgrade admits the client.
            return None if address[0] in proxies else admit(address)

        def released(address: Address) -> None:
            if address[0] not in proxies:
                self.released(address)

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
        """Listen for whoever has its own way with a socket, and calls `released` at its end."""
        admit = partial(self._admit, refusal=_ssh_refusal)
        return self._listen(host, port, take=take, admit=admit, released=self.released)

    def _listen(
        self,
        host: str,
        port: int,
        *,
        admit: Callable[[Address], str | None],
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
            handshake_seconds=self._hub.bounds.handshake_seconds,
        )
        self._closing.append(listener.close)
        return listener.address[1]

    def enter(
        self, link: Link, address: Address, screen: bool, proven: Proven | None
    ) -> Connection:
        """Take a session of somebody whom another door let in, as whom it has proved.

        The address was admitted there; `screen` is as in Hub.connect.
        """
        hub = self._hub
        host = cloak(self._cloak_key, address[0])
        connection = hub.connect(link, address[0], host, secure=True, screen=screen)
        if proven is not None:
            account, kind, id, _ = proven

            def failed(why: str) -> None:
                hub.close(connection, why)

            hub.decide(connection, lambda ctx: login.vouched_for(ctx, account, kind, id, failed))
        return connection

    def close(self) -> None:
        """Accept nobody any more."""
        for close in self._closing:
            close()
        self._closing.clear()

    def _is_exempt(self, address: Address) -> bool:
        """Say whether an address is not counted: this machine's, unless proxies are there."""
        return not self._proxies and is_loopback(address[0])

    def _ban_on(self, address: str) -> NetworkBan | None:
        """Return the ban that keeps an address out; none does this machine's or a proxy's."""
        ban = self._hub.world.bans.of_address(address, self._hub.seconds())
        if ban is None or is_loopback(address) or address in self._proxies:
            return None
        return ban

    def _admit(self, address: Address, refusal: Callable[[str], str]) -> str | None:
        ban = self._ban_on(address[0])
        if ban is not None:
            return refusal(ban.text)
        if self._is_exempt(address):
            return None
        network = network_of(address[0])
        if self._peers[network] >= self._hub.bounds.connections_per_address:
            return refusal(_TOO_MANY)
        self._peers[network] += 1
        return None

    def released(self, address: Address) -> None:
        """Give the place of a connection back."""
        if self._is_exempt(address):
            return
        network = network_of(address[0])
        self._peers[network] -= 1
        if self._peers[network] <= 0:
            del self._peers[network]

    def _accepted(self, arrival: Arrival) -> None:
        address = arrival.peer_address
        host = cloak(self._cloak_key, address[0])
        connection = self._hub.connect(
            arrival, address[0], host, arrival.tls, arrival.certificate_fingerprint
        )
        arrival.attach(_Guest(connection, address, self.released))
