"""A journal in which much was said, for a server to start on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Draft, Entry
from hubbub.core.records.messages import Said
from hubbub.journal.port import JournalError
from hubbub.journal.sqlite.journal import SQLiteJournal

_ROOMS: Final = 50
_WINDOW: Final = 4_000


def said(count: int) -> Iterator[Draft]:
    """Return so many messages of the usual length, to rooms in turn."""
    for number in range(count):
        room = f"#room{number % _ROOMS}"
        source = f"nick{number % 500}!user@a1b2c3d4e5.cloak"
        origin = Origin(SessionId(0, 1, number % 500), number)
        body = Body(f"this is message number {number}, of about the usual length")
        yield Draft(Said(origin, source, "", "PRIVMSG", room, None, (room,)), body)


async def keep(path: Path, drafts: Iterator[Draft]) -> None:
    """Append drafts to a journal, which need not be there."""
    journal = SQLiteJournal(path)
    for recovery in journal.recoveries():
        for _ in recovery.entries:
            pass
        break
    back = asyncio.Event()

    def committed(entries: Sequence[Entry]) -> None:
        back.set()

    def failed(drafts: Sequence[Draft], error: JournalError) -> None:
        raise error

    journal.start(committed, failed)
    for draft in drafts:
        while journal.waiting >= _WINDOW:
            back.clear()
            await back.wait()
        journal.append(draft)
    await journal.stop()
