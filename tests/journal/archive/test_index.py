"""The index of histories: written for many entries at a time, and read as if it always were."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import apsw
import pytest

from hubbub.core.records.entries import Entry
from hubbub.journal import codec
from hubbub.journal.archive import index
from hubbub.journal.database import migrations
from hubbub.journal.database.file import DatabaseFile
from hubbub.journal.questions import Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.damage import pages_of, spoil
from tests.journal.keeper import EVERYTHING, Keeper, kept, said, texts

ROOMS = ["#a", "#b", "#c"]


def rows(path: Path) -> list[Any]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = connection.execute("SELECT target, seq FROM history ORDER BY target, seq").fetchall()
    connection.close()
    return found


async def page(journal: SQLiteJournal, history: str) -> list[Entry]:
    archive = journal.archive()
    try:
        return await archive.page(Page(history, 10_000, EVERYTHING))
    finally:
        await archive.stop()


async def read(path: Path, history: str) -> list[str]:
    journal = SQLiteJournal(path)
    try:
        return texts(await page(journal, history))
    finally:
        await journal.stop()


async def talk(keeper: Keeper, *numbers: int) -> None:
    """Say a number in each room, each in a commit of its own."""
    for number in numbers:
        await keeper.keep(*[said(str(number), room) for room in ROOMS])


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the index written for every twelve records."""
    monkeypatch.setattr(index, "DUE", 12)


def test_a_commit_writes_rows_only_when_there_are_many(path: Path) -> None:
    async def fill() -> list[int]:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        written = []
        for number in range(6):
            await talk(keeper, number)
            written.append(len(rows(path)))
            assert texts(await page(journal, "#b")) == [str(n) for n in range(number + 1)]
        await journal.stop()
        return written

    # The commit after the one that made it twelve writes those twelve.
    assert asyncio.run(fill()) == [0, 0, 0, 0, 12, 12]
    assert len(rows(path)) == 18, "a stop leaves all of it behind"


@pytest.mark.parametrize("commits", [1, 4, 5, 9])
def test_after_a_kill_what_was_not_written_is_known_again(path: Path, commits: int) -> None:
    copy = path.parent / "copy.sqlite"

    async def fill() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        await talk(keeper, *range(commits))
        await keeper.keep(kept("#x"))
        for name in ("", "-wal"):
            shutil.copy(f"{path}{name}", f"{copy}{name}")
        await journal.stop()

    asyncio.run(fill())
    for _ in range(2):
        assert asyncio.run(read(copy, "#b")) == [str(number) for number in range(commits)]


def test_what_is_taken_out_before_its_rows_are_written_never_comes_back(path: Path) -> None:
    async def fill() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        await talk(keeper, *range(3))
        second = keeper.entries[4]
        journal.refuse(second.seq)
        journal.erase([keeper.entries[7].seq])
        await talk(keeper, *range(3, 9))
        assert texts(await page(journal, "#b")) == ["0", *map(str, range(3, 9))]
        await journal.stop()

    asyncio.run(fill())
    assert asyncio.run(read(path, "#b")) == ["0", *map(str, range(3, 9))]
    connection = apsw.Connection(str(path))
    left = connection.execute("SELECT refs, body FROM record WHERE seq IN (5, 8)").fetchall()
    connection.close()
    assert left == [(0, None), (0, None)]


def test_a_history_is_forgotten_with_what_was_not_written(path: Path) -> None:
    async def fill() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        await talk(keeper, 0, 1)
        journal.forget("#b")
        await keeper.keep(said("anew", "#b"))
        assert texts(await page(journal, "#b")) == ["anew"]
        await talk(keeper, *range(2, 7))
        await journal.stop()

    asyncio.run(fill())
    assert asyncio.run(read(path, "#b")) == ["anew", "2", "3", "4", "5", "6"]
    assert asyncio.run(read(path, "#a")) == [str(number) for number in range(7)]


def test_where_the_index_is_damaged_the_other_histories_go_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fill() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        await keeper.keep(*[said(str(n), room) for room in ("#a", "#b") for n in range(900)])
        await journal.stop()

    asyncio.run(fill())
    # The last page of the index is of #b, the first of #a.
    damaged = pages_of(path, "history")[-1]
    monkeypatch.setattr(index, "DUE", 2)

    async def go_on() -> None:
        journal = SQLiteJournal(path)
        spoil(path, damaged)
        keeper = Keeper(journal)
        for _ in range(3):
            await keeper.keep(said("after", "#a"), said("lost", "#b"))
        assert texts(await page(journal, "#a"))[-3:] == ["after"] * 3
        assert "damaged" in journal.troubles()["damage"]
        assert not keeper.failures
        await journal.stop()

    asyncio.run(go_on())


def test_a_journal_of_before_has_all_of_its_index(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(migrations, "STEPS", migrations.STEPS[:2])
        file = DatabaseFile(path)
        for seq in range(1, 4):
            file.connection.execute(
                "INSERT INTO batch VALUES (?, ?, ?, ?, ?, '#a', NULL)",
                (seq, seq * 1_000_000, 1 << 1 | 1 << 2, *plain(f"old {seq}")),
            )
        file.close()
    assert len(rows(path)) == 3
    assert asyncio.run(read(path, "#a")) == ["old 1", "old 2", "old 3"]
    assert len(rows(path)) == 3


def plain(text: str) -> tuple[str, str]:
    """Return a message's record and body as they are in the database."""
    draft = said(text, "#a")
    assert draft.body is not None
    return codec.encode_record(draft.record).decode(), codec.encode_body(draft.body).decode()


def test_thousands_are_taken_out_in_one_go(path: Path) -> None:
    async def fill() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        await keeper.keep(*[said(str(number), "#a", "#b") for number in range(100)])
        for entry in keeper.entries[::2]:
            journal.refuse(entry.seq)
        await keeper.keep(said("last", "#a"))
        odd = [str(number) for number in range(1, 100, 2)]
        assert texts(await page(journal, "#b")) == odd
        assert texts(await page(journal, "#a")) == [*odd, "last"]
        await journal.stop()

    asyncio.run(fill())
    assert len(asyncio.run(read(path, "#a"))) == 51
