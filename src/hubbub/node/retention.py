"""Letting go of what has been kept long enough: the record of what operators did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from hubbub.core.moderation_records import AUDIT
from hubbub.core.world import World
from hubbub.journal.port import Archive, Journal, JournalError, Page, Position
from hubbub.node.bounds import Bounds

SWEEP_SECONDS: Final = 3600.0
_DAY: Final = 86_400_000_000

_log = structlog.get_logger(room="history")


class Owner(Protocol):
    """What letting go needs of the hub."""

    world: World
    journal: Journal
    bounds: Bounds
    clock: Callable[[], int]

    @property
    def is_ending(self) -> bool:
        """Say whether the node takes no more records."""

    def now(self) -> float:
        """Return the loop's time."""


class Retention:
    """Forget, once an hour, what is older than the operator wants it kept."""

    def __init__(self, owner: Owner, archive: Archive) -> None:
        self._owner = owner
        self._archive = archive
        self._due = owner.now()
        self._task: asyncio.Task[None] | None = None

    def sweep_if_due(self) -> None:
        """Forget what is too old, if that was not done within the hour."""
        now = self._owner.now()
        if now >= self._due and (self._task is None or self._task.done()):
            self._due = now + SWEEP_SECONDS
            self._task = asyncio.get_running_loop().create_task(self.sweep())

    async def sweep(self) -> None:
        """Forget what is too old."""
        owner, days = self._owner, self._owner.bounds.audit_days
        if not days:
            return
        before = Position(owner.clock() - days * _DAY)
        page = Page(AUDIT, 1, owner.world.applied, before=before, latest=True, events=True)
        try:
            entries = await self._archive.page(page)
        except JournalError as error:
            _log.error("archive cannot be read", error=str(error))
            return
        if entries and not owner.is_ending:
            owner.journal.forget(AUDIT, entries[0].seq)

    async def stop(self) -> None:
        """Give up what is being done."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
