"""What a door hands over: a link to one peer, by one of the kinds of doors."""

from __future__ import annotations

from typing import Final, Protocol

TLS: Final = "tls"
PLAIN: Final = "plain"
WEBSOCKET: Final = "websocket"
SSH: Final = "ssh"
"""The kinds of doors."""


class Link(Protocol):
    """What carries a connection's bytes: a transport's stream or WebSocket."""

    @property
    def unsent(self) -> int:
        """Return how many bytes are kept until the socket takes them."""

    @property
    def last_accepted(self) -> float:
        """Return the loop's time when bytes that had waited were last accepted."""

    def send(self, data: bytes) -> bool:
        """Pass bytes on; False when some are kept and `writable` will be called."""

    def pause_reading(self) -> None:
        """Call `received` no more until `resume_reading`: what the peer sends waits at its end."""

    def resume_reading(self) -> None:
        """Undo `pause_reading`; `received` comes later, never from within this call."""

    def close(self, timeout: float = ..., last: bytes = b"") -> None:
        """Send what is kept, then `last`, and close; after `timeout` seconds drop the rest."""

    def abort(self) -> None:
        """Close at once and drop what is kept, for a peer that takes nothing."""
