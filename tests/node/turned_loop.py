"""The loop of a node's sessions, with a clock and with ticks that the test turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from hubbub.node.clock import TICK_SECONDS
from tests.node.node_harness import Node


class TurnedLoop:
    """Stand between a node's sessions and their loop: time stands still, and ticks wait."""

    def __init__(self, node: Node) -> None:
        self._loop = node.hub.sessions._loop
        self.now = self._loop.time()
        self.ticks: list[Callable[[], None]] = []
        node.hub.sessions._loop = cast("Any", self)

    def time(self) -> float:
        """Return the time that the test has made it."""
        return self.now

    def call_later(self, seconds: float, call: Callable[[], None]) -> object:
        """Keep a tick of the clock for the test; call anything else in its time."""
        if seconds != TICK_SECONDS:
            return self._loop.call_later(seconds, call)
        self.ticks.append(call)
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)
