"""An entry gets another body: at once for readers, for good with the next commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from hubbub.core.records.entries import Body, Draft, Entry
from hubbub.core.records.messages import Edited
from hubbub.journal.archive import index
from hubbub.journal.archive.queries import Query
from hubbub.journal.archive.reader import SQLiteArchive
from hubbub.journal.codec import Row
from hubbub.journal.questions import Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.behind import rows, until
from tests.journal.keeper import EVERYTHING, ORIGIN, Keeper, kept, said, texts

Test = Callable[[SQLiteJournal, SQLiteArchive, Keeper], Coroutine[Any, Any, None]]
ALL = Page("#a", 10, EVERYTHING)


def run(path: Path, test: Test) -> None:
    async def steps() -> None:
        journal = SQLiteJournal(path)
        archive = journal.archive()
        try:
            await test(journal, archive, Keeper(journal))
        finally:
            await journal.stop()
            await archive.stop()

    asyncio.run(steps())


async def edit(keeper: Keeper, entry: Entry, text: str, keeps: bool = False) -> Entry:
    """Keep an edit, and have it done with the next commit."""
    body = Body(text, {}, (), 1)
    record = Edited(ORIGIN, "ann!a@h", "#a", entry.msgid, entry.seq, keeps=keeps)
    (edited,) = await keeper.keep(Draft(record, body))
    keeper.journal.revise(entry.seq, edited.seq, keeps, body)
    return edited


@pytest.mark.parametrize("due", [1, 2_000])
def test_a_page_shows_the_newest_text_at_once_and_after_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, due: int
) -> None:
    monkeypatch.setattr(index, "DUE", due)

    async def edits(journal: SQLiteJournal, archive: SQLiteArchive, keeper: Keeper) -> None:
        first, _ = await keeper.keep(said("teh-zwiebel", "#a"), said("other", "#a"))
        await edit(keeper, first, "the-onion")
        assert texts(await archive.page(ALL)) == ["the-onion", "other"]
        await edit(keeper, first, "an onion")
        assert texts(await archive.page(ALL)) == ["an onion", "other"]
        assert await archive.editions(first.seq) == []

    async def again(journal: SQLiteJournal, archive: SQLiteArchive, keeper: Keeper) -> None:
        assert texts(await archive.page(ALL)) == ["an onion", "other"]

    run(tmp_path / "journal", edits)
    run(tmp_path / "journal", again)
    holds = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"an onion" in holds
    assert b"zwiebel" not in holds
    assert b"the-onion" not in holds


def test_earlier_texts_are_kept_if_wanted_and_erased_with_the_message(tmp_path: Path) -> None:
    async def edits(journal: SQLiteJournal, archive: SQLiteArchive, keeper: Keeper) -> None:
        (entry,) = await keeper.keep(said("word-one", "#a"))
        edited = await edit(keeper, entry, "word-two", keeps=True)
        await edit(keeper, entry, "word-three", keeps=True)
        await keeper.keep(kept("#k"))
        found = await archive.editions(entry.seq)
        assert [one.body.text for one in found] == ["word-one", "word-two"]
        assert found[0].upto == edited.clock
        journal.erase([entry.seq])
        assert await archive.editions(entry.seq) == []
        assert await archive.page(ALL) == []
        await keeper.keep(kept("#k"))
        assert await archive.editions(entry.seq) == []

    run(tmp_path / "journal", edits)
    assert all(b"word-" not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_page_has_the_newer_text_also_where_it_is_stored_while_the_page_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def edits(journal: SQLiteJournal, archive: SQLiteArchive, keeper: Keeper) -> None:
        first, by = await keeper.keep(said("teh", "#a"), kept("#k"))
        tombstones, read = archive._tombstones, archive._rows
        tombstones.revise(first.seq, by.seq, Body("the"))

        def rows(query: Query) -> list[Row]:
            found = read(query)
            if found:
                tombstones.revision_stored(first.seq, by.seq)
            return found

        monkeypatch.setattr(archive, "_rows", rows)
        assert texts(await archive.page(ALL)) == ["the"]

    run(tmp_path / "journal", edits)


def test_what_is_forgotten_leaves_no_earlier_text_and_no_edit(tmp_path: Path) -> None:
    path = tmp_path / "journal"

    async def edits(journal: SQLiteJournal, archive: SQLiteArchive, keeper: Keeper) -> None:
        (entry,) = await keeper.keep(said("word-one", "#a"))
        await edit(keeper, entry, "word-two", keeps=True)
        await edit(keeper, entry, "word-three", keeps=True)
        await keeper.keep(kept("#k"))
        journal.forget("#a")
        await keeper.keep(kept("#k"))
        await until(path, "SELECT count(*) FROM forgetting", 0)
        assert rows(path, "SELECT count(*) FROM edition") == [(0,)]

    run(path, edits)
    assert all(b"word-" not in file.read_bytes() for file in tmp_path.iterdir())


def test_what_was_erased_meanwhile_is_not_brought_back(tmp_path: Path) -> None:
    async def edits(journal: SQLiteJournal, archive: SQLiteArchive, keeper: Keeper) -> None:
        (entry,) = await keeper.keep(said("word-one", "#a"))
        journal.erase([entry.seq])
        await keeper.keep(kept("#k"))
        await edit(keeper, entry, "word-two")
        await keeper.keep(kept("#k"))
        assert await archive.page(ALL) == []

    run(tmp_path / "journal", edits)
    assert all(b"word-" not in file.read_bytes() for file in tmp_path.iterdir())


def test_doing_it_twice_and_late_does_no_harm(tmp_path: Path) -> None:
    async def edits(journal: SQLiteJournal, archive: SQLiteArchive, keeper: Keeper) -> None:
        (entry,) = await keeper.keep(said("one", "#a"))
        first = await edit(keeper, entry, "two", keeps=True)
        await edit(keeper, entry, "three", keeps=True)
        await keeper.keep(kept("#k"))
        # As a start has it done that does not know what was done before.
        journal.revise(entry.seq, first.seq, True)
        await keeper.keep(kept("#k"))
        assert texts(await archive.page(ALL)) == ["three"]
        assert len(await archive.editions(entry.seq)) == 2

    run(tmp_path / "journal", edits)
