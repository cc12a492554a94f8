"""A WebSocket door for tests, and clients that say exactly what they are told to."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

from websockets.frames import CloseCode, Frame, Opcode

from hubbub.transport.proxy.trusted import Proxies
from hubbub.transport.stream import Address, Stream
from hubbub.transport.websocket.framing import WebSocket
from hubbub.transport.websocket.origins import Origins
from hubbub.transport.websocket.upgrade import Rules, Upgrades

from .doors import PATIENCE, Door, Recorder, connect

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class WebRecorder(Recorder):
    """Own a WebSocket and write down what it tells."""

    def __init__(self, opened: WebSocket, stream: Stream) -> None:
        super().__init__(stream)
        self.websocket = opened


class WebDoor(Door):
    """Open a listener on 127.0.0.1 whose WebSockets are each owned by a recorder."""

    def __init__(
        self,
        pair: tuple[Path, Path] | None = None,
        *,
        origins: tuple[str, ...] = (),
        proxies: tuple[str, ...] = (),
        seconds: float = PATIENCE,
        most: int = 1000,
        refusal: bytes | None = None,
        context: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        super().__init__(pair, context=context, proxies=proxies, forwards=True)
        self.refusal_of_clients = refusal
        self.clients: list[Address] = []
        self.web: asyncio.Queue[WebRecorder] = asyncio.Queue()
        self._streams: list[Stream] = []
        self.upgrades = Upgrades(
            asyncio.get_running_loop(),
            Rules(Origins(origins), Proxies(proxies), seconds),
            admit=self._admit_client,
            opened=self._opened,
            released=self._released.put_nowait,
            most=most,
        )

    def _admit(self, address: Address) -> bytes | None:
        return None if address[0] in self.upgrades.rules.proxies else super()._admit(address)

    def _admit_client(self, address: Address) -> bytes | None:
        self.clients.append(address)
        return self.refusal_of_clients

    def _accepted(self, stream: Stream) -> None:
        self._streams.append(stream)
        self.upgrades.start(stream)

    def _opened(self, opened: WebSocket) -> None:
        peer = WebRecorder(opened, self._streams[-1])
        opened.attach(peer)
        self._owned.append(peer)
        self.web.put_nowait(peer)

    @property
    def url(self) -> str:
        """Return where a client connects to."""
        scheme = "wss" if self.listener.tls else "ws"
        return f"{scheme}://localhost:{self.address[1]}/"

    async def opened(self) -> WebRecorder:
        """Wait for the next WebSocket."""
        async with asyncio.timeout(PATIENCE):
            return await self.web.get()


def request(*headers: str, line: str = "GET / HTTP/1.1") -> bytes:
    """Return a request to open a WebSocket."""
    lines = (
        line,
        "Host: localhost",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {KEY}",
        *headers,
    )
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def frame(opcode: Opcode, data: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    """Return a client's frame."""
    return Frame(opcode, data, fin).serialize(mask=mask)


async def answer_to(door: WebDoor, sent: bytes) -> bytes:
    """Return all that the door answers until it closes."""
    client = connect(door.address)
    with client:
        client.sendall(sent)
        return await asyncio.to_thread(_all, client)


async def open_raw(
    door: WebDoor, *headers: str, behind: bytes = b"", small: bool = False
) -> tuple[socket.socket, WebRecorder]:
    """Open a WebSocket by hand, and send what stands behind the request with it."""
    client = connect(door.address, small=small)
    client.sendall(request(*headers) + behind)
    peer = await door.opened()
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += await asyncio.to_thread(client.recv, 1)
    assert head.startswith(b"HTTP/1.1 101 ")
    return client, peer


async def close_of(client: socket.socket) -> CloseCode:
    """Return the code of the close frame that everything else ends with; the peer closes then."""
    data = await asyncio.to_thread(_all, client)
    at = data.rindex(b"\x88")
    return CloseCode(int.from_bytes(data[at + 2 : at + 4], "big"))


def _all(client: socket.socket) -> bytes:
    data = bytearray()
    while piece := client.recv(65536):
        data += piece
    return bytes(data)
