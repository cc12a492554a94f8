"""The journal in a file: what it is before it is started, and what it keeps for the next start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, ManualClock, said


def test_what_is_not_started_can_be_asked_and_closed(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        figures = journal.figures()
        assert (journal.troubles(), journal.waiting) == ({}, 0)
        assert (figures.size, figures.is_full, figures.failed) == (0, False, False)
        with pytest.raises(AssertionError, match="after start"):
            journal.append(said("too early", "#a"))
        with pytest.raises(AssertionError, match="after start"):
            journal.erase([1])
        await journal.stop()
        # The file is another one's by now.
        await SQLiteJournal(path).stop()

    asyncio.run(check())


def test_notes_are_there_at_the_next_start(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        assert journal.recall("policy") == ""
        journal.remember("policy", "open")
        journal.remember("policy", "closed")
        journal.remember("policy", "closed")
        await journal.stop()
        journal = SQLiteJournal(path)
        assert (journal.recall("policy"), journal.recall("other")) == ("closed", "")
        await journal.stop()

    asyncio.run(check())


def test_it_tells_where_the_clock_had_come_to(path: Path) -> None:
    async def check() -> None:
        clock = ManualClock()
        journal = SQLiteJournal(path, clock)
        assert journal.last_time == 0
        await Keeper(journal).keep(*[said("x", "#a")] * 3)
        await journal.stop()
        journal = SQLiteJournal(path, clock)
        # Two of the three are ahead of it.
        assert journal.last_time == clock.now
        await journal.stop()

    asyncio.run(check())
