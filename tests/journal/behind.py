"""Looking at and changing a journal's file behind its back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw

from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, kept, said


def make(path: Path) -> None:
    """Make a journal with a few records."""

    async def fill() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(*[said(str(n), "#a") for n in range(200)], kept("#a"))
        await journal.stop()

    asyncio.run(fill())


def rows(path: Path, sql: str, *values: str | int | bytes) -> list[tuple[object, ...]]:
    """Return what another connection reads."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [tuple(row) for row in connection.execute(sql, values)]
    finally:
        connection.close()


def change(path: Path, sql: str, *values: str | int | bytes) -> None:
    """Change the database behind the journal's back."""
    connection = apsw.Connection(str(path))
    connection.execute(sql, values)
    connection.close()


def held(path: Path, text: bytes) -> bool:
    """Say whether any file beside the journal holds these bytes, its log included."""
    return any(text in file.read_bytes() for file in path.parent.iterdir())


async def at_rest(journal: SQLiteJournal) -> None:
    """Wait until the writer leaves its connection alone, which a test may then use."""
    assert journal._writer is not None
    while not journal._writer._is_idle:  # noqa: ASYNC110 (a thread sets it)
        await asyncio.sleep(0.001)


async def until(path: Path, sql: str, number: int) -> None:
    """Wait until another connection sees a query give this number."""
    while rows(path, sql) != [(number,)]:  # noqa: ASYNC110
        # The writer's thread says nothing of its maintenance to anybody.
        await asyncio.sleep(0.01)
