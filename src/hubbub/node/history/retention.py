"""Letting go of what has been kept long enough: the record of what operators did."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from hubbub.core.records.moderation import AUDIT
from hubbub.core.records.nodes import Forgotten
from hubbub.journal.port import Archive, JournalError, Page, Position
from hubbub.node.sessions import Sessions

SWEEP_SECONDS: Final = 3600.0
_DAY: Final = 86_400_000_000

_log = structlog.get_logger(__name__)


class Retention:
    """Have forgotten, once an hour, what is older than the operator wants it kept."""

    def __init__(self, sessions: Sessions, archive: Archive) -> None:
        self._sessions = sessions
        self._archive = archive
        self._due = sessions.now()
        self._task: asyncio.Task[None] | None = None

    def sweep_if_due(self) -> None:
        """Have forgotten what is too old, if that was not done within the hour."""
        now = self._sessions.now()
        if now >= self._due and (self._task is None or self._task.done()):
            self._due = now + SWEEP_SECONDS
            self._task = asyncio.get_running_loop().create_task(self.sweep())

    async def sweep(self) -> None:
        """Have forgotten what is too old."""
        sessions, kept_for = self._sessions, self._sessions.world.kept_for
        if kept_for is None or not kept_for.audit_days:
            return
        before = Position(sessions.clock() - kept_for.audit_days * _DAY)
        page = Page(AUDIT, 1, sessions.world.applied, before=before, latest=True, events=True)
        try:
            entries = await self._archive.page(page)
        except JournalError as error:
            _log.error("archive cannot be read", error=str(error))
            return
        if entries and not sessions.is_ending:
            # On record, so that every archive lets go of the same.
            upto = entries[0].seq
            sessions.append(lambda origin: Forgotten(origin, AUDIT, upto))

    async def stop(self) -> None:
        """Give up what is being done."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
