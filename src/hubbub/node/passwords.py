"""Passwords are checked beside the event loop, a few at a time; the others wait their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

Check = Callable[[str, str], bool]
"""Say whether a password belongs to a hash: (hash, password)."""


class PasswordChecks:
    """Run at most `at_once` checks in threads; past `queue` waiting ones, refuse."""

    def __init__(self, check: Check, at_once: int, queue: int) -> None:
        self._check = check
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._queue = queue
        self._waiting = 0

    def submit(self, digest: str, password: str, then: Callable[[bool], None]) -> bool:
        """Check a password and call `then` on the loop; False where too many are waiting."""
        if self._waiting >= self._queue:
            return False
        self._waiting += 1
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._threads, self._check, digest, password)
        future.add_done_callback(lambda done: self._done(done, then))
        return True

    def _done(self, future: asyncio.Future[bool], then: Callable[[bool], None]) -> None:
        self._waiting -= 1
        if not future.cancelled():
            then(future.exception() is None and future.result())

    def stop(self) -> None:
        """Let go of the threads; checks that have not begun are dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
