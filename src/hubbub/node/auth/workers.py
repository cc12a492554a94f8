"""What takes long to compute runs beside the event loop, a few at a time; the others wait in lines.

Everybody who waits has a line of their own, and the lines take turns: who has a thousand pieces of
work waiting holds up nobody who has one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

Line = tuple[str, str]
"""Whose a piece of work is: an address, and an account. Addresses take turns, and within one its
accounts do."""


@dataclass(frozen=True, slots=True)
class _Work:
    """Hold what is to be done, and what is to be called with its outcome."""

    work: Callable[[], Any]
    then: Callable[[Any], None]


class Workers:
    """Run at most `at_once` pieces of work in threads; `queue` is how many there are at most.

    Past that the newest of the longest line is dropped: of an address that fills the queue, not of
    those who meet it full. `dropped` counts them.
    """

    def __init__(self, at_once: int, queue: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._at_once = at_once
        self._queue = queue
        self._running = 0
        self._waiting = 0
        self.dropped = 0
        self._lines: OrderedDict[str, OrderedDict[str, deque[_Work]]] = OrderedDict()
        self._lengths: dict[str, int] = {}

    @property
    def running(self) -> int:
        """Return how many pieces of work are being done."""
        return self._running

    @property
    def waiting(self) -> int:
        """Return how many pieces of work wait."""
        return self._waiting

    def submit(
        self, work: Callable[[], Any], then: Callable[[Any], None], line: Line = ("", "")
    ) -> None:
        """Do work and call `then` on the loop with what it returned.

        It is called with None where the work failed, or was dropped because too many wait: that can
        be at once.
        """
        address, account = line
        if self._running + self._waiting >= self._queue and not self._make_room(address):
            self.dropped += 1
            then(None)
            return
        lines = self._lines.setdefault(address, OrderedDict())
        lines.setdefault(account, deque()).append(_Work(work, then))
        self._lengths[address] = self._lengths.get(address, 0) + 1
        self._waiting += 1
        self._run()

    def _make_room(self, newcomer: str) -> bool:
        """Drop the newest piece of the longest line, if that is longer than the newcomer's."""
        if not self._lengths:
            return False
        longest = max(self._lengths, key=self._lengths.__getitem__)
        if self._lengths[longest] <= self._lengths.get(newcomer, 0) + 1:
            return False
        lines = self._lines[longest]
        account = max(lines, key=lambda account: len(lines[account]))
        self.dropped += 1
        self._take(longest, account, newest=True).then(None)
        return True

    def _take(self, address: str, account: str, newest: bool = False) -> _Work:
        """Take a piece of work out of a line, which goes behind the others if it was the oldest."""
        lines = self._lines[address]
        line = lines[account]
        taken = line.pop() if newest else line.popleft()
        self._waiting -= 1
        self._lengths[address] -= 1
        if not line:
            del lines[account]
        elif not newest:
            lines.move_to_end(account)
        if not lines:
            del self._lines[address], self._lengths[address]
        elif not newest:
            self._lines.move_to_end(address)
        return taken

    def _run(self) -> None:
        while self._waiting and self._running < self._at_once:
            address = next(iter(self._lines))
            piece = self._take(address, next(iter(self._lines[address])))
            self._running += 1
            future = asyncio.get_running_loop().run_in_executor(self._threads, piece.work)
            future.add_done_callback(lambda done, piece=piece: self._done(done, piece))  # type: ignore[misc]

    def _done(self, future: asyncio.Future[Any], piece: _Work) -> None:
        self._running -= 1
        if not future.cancelled():
            self._run()
            piece.then(future.result() if future.exception() is None else None)

    def stop(self) -> None:
        """Let go of the threads; work that has not begun is dropped, and nobody is told."""
        self._lines.clear()
        self._lengths.clear()
        self._waiting = 0
        self._threads.shutdown(wait=False, cancel_futures=True)
