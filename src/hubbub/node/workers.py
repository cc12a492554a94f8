"""What takes long to compute runs beside the event loop, a few at a time; the others wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


class Workers:
    """Run at most `at_once` pieces of work in threads; past `queue` waiting ones, refuse."""

    def __init__(self, at_once: int, queue: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._queue = queue
        self._waiting = 0

    def submit(self, work: Callable[[], Any], then: Callable[[Any], None]) -> bool:
        """Do work and call `then` on the loop with what it returned, or None where it failed.

        Return False, and call nothing, where too many are waiting.
        """
        if self._waiting >= self._queue:
            return False
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        future.add_done_callback(lambda done: self._done(done, then))
        return True

    def _done(self, future: asyncio.Future[Any], then: Callable[[Any], None]) -> None:
        self._waiting -= 1
        if not future.cancelled():
            then(future.result() if future.exception() is None else None)

    def stop(self) -> None:
        """Let go of the threads; work that has not begun is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
