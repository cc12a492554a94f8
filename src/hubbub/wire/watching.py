"""What goes one way above TLS, shown as it comes: lines of IRC, in WebSocket's frames or not."""

from __future__ import annotations

from typing import Protocol

from hubbub.irc.message import Message
from hubbub.wire.decoding.irc_lines import IRCStream
from hubbub.wire.decoding.upgrade import UpgradeHead
from hubbub.wire.decoding.websocket import CLOSE, PING, WebSocketStream, WSMessages
from hubbub.wire.seen import OnLayer, Seen, Show, Way


class LineWatch(Protocol):
    """Take bytes of one way, show what they are, and return the messages of IRC in them."""

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes."""


class IRCWatch:
    """Watch IRC as it stands on the line."""

    def __init__(self, way: Way, show: Show) -> None:
        """Begin before the first line."""
        self._stream = IRCStream(way)
        self._show = show

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes."""
        found = []
        for message, seen in self._stream.feed(data):
            self._show(seen)
            if message is not None:
                found.append(message)
        return found


class WebSocketWatch:
    """Watch IRC in frames; `head` is the upgrade once it came, `pings` wait to be answered.

    `closing` is the payload of the frame that says goodbye, once it came. `broken` says why it is
    no WebSocket.
    """

    def __init__(self, way: Way, show: Show) -> None:
        """Begin before the upgrade."""
        self._way = way
        self._show = show
        self._stream = WebSocketStream()
        self._messages = WSMessages()
        self._lines = IRCWatch(way, show)
        self.head: UpgradeHead | None = None
        self.pings: list[bytes] = []
        self.closing: bytes | None = None

    @property
    def broken(self) -> str:
        """Return why nothing is read any more, "" while it is."""
        return self._stream.broken or self._messages.broken

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes."""
        before, found = self.broken, []
        for thing in self._stream.feed(data):
            self._show(thing.seen(self._way))
            if isinstance(thing, UpgradeHead):
                self.head = thing
                continue
            if thing.opcode == PING:
                # Only the last needs an answer (RFC 6455 5.5.3).
                self.pings = [thing.payload]
            elif thing.opcode == CLOSE:
                self.closing = thing.payload
            message = self._messages.feed(thing)
            if message is not None:
                found += self._lines.feed(message.rstrip(b"\r\n") + b"\r\n")
        if self.broken and not before:
            facts = (("reason", self.broken),)
            self._show(Seen(OnLayer.WEBSOCKET, "no WebSocket", self._way, details=facts))
        return found


def watch(scheme: str, way: Way, show: Show) -> LineWatch:
    """Return who watches what goes one way on a connection of this scheme."""
    return WebSocketWatch(way, show) if scheme in ("ws", "wss") else IRCWatch(way, show)
