"""How much may still be sent into each channel (RFC 4254 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hubbub.wire.decoding.ssh import names
from hubbub.wire.decoding.ssh.messages import Facts
from hubbub.wire.seen import Way

CHANNELS: Final = 256
"""How many channels are kept account of; of more nothing is said."""
_OTHER: Final = {Way.SENT: Way.RECEIVED, Way.RECEIVED: Way.SENT}

_Side = tuple[Way, int]
"""A way, and the number that a channel has for who receives what goes that way."""


class ChannelWindows:
    """Keep account of what both sides granted each other and used."""

    def __init__(self) -> None:
        """Begin without channels."""
        self._left: dict[_Side, int] = {}
        self._partners: dict[_Side, _Side] = {}

    def follow(self, number: int, facts: Facts, way: Way) -> Facts:
        """Take what a message says, and return what is to be added: what is left of a window."""
        told = dict(facts)
        channel = told.get("channel")
        if number in (names.CHANNEL_OPEN, names.CHANNEL_OPEN_CONFIRMATION):
            self._open(told, way)
        elif not isinstance(channel, int):
            return []
        elif number == names.CHANNEL_WINDOW_ADJUST:
            return self._change(
                self._partners.get((way, channel)), _count(told, "more bytes granted")
            )
        elif number in (names.CHANNEL_DATA, names.CHANNEL_EXTENDED_DATA):
            return self._change((way, channel), -_count(told, "data"))
        elif number == names.CHANNEL_CLOSE:
            self._left.pop((way, channel), None)
            self._partners.pop((way, channel), None)
        return []

    def _open(self, told: Mapping[str, object], way: Way) -> None:
        here, there = told.get("number here"), told.get("channel")
        if not isinstance(here, int) or "window" not in told or len(self._left) >= CHANNELS:
            return
        receiving = (_OTHER[way], here)
        self._left[receiving] = _count(told, "window")
        if isinstance(there, int):
            self._partners[receiving] = (way, there)
            self._partners[way, there] = receiving

    def _change(self, side: _Side | None, by: int) -> Facts:
        if side not in self._left:
            return []
        assert side is not None
        self._left[side] += by
        return [("left of the window", f"{self._left[side]} bytes")]


def _count(told: Mapping[str, object], name: str) -> int:
    """Return the number with which a detail begins."""
    return int(str(told.get(name, 0)).partition(" ")[0])
