"""IRC with a server over a line, in WebSocket's frames where the address says so."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from typing import Final

from hubbub.irc.message import Message
from hubbub.wire.address import WireAddress
from hubbub.wire.decoding.guessing import guess
from hubbub.wire.decoding.websocket import CLOSE, PONG, TEXT, frame_of
from hubbub.wire.ends.line import WireLine
from hubbub.wire.failures import AnotherProtocol, CutOff, FellSilent, TooMuch
from hubbub.wire.seen import Show, Way
from hubbub.wire.watching import WebSocketWatch, watch

MOST_BYTES: Final = 4 * 1024 * 1024
"""How much a server may send during one visit; whoever sends more is left."""
SUBPROTOCOL: Final = "text.ircv3.net"
_MAGIC: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_FIRST: Final = 64


class Talk:
    """Say and hear lines of IRC; all of it is shown.

    `chance` returns so many random bytes, for what WebSocket wants to be random.
    """

    def __init__(
        self, line: WireLine, show: Show, address: WireAddress, chance: Callable[[int], bytes]
    ) -> None:
        """Take over a line that is open; `open` makes it ready."""
        self._line = line
        self._address = address
        self._chance = chance
        self._hears = watch(address.scheme, Way.RECEIVED, show)
        self._says = watch(address.scheme, Way.SENT, show)
        self._count = 0
        self._closed = False
        self._first = b""
        self._early: list[Message] = []

    async def open(self, seconds: float) -> None:
        """Go through WebSocket's upgrade, if there is one.

        Raise AnotherProtocol, CutOff, or FellSilent.
        """
        if not isinstance(self._hears, WebSocketWatch):
            return
        key = base64.b64encode(self._chance(16)).decode()
        try:
            async with asyncio.timeout(seconds):
                await self._write(self._request(key))
                while self._hears.head is None and not self._hears.broken:
                    self._early += await self._more() or []
        except TimeoutError:
            raise FellSilent(f"no answer to the upgrade within {seconds:g} s") from None
        self._check(self._hears, key)
        await self._answered(self._hears, None)

    def _request(self, key: str) -> bytes:
        fields = (
            f"GET {self._address.path} HTTP/1.1",
            f"Host: {self._address.name}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}",
        )
        return "".join(f"{field}\r\n" for field in (*fields, "")).encode()

    def _check(self, hears: WebSocketWatch, key: str) -> None:
        if hears.broken or hears.head is None:
            hint = "" if self._first.startswith(b"HTTP/") else f"; {guess(self._first)}"
            raise AnotherProtocol(f"no WebSocket: {hears.broken or 'no answer'}{hint}")
        expected = base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()  # noqa: S324
        if hears.head.field("Sec-WebSocket-Accept") != expected:
            raise AnotherProtocol("the answer to the upgrade does not belong to the request's key")

    async def say(self, *lines: str) -> None:
        """Send lines. Raise CutOff."""
        encoded = [line.encode() for line in lines]
        if isinstance(self._hears, WebSocketWatch):
            data = b"".join(frame_of(TEXT, line, self._chance(4)) for line in encoded)
        else:
            data = b"".join(line + b"\r\n" for line in encoded)
        await self._write(data)

    async def hear(self) -> list[Message] | None:
        """Return the messages that came, None at the end.

        Raise CutOff, AnotherProtocol, or TooMuch.
        """
        if self._early:
            early, self._early = self._early, []
            return early
        try:
            found = await self._more()
        except CutOff:
            # Who says goodbye is often not waited for.
            return None
        if isinstance(self._hears, WebSocketWatch):
            return await self._answered(self._hears, found)
        return found

    async def _answered(
        self, hears: WebSocketWatch, found: list[Message] | None
    ) -> list[Message] | None:
        """Answer what WebSocket itself wants answered, and return what was found."""
        if hears.broken:
            raise AnotherProtocol(f"no WebSocket any more: {hears.broken}")
        if hears.pings:
            await self._write(frame_of(PONG, hears.pings.pop(), self._chance(4)))
        if hears.closing is not None and not self._closed:
            self._closed = True
            await self._write(frame_of(CLOSE, hears.closing[:2], self._chance(4)))
        return found

    @property
    def anything_came(self) -> bool:
        """Say whether the other side sent even one byte."""
        return bool(self._first)

    @property
    def beginning(self) -> str:
        """Return what the first bytes that came seem to be."""
        if isinstance(self._hears, WebSocketWatch) and self._hears.head is not None:
            return "WebSocket was agreed on" + (", and then closed" if self._closed else "")
        return guess(self._first, self._address.scheme)

    async def _more(self) -> list[Message] | None:
        data = b"" if self._closed else await self._line.read()
        if not data:
            if isinstance(self._hears, WebSocketWatch) and self._hears.head is None:
                raise CutOff("the other side ended the connection instead of answering the upgrade")
            return None
        self._first = (self._first + data)[:_FIRST]
        self._count += len(data)
        if self._count > MOST_BYTES:
            raise TooMuch(f"more than {MOST_BYTES} bytes came, which is all that is looked at")
        return self._hears.feed(data)

    async def _write(self, data: bytes) -> None:
        self._says.feed(data)
        await self._line.write(data)
