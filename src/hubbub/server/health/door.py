"""The door that says how the server does: `/live`, `/ready` and `/metrics`, over plain HTTP/1.1.

A request is bounded in size and time and has one answer, behind which the connection ends. Nothing
that is said here is secret, nor is it anybody's: no name, no address, no text.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import structlog

from hubbub.server.health.readiness import STARTING
from hubbub.transport.listener import Listener
from hubbub.transport.stream import Stream

REQUEST_BYTES: Final = 8 * 1024
"""The largest request. Beyond it: 431, closed."""
SECONDS: Final = 5.0
"""How long a request may take to come. Over it: 408, closed."""
CONNECTIONS: Final = 32
"""Connections at once. Beyond it the oldest is cut: who watches is through in a moment."""

_END: Final = re.compile(rb"\r?\n\r?\n")
_REQUEST: Final = re.compile(rb"([A-Za-z]{1,20}) ([!-~]{1,8192}) HTTP/(\d)\.(\d)")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_TEXT: Final = "text/plain; charset=utf-8"
_PLACES: Final = ("/live", "/ready", "/metrics")

_log = structlog.get_logger(__name__)


def _always_starting() -> str:
    return STARTING


class HealthDoor:
    """Answer whoever watches the server.

    `not_ready` says in one word why it is not, "" where it is; `metrics` gives them with their
    content type, once there is something to measure.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Be ready to `open`."""
        self.loop = loop
        self.not_ready: Callable[[], str] = _always_starting
        self.metrics: Callable[[], tuple[bytes, str]] | None = None
        self._listeners: list[Listener] = []
        # Ordered by age, the oldest first.
        self._requests: dict[_Request, None] = {}

    def open(self, host: str, port: int) -> int:
        """Listen at an address; return the port. Raise ListenError."""
        listener = Listener(
            self.loop,
            host,
            port,
            accepted=self._accepted,
            admit=lambda _: None,
            released=lambda _: None,
        )
        self._listeners.append(listener)
        return listener.address[1]

    @property
    def is_open(self) -> bool:
        """Say whether it listens anywhere."""
        return bool(self._listeners)

    def close(self) -> None:
        """Listen no more, and drop whoever has not been answered."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        for request in list(self._requests):
            request.stream.abort()

    def ended(self, request: _Request) -> None:
        """Forget a request that is over."""
        self._requests.pop(request, None)

    def _accepted(self, stream: Stream) -> None:
        if len(self._requests) >= CONNECTIONS:
            # Whoever takes all places and says nothing keeps nobody from asking.
            oldest = next(iter(self._requests))
            del self._requests[oldest]
            oldest.stream.abort()
        request = _Request(self, stream)
        self._requests[request] = None
        stream.attach(request)

    def answer(self, path: str) -> bytes:
        """Return the response to a GET of a path."""
        if path == "/live":
            return _response(HTTPStatus.OK, "live\n")
        if path == "/ready":
            word = self.not_ready()
            status = HTTPStatus.SERVICE_UNAVAILABLE if word else HTTPStatus.OK
            return _response(status, f"{word or 'ready'}\n")
        if self.metrics is None:
            return _response(HTTPStatus.SERVICE_UNAVAILABLE, f"{self.not_ready()}\n")
        try:
            body, kind = self.metrics()
        except Exception:
            _log.exception("the metrics could not be read")
            text = "The metrics could not be read; the server's log says more.\n"
            return _response(HTTPStatus.INTERNAL_SERVER_ERROR, text)
        return _response(HTTPStatus.OK, body, kind)


class _Request:
    """Own one stream until its request is whole and answered."""

    __slots__ = ("_data", "_is_over", "_owner", "_timer", "stream")

    def __init__(self, owner: HealthDoor, stream: Stream) -> None:
        self.stream = stream
        self._owner = owner
        self._data = bytearray()
        self._is_over = False
        self._timer = owner.loop.call_later(SECONDS, self._too_slow)

    def received(self, data: bytes) -> None:
        """Take bytes that arrived, until the request is whole."""
        if self._is_over:
            return
        self._data += data
        end = _END.search(self._data)
        if len(self._data) > REQUEST_BYTES:
            large = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self._end(_response(large, "The request is too large.\n"))
        elif end is not None:
            self._end(self._answer(bytes(self._data[: end.start()])))

    def writable(self) -> None:
        """Nothing waits for it."""

    def closed(self, error: str | None) -> None:
        """Learn that it is over."""
        self._timer.cancel()
        self._owner.ended(self)

    def _too_slow(self) -> None:
        self._end(_response(HTTPStatus.REQUEST_TIMEOUT, "The request did not come in time.\n"))

    def _end(self, response: bytes) -> None:
        self._is_over = True
        self._timer.cancel()
        self.stream.close(last=response)

    def _answer(self, head: bytes) -> bytes:
        """Return the response to a request (RFC 9112 3): its lines, without the last end."""
        first, *headers = re.split(rb"\r?\n", head)
        line = _REQUEST.fullmatch(first)
        if line is None:
            return _response(HTTPStatus.BAD_REQUEST, "This door speaks HTTP/1.1.\n")
        method, target = line[1].decode(), line[2].decode()
        if line[3] != b"1":
            return _response(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "This door speaks HTTP/1.1.\n")
        if not _are_good(headers, must_have_host=line[4] != b"0"):
            return _response(HTTPStatus.BAD_REQUEST, "The request's headers are no good.\n")
        try:
            path = urlsplit(target).path
        except ValueError:
            return _response(HTTPStatus.BAD_REQUEST, "The request's target is no good.\n")
        if path not in _PLACES:
            return _response(HTTPStatus.NOT_FOUND, f"There are {', '.join(_PLACES)} here.\n")
        if method not in ("GET", "HEAD"):
            text = "Only GET and HEAD are answered.\n"
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, text, more={"Allow": "GET, HEAD"})
        response = self._owner.answer(path)
        # HEAD is answered as GET would be, less the content (RFC 9110 9.3.2).
        return response if method == "GET" else response[: response.index(b"\r\n\r\n") + 4]


def _are_good(headers: Sequence[bytes], must_have_host: bool) -> bool:
    """Say whether no line might be read otherwise by what stands before this door (RFC 9112 11.2).

    That has one Host at most (3.2), such as a proxy would go by.
    """
    names = [found[1].lower() for each in headers if (found := _HEADER.fullmatch(each))]
    hosts = names.count(b"host")
    return len(names) == len(headers) and hosts <= 1 and (hosts == 1 or not must_have_host)


def _response(
    status: HTTPStatus, body: str | bytes, kind: str = _TEXT, more: Mapping[str, str] | None = None
) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    headers = {
        "Content-Type": kind,
        "Content-Length": str(len(content)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
        **(more or {}),
    }
    lines = [f"HTTP/1.1 {status} {status.phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content
