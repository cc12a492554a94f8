"""The journal in a file: what it is before it is started, and what it keeps for the next start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.journal.questions import Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper, ManualClock, kept, said, texts


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


def test_what_is_asked_for_is_done_and_found_by_the_next_start(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        drafts = [said("1", "#a"), said("2", "#a"), said("3", "#b"), said("4", "#c"), kept("#a")]
        refused, erased, _, left, last = await keeper.keep(*drafts)
        journal.refuse(refused.seq)
        journal.erase([erased.seq])
        journal.forget("#b")
        journal.forget("#c", left.seq - 1)
        journal.save_snapshot(last.seq, b"world")
        await keeper.keep(said("5", "#c"))
        await journal.stop()
        assert journal.figures().size > 0
        journal = SQLiteJournal(path)
        assert journal.load().snapshot == b"world"
        archive = journal.archive()
        Keeper(journal)
        for history, expected in (("#a", []), ("#b", []), ("#c", ["4", "5"])):
            assert texts(await archive.page(Page(history, 9, EVERYTHING))) == expected
        await archive.stop()
        await journal.stop()

    asyncio.run(check())


def test_a_clock_that_was_ahead_is_put_right_before_the_start(path: Path) -> None:
    async def check() -> None:
        clock = ManualClock()
        journal = SQLiteJournal(path, clock)
        keeper = Keeper(journal)
        await keeper.keep(said("before", "#a"))
        clock.now += 3_600_000_000
        await keeper.keep(said("ahead", "#a"))
        await journal.stop()
        journal = SQLiteJournal(path, clock)
        clock.now -= 3_000_000_000
        moved = journal.set_back(clock.now, lambda *_: kept("#a").record)
        assert (moved, journal.last_time) == (3_000_001_000, clock.now)
        await journal.stop()

    asyncio.run(check())
