"""The opening handshake of a WebSocket (RFC 6455 4): an HTTP request, bounded in size and time.

Whatever is no such request gets a short answer in HTTP, and its connection is closed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from hubbub.transport.handshake import HANDSHAKE_SECONDS
from hubbub.transport.proxy.trusted import Proxies
from hubbub.transport.stream import Address, Stream
from hubbub.transport.websocket.framing import BINARY, MESSAGE_BYTES, TEXT, WebSocket
from hubbub.transport.websocket.origins import Origins

REQUEST_BYTES: Final = 16 * 1024
"""The largest request, cookies and all. Beyond it: 431, closed."""
UPGRADES: Final = 1024
"""Requests of one door that are being awaited. Beyond it the longest awaited is dropped: who means
to come in has said all at once."""

_END: Final = b"\r\n\r\n"
_REQUEST_LINE: Final = re.compile(rb"[A-Z]{1,20} \S+ HTTP/\d\.\d\r?\n")
_NOT_HTTP: Final = "This door speaks IRC over WebSocket. IRC alone has doors of its own.\n"
_NOT_FOR_BROWSERS: Final = (
    "This is a chat server: IRC over WebSocket (subprotocols text.ircv3.net, binary.ircv3.net).\n"
    "Open it with a web client for IRC, not in the address bar.\n"
)
_WRONG_ORIGIN: Final = (
    "Pages from this origin may not connect. The operator allows it with doors.websocket_origins.\n"
)
_NOBODY: Final = "The proxy does not say for whom it connects: X-Forwarded-For is missing.\n"


@dataclass(frozen=True, slots=True)
class Rules:
    """Say who may open a WebSocket, and in how many seconds."""

    origins: Origins = field(default_factory=Origins)
    proxies: Proxies = field(default_factory=Proxies)
    seconds: float = HANDSHAKE_SECONDS


class Upgrades:
    """Lead the streams of one door through the opening handshake.

    A stream that a proxy opened is admitted here, when the request has told for whom; others were
    by their door. Each admitted one ends in exactly one call: of `opened` or of `released`.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        rules: Rules,
        *,
        admit: Callable[[Address], bytes | None],
        opened: Callable[[WebSocket], None],
        released: Callable[[Address], None],
        most: int = UPGRADES,
    ) -> None:
        """Wait for `start`; `admit` returns the HTTP response that refuses an address, or None."""
        self.loop = loop
        self.rules = rules
        self.admit = admit
        self._opened = opened
        self._released = released
        self._most = most
        # Ordered by age, the oldest first.
        self._running: dict[_Upgrade, None] = {}

    def __len__(self) -> int:
        """Return how many are in progress."""
        return len(self._running)

    def start(self, stream: Stream) -> None:
        """Begin to read a request, in place of the longest awaited one where there are too many."""
        if len(self._running) >= self._most:
            oldest = next(iter(self._running))
            del self._running[oldest]
            oldest.stream.abort()
        upgrade = _Upgrade(self, stream)
        self._running[upgrade] = None
        stream.attach(upgrade)

    def close(self) -> None:
        """Drop all that are in progress."""
        for upgrade in self._running:
            upgrade.stream.abort()

    def succeeded(self, upgrade: _Upgrade, opened: WebSocket) -> None:
        """Hand on a WebSocket."""
        self._running.pop(upgrade, None)
        self._opened(opened)

    def ended(self, upgrade: _Upgrade) -> None:
        """Give the place of one that came to nothing back."""
        self._running.pop(upgrade, None)
        if upgrade.admitted is not None:
            self._released(upgrade.admitted)


class _Upgrade:
    """Own one stream until its request is whole; `admitted` is the client's address, once it is."""

    __slots__ = ("_owner", "_request", "_timer", "admitted", "stream")

    def __init__(self, owner: Upgrades, stream: Stream) -> None:
        self.stream = stream
        proxied = stream.peer_address[0] in owner.rules.proxies
        self.admitted = None if proxied else stream.peer_address
        self._owner = owner
        self._request = bytearray()
        self._timer = owner.loop.call_later(owner.rules.seconds, stream.abort)

    def received(self, data: bytes) -> None:
        """Take bytes that arrived, until the request is whole."""
        start = max(0, len(self._request) - len(_END))
        self._request += data
        end = self._request.find(_END, start)
        if end > REQUEST_BYTES or (end < 0 and len(self._request) > REQUEST_BYTES):
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request is too large.\n")
        elif b"\n" in self._request and not _REQUEST_LINE.match(self._request):
            self._refuse(HTTPStatus.BAD_REQUEST, _NOT_HTTP)
        elif end >= 0:
            head, rest = self._request[: end + len(_END)], self._request[end + len(_END) :]
            self._answer(bytes(head), bytes(rest))

    def writable(self) -> None:
        """Nothing waits for it."""

    def closed(self, error: str | None) -> None:
        """Learn that it came to nothing."""
        self._timer.cancel()
        self._owner.ended(self)

    def _answer(self, head: bytes, rest: bytes) -> None:
        """Open the WebSocket, or say why not; `rest` is what came behind the request."""
        protocol = _protocol()
        protocol.receive_data(head)
        request = next(iter(protocol.events_received()), None)
        if not isinstance(request, Request):
            self._refuse(HTTPStatus.BAD_REQUEST, "The request cannot be understood.\n")
            return
        response = protocol.accept(request)
        if response.status_code == HTTPStatus.UPGRADE_REQUIRED:
            self._refuse(HTTPStatus.UPGRADE_REQUIRED, _NOT_FOR_BROWSERS)
        elif response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            self.stream.close(last=response.serialize())
        # Any page can have its reader's browser connect; only the origin tells whose page it is.
        elif not self._owner.rules.origins.accepts(protocol.origin):
            self._refuse(HTTPStatus.FORBIDDEN, _WRONG_ORIGIN)
        elif self._is_admitted(request):
            self._open(protocol, response, rest)

    def _open(self, protocol: ServerProtocol, response: Response, rest: bytes) -> None:
        assert self.admitted is not None
        self._timer.cancel()
        protocol.send_response(response)
        self.stream.send(b"".join(protocol.data_to_send()))
        opened = WebSocket(self.stream, protocol, self.admitted)
        self.stream.attach(opened)
        self._owner.succeeded(self, opened)
        if rest:
            opened.received(rest)

    def _is_admitted(self, request: Request) -> bool:
        """Admit the client for whom a proxy connects, or refuse it; others are admitted already."""
        if self.admitted is not None:
            return True
        forwarded = request.headers.get_all("X-Forwarded-For")
        client = self._owner.rules.proxies.client_of(forwarded)
        if client is None:
            self._refuse(HTTPStatus.BAD_REQUEST, _NOBODY)
            return False
        refusal = self._owner.admit((client, 0))
        if refusal is not None:
            self.stream.close(last=refusal)
            return False
        self.admitted = (client, 0)
        return True

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        response = _protocol().reject(status, text)
        if status is HTTPStatus.UPGRADE_REQUIRED:
            response.headers["Upgrade"] = "websocket"
        self.stream.close(last=response.serialize())


def _protocol() -> ServerProtocol:
    """Return a protocol without compression, which would cost memory for each client."""
    return ServerProtocol(select_subprotocol=_choose, max_size=MESSAGE_BYTES)


def _choose(protocol: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Return the first of the client's subprotocols that is known; text is spoken without any."""
    return next((name for name in offered if name in (BINARY, TEXT)), None)
