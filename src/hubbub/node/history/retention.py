"""Letting go of what has been kept long enough: what was said, and the record of operators."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

import structlog

from hubbub.core.access.registered_channels import kept
from hubbub.core.records.moderation import AUDIT
from hubbub.core.records.nodes import Forgotten
from hubbub.core.world.accounts import presence_of
from hubbub.journal.port import Archive, JournalError, readable
from hubbub.journal.questions import Page, Position
from hubbub.node.sessions import Sessions

SWEEP_SECONDS: Final = 3600.0
CONVERSATIONS: Final = 10_000
"""Direct conversations of one account that are looked at in one sweep, the newest ones."""
_EVER: Final = (1 << 62) - 1
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
        """Have forgotten what is too old, or too much."""
        world = self._sessions.world
        held = world.kept_for
        try:
            if held is not None:
                await self._forget(AUDIT, held.audit_days)
            for channel in list(world.channels.values()):
                await self._forget(channel.history, *kept(world, channel))
            if held is not None and (held.direct_days or held.direct_messages):
                await self._sweep_direct(held.direct_days, held.direct_messages)
        except JournalError as error:
            _log.error("archive cannot be read", error=str(error))

    async def _sweep_direct(self, days: int, messages: int) -> None:
        """Have forgotten what is too old, or too much, of direct messages: each side of them."""
        sessions, archive = self._sessions, self._archive
        for account in list(sessions.world.accounts.values()):
            own = f"@{presence_of(account.name)}/*"
            upto = sessions.world.applied
            for newest in await archive.latest([own], -1, _EVER, CONVERSATIONS, upto):
                await self._forget(newest.history, days, messages)

    async def _forget(self, history: str, days: int, messages: int = 0) -> None:
        """Have a history forgotten but for so many days and messages; 0 is for any number."""
        sessions, archive = self._sessions, self._archive
        applied, seqs = sessions.world.applied, [0]
        if days:
            before = Position(sessions.clock() - days * _DAY)
            page = Page(history, 1, applied, before=before, latest=True, events=True)
            seqs += [entry.seq for entry in await readable(archive.page(page))]
        if messages:
            seqs.append(await archive.beyond(history, messages, applied) or 0)
        if max(seqs) and not sessions.is_ending:
            # On record, so that every archive lets go of the same.
            sessions.append(partial(Forgotten, history=history, upto=max(seqs)))

    async def stop(self) -> None:
        """Give up what is being done."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
