"""What those who share a channel hear between two writes to them, held once for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

RUN_BYTES: Final = 32 * 1024
"""How much a run holds at most. An outbox with less room than that hears each thing by itself, so
whatever a run brings to one that is in it has room there."""


class Run:
    """Collect what a group hears; an outbox that is in it has the place where that began for it.

    So a message costs the same whether ten hear it or thousands, until they are written to. Those
    `apart` belong to the group, and hear what comes next by themselves, or come in with it.
    """

    __slots__ = ("_closed", "_joined", "apart", "is_open", "parts", "size")

    def __init__(self, closed: Callable[[], None]) -> None:
        """Begin; `closed` is called when it brings nothing more, lest somebody keep it for ever."""
        self.parts: list[bytes] = []
        self.size = 0
        self.is_open = True
        self._closed = closed
        # Outboxes, which know their run: so it knows no more of them.
        self.apart: dict[Any, None] = {}
        self._joined: dict[int, bytes] = {}

    def add(self, data: bytes) -> None:
        """Let all that are in it hear this."""
        self.parts.append(data)
        self.size += len(data)
        if self._joined:
            self._joined.clear()

    def close(self) -> None:
        """Bring nothing more: it is being written."""
        self.is_open = False
        self._closed()

    def since(self, start: int) -> bytes:
        """Return what has come since it held so many parts, as one piece for all who ask."""
        found = self._joined.get(start)
        if found is None:
            parts = self.parts[start:] if start else self.parts
            found = self._joined[start] = parts[0] if len(parts) == 1 else b"".join(parts)
        return found
