"""Records on their way through the journal: how many there are, and who waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from hubbub.journal.port import Journal


class Waiter(Protocol):
    """Who waits until more is applied."""

    def work(self) -> None:
        """Go on, as far as that may be."""


class Backlog:
    """Count what is asked for and what is applied, and let go on who had to wait.

    `later` calls something at the loop's next turn.
    """

    def __init__(self, journal: Journal, later: Callable[[Callable[[], None]], object]) -> None:
        self._journal = journal
        self._later = later
        self._returned = 0
        self._unapplied = 0
        self._waiting: dict[Waiter, None] = {}
        self._progress = asyncio.Event()

    @property
    def on_their_way(self) -> int:
        """Return how many records have been asked for, of which nothing has come yet."""
        return self._journal.waiting + self._unapplied

    @property
    def asked_for(self) -> int:
        """Return how many records have been asked for, counted from the start."""
        return self._returned + self.on_their_way

    def has_room(self, waiter: Waiter, bound: int) -> bool:
        """Say whether more may be asked for; if not, the waiter is told to `work` later."""
        # Each message asks: as `on_their_way`, without another call.
        if self._journal.waiting + self._unapplied < bound:
            return True
        self._waiting[waiter] = None
        return False

    def has_settled(self, waiter: Waiter, asked_for: int) -> bool:
        """Say whether so many records are back; if not, the waiter is told to `work` later."""
        if self._returned >= asked_for:
            return True
        self._waiting[waiter] = None
        return False

    def wait(self, waiter: Waiter) -> None:
        """Tell a waiter to `work` when more is applied; at the next turn where nothing will be."""
        if self.on_their_way:
            self._waiting[waiter] = None
        else:
            self._later(waiter.work)

    def came(self, records: int) -> None:
        """Learn that the journal has handed so many records back, which are to be applied."""
        self._unapplied += records

    def applied(self, records: int, bound: int) -> None:
        """Learn that so many of them have been applied, and let go on who waits for that."""
        self._returned += records
        self._unapplied -= records
        self.progressed()
        if self._waiting and self.on_their_way < bound:
            self._wake()

    def let_go(self) -> None:
        """Let all go on who wait, for something else has changed that they go by."""
        self.progressed()
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for waiter in waiting:
            self._later(waiter.work)

    def progressed(self) -> None:
        """Let those look again who wait for `progress`."""
        self._progress.set()

    async def progress(self) -> None:
        """Wait until more has been applied, or none ever will be."""
        self._progress.clear()
        await self._progress.wait()
