"""A door for tests, the peers behind it, and clients in front of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from hubbub.server.self_signed import make_self_signed
from hubbub.transport.listener import Listener
from hubbub.transport.proxy.trusted import Proxies
from hubbub.transport.stream import Address, Stream
from hubbub.transport.tls import server_context

PATIENCE = 20.0


def make_pair(folder: Path) -> tuple[Path, Path]:
    """Write a new certificate for localhost, and its key."""
    certificate, key = make_self_signed(["localhost", "127.0.0.1"], datetime.now(UTC))
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate)
    paths[1].write_bytes(key)
    return paths


class Recorder:
    """Own a stream and write down what it tells."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.data = bytearray()
        self.pieces: list[int] = []
        self.writables = 0
        self.ends: list[str | None] = []
        self.on_received: Callable[[bytes], None] = lambda data: None
        self._changed = asyncio.Event()

    def received(self, data: bytes) -> None:
        assert data
        assert not self.ends
        self.data += data
        self.pieces.append(len(data))
        self.on_received(data)
        self._changed.set()

    def writable(self) -> None:
        assert not self.ends
        self.writables += 1
        self._changed.set()

    def closed(self, error: str | None) -> None:
        self.ends.append(error)
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that this peer is told makes the condition true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def has(self, data: bytes) -> None:
        """Wait until exactly these bytes have arrived."""
        await self.until(lambda: len(self.data) >= len(data))
        assert self.data == data

    async def end(self) -> str | None:
        """Wait for the end and return its reason; more than one end is an error."""
        await self.until(lambda: bool(self.ends))
        await asyncio.sleep(0)
        assert len(self.ends) == 1
        return self.ends[0]


class Door:
    """Open a listener on 127.0.0.1 whose streams are each owned by a recorder."""

    def __init__(
        self,
        pair: tuple[Path, Path] | None = None,
        *,
        context: Callable[[], ssl.SSLContext] | None = None,
        refusal: bytes | None = None,
        handshake_seconds: float = PATIENCE,
        handshakes: int = 1000,
        proxies: tuple[str, ...] = (),
        forwards: bool = False,
    ) -> None:
        self._peers: asyncio.Queue[Recorder] = asyncio.Queue()
        self._released: asyncio.Queue[Address] = asyncio.Queue()
        self._entered = asyncio.Event()
        self.admitted = 0
        self.addresses: list[Address] = []
        self.refusal = refusal
        if context is None and pair is not None:
            context = partial(_same, server_context(*pair))
        self.listener = Listener(
            asyncio.get_running_loop(),
            "127.0.0.1",
            0,
            accepted=self._accepted,
            admit=self._admit,
            released=self._released.put_nowait,
            context=context,
            handshake_seconds=handshake_seconds,
            handshakes=handshakes,
            proxies=Proxies(proxies),
            forwards=forwards,
        )
        self.address = self.listener.address
        self._owned: list[Recorder] = []

    def _admit(self, address: Address) -> bytes | None:
        if self.refusal is None:
            self.admitted += 1
            self.addresses.append(address)
            self._entered.set()
        return self.refusal

    async def admits(self, number: int) -> None:
        """Wait until so many connections have been admitted in all."""
        async with asyncio.timeout(PATIENCE):
            while self.admitted < number:
                self._entered.clear()
                await self._entered.wait()

    def _accepted(self, stream: Stream) -> None:
        peer = Recorder(stream)
        stream.attach(peer)
        self._owned.append(peer)
        self._peers.put_nowait(peer)

    @property
    def accepted(self) -> int:
        """Return how many streams were handed over."""
        return len(self._owned)

    @property
    def waiting_releases(self) -> int:
        """Return how many releases nobody has asked for yet."""
        return self._released.qsize()

    async def peer(self) -> Recorder:
        """Wait for the next accepted peer."""
        async with asyncio.timeout(PATIENCE):
            return await self._peers.get()

    async def released(self) -> Address:
        """Wait for the next connection that ended unaccepted."""
        async with asyncio.timeout(PATIENCE):
            return await self._released.get()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.listener.close()
        for peer in self._owned:
            peer.stream.abort()
        await asyncio.sleep(0)


def _same(context: ssl.SSLContext) -> ssl.SSLContext:
    return context


def connect(address: Address, *, small: bool = False) -> socket.socket:
    """Connect a blocking client; a small one takes few bytes while it does not read."""
    client = socket.socket()
    client.settimeout(PATIENCE)
    if small:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    try:
        client.connect(address)
    except OSError:
        client.close()
        raise
    return client


async def join(
    door: Door, trusting: ssl.SSLContext | None = None, *, small: bool = False
) -> tuple[socket.socket, Recorder]:
    """Connect a client, over TLS if it is trusting, and return it with its peer."""
    client = connect(door.address, small=small)
    if trusting is not None:
        client = await asyncio.to_thread(
            trusting.wrap_socket, client, server_hostname="localhost", suppress_ragged_eofs=False
        )
    return client, await door.peer()


async def read(client: socket.socket, size: int) -> bytes:
    """Read so many bytes, fewer only if the peer ends before."""

    def read_all() -> bytes:
        data = bytearray()
        while len(data) < size and (piece := client.recv(min(65536, size - len(data)))):
            data += piece
        return bytes(data)

    return await asyncio.to_thread(read_all)


def reset(client: socket.socket) -> None:
    """Close so that the other side sees a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


async def s_client(
    door: Door, *options: str, said: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run `openssl s_client` against a door until its input ends."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{door.address[1]}", *options]
    return await asyncio.to_thread(
        subprocess.run, command, input=said, capture_output=True, timeout=PATIENCE
    )
