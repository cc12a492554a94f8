"""One damaged page hides its own entries and no others, wherever it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hubbub.core.records.entries import Entry
from hubbub.journal.port import ArchiveDamaged
from hubbub.journal.questions import Newest, Page, Position
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.damage import pages_of, spoil
from tests.journal.keeper import EVERYTHING, Keeper, ManualClock, credential, kept, said, texts

MANY = 2_000


def make(path: Path) -> list[Entry]:
    """Keep many messages, and return their entries."""

    async def fill() -> list[Entry]:
        journal = SQLiteJournal(path)
        entries = await Keeper(journal).keep(
            *[said(f"message number {n} of many", "#a", "#b") for n in range(MANY)]
        )
        await journal.stop()
        return entries

    return asyncio.run(fill())


def first(pages: Sequence[int]) -> int:
    return pages[1]


def middle(pages: Sequence[int]) -> int:
    return pages[len(pages) // 2]


def newest(pages: Sequence[int]) -> int:
    return pages[-1]


@pytest.mark.parametrize("table", ["record", "history"])
@pytest.mark.parametrize("choose", [first, middle, newest])
def test_the_rest_can_be_read(
    path: Path, table: str, choose: Callable[[Sequence[int]], int]
) -> None:
    entries = make(path)
    pages = pages_of(path, table)
    assert len(pages) > 5
    page = choose(pages)

    async def read() -> None:
        journal = SQLiteJournal(path)
        spoil(path, page)
        archive = journal.archive()
        damaged = 0
        found: dict[int, Entry] = {}
        for name in ("#a", "#b"):
            for latest in (True, False):
                try:
                    answer = await archive.page(Page(name, MANY, EVERYTHING, latest=latest))
                except ArchiveDamaged as error:
                    damaged += 1
                    answer = error.entries
                assert [entry.seq for entry in answer] == sorted(e.seq for e in answer)
                assert len(answer) > MANY - 700
                found.update((entry.seq, entry) for entry in answer)
        assert damaged
        assert all(found[entry.seq] == entry for entry in entries if entry.seq in found)
        assert archive._salvage._check is not None
        await asyncio.to_thread(archive._salvage._check.join)
        assert f"page {page} of" in archive.troubles()["damage"]
        assert "restore a backup" in archive.troubles()["damage"]
        await archive.stop()
        await journal.stop()

    asyncio.run(read())


def test_a_page_beside_the_damage_is_whole(path: Path) -> None:
    entries = make(path)
    page = middle(pages_of(path, "record"))

    async def read() -> None:
        journal = SQLiteJournal(path)
        spoil(path, page)
        archive = journal.archive()
        assert await archive.page(Page("#a", 50, EVERYTHING)) == entries[-50:]
        with pytest.raises(ArchiveDamaged) as lost:
            await archive.entries([entry.seq for entry in entries])
        gone = {entry.seq for entry in entries} - {entry.seq for entry in lost.value.entries}
        assert 0 < len(gone) < 100
        before, after = min(gone) - 1, max(gone) + 1
        start = Position(entries[after + 4].time)
        with pytest.raises(ArchiveDamaged) as lost:
            await archive.page(Page("#a", 10, EVERYTHING, before=start))
        seqs = [entry.seq for entry in lost.value.entries]
        assert len(seqs) == 10
        assert set(seqs) <= {*range(before - 9, before + 1), *range(after, after + 6)}
        newest = Newest("#a", entries[-1].time, entries[-1].seq)
        assert await archive.latest(["#a"], 0, EVERYTHING, 5, EVERYTHING) == [newest]
        await archive.stop()
        await journal.stop()

    asyncio.run(read())


def test_what_takes_away_goes_on_round_the_damage(path: Path) -> None:
    entries = make(path)
    page = middle(pages_of(path, "record"))

    async def a_minute_later() -> None:
        # A start reads those of the last second, and so would not see what becomes of them.
        journal = SQLiteJournal(path, ManualClock(entries[-1].time + 60_000_000))
        await Keeper(journal).keep(kept("#y"))
        await journal.stop()

    asyncio.run(a_minute_later())

    async def go_on() -> None:
        journal = SQLiteJournal(path)
        spoil(path, page)
        keeper = Keeper(journal)
        journal.erase([entry.seq for entry in entries[MANY // 4 :]])
        journal.refuse(entries[MANY // 2 + 1].seq)
        journal.forget("#b")
        journal.save_snapshot(entries[-1].seq, b"world")
        for n in range(40):
            back = await keeper.keep(said(f"{n}", "#a"), credential("x", "$a"))
            assert keeper.failures == []
            assert texts(back) == [
                f"{n}",
                "x",
            ]
        assert "damage" in journal.troubles()
        await keeper.keep(kept("#x"))
        assert keeper.failures == []
        archive = journal.archive()
        left = await archive.entries([entry.seq for entry in entries[-200:]])
        assert left == []
        await archive.stop()
        await journal.stop()

    asyncio.run(go_on())


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_a_page_hides_stays_hidden_beside_the_damage(path: Path, is_whole: bool) -> None:
    entries = make(path)
    pages = pages_of(path, "record")

    async def read() -> None:
        journal = SQLiteJournal(path)
        spoil(path, middle(pages))
        if not is_whole:
            spoil(path, newest(pages))
        archive = journal.archive()
        hidden = ((Position(entries[100].time, 101), Position(entries[1_900].time, 1_901)),)
        page = Page("#a", MANY, EVERYTHING, events=True, hidden=hidden)
        if is_whole:
            # What is damaged is within what is hidden: nothing is missing.
            assert await archive.page(page) == entries[:100] + entries[1_900:]
        else:
            with pytest.raises(ArchiveDamaged) as lost:
                await archive.page(page)
            assert 100 < len(lost.value.entries) < 200
            assert [e for e in lost.value.entries if 100 < e.seq <= 1_900] == []
        await archive.stop()
        await journal.stop()

    asyncio.run(read())
