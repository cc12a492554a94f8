"""What is done between commits, a slice at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.core.records.entries import Draft
from hubbub.journal.archive import maintenance as maintenance_module
from hubbub.journal.archive.index import HistoryIndex
from hubbub.journal.archive.maintenance import Maintenance
from hubbub.journal.archive.search.index import SearchIndex
from hubbub.journal.archive.tombstones import Tombstones
from hubbub.journal.database.file import DatabaseFile
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.behind import rows, until
from tests.journal.keeper import EVERYTHING, Keeper, joined, kept, said


def test_a_slice_forgets_several_histories_up_to_its_rows(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance_module, "SLICE", 10)
    names = ("#a", "#b", "#long", "#c")

    async def fill() -> None:
        journal = SQLiteJournal(path)
        lengths = (2, 0, 12, 1)
        texts = [name for name, length in zip(names, lengths, strict=True) for _ in range(length)]
        await Keeper(journal).keep(*[said("x", name) for name in (*texts, "#kept")])
        await journal.stop()

    asyncio.run(fill())
    file = DatabaseFile(path)
    hidden = Tombstones()
    for name in names:
        file.connection.execute("INSERT INTO forgetting VALUES (?, ?)", (name, EVERYTHING))
    maintained = Maintenance(
        path,
        file.connection,
        hidden,
        HistoryIndex(file.connection),
        SearchIndex(file.connection, 0),
        wake=lambda: None,
    )
    maintained.finish()
    waiting: list[list[str]] = []
    rows: list[object] = []
    for _ in range(2):
        maintained.slice()
        waiting.append([name for name in names if hidden.first_visible(name) != 0])
        rows.append(file.connection.execute("SELECT count(*) FROM history").get)
    left = file.connection.execute("SELECT target FROM history").fetchall()
    recorded = file.connection.execute("SELECT count(*) FROM forgetting").get
    file.close()
    # Each history takes a row of `forgetting` besides its own: 3, 1 and 2, and 4 of the long one.
    assert waiting == [["#long"], []]
    assert rows == [9, 1]
    assert (left, recorded) == ([("#kept",)], 0)


@contextlib.contextmanager
def maintained(path: Path, *drafts: Draft) -> Iterator[tuple[Maintenance, DatabaseFile]]:
    """Look after a journal that holds these, and to which nobody writes."""

    async def fill() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(*drafts)
        await journal.stop()

    asyncio.run(fill())
    file = DatabaseFile(path)
    one = Maintenance(
        path,
        file.connection,
        Tombstones(),
        HistoryIndex(file.connection),
        SearchIndex(file.connection, 0),
        wake=lambda: None,
    )
    try:
        yield one, file
    finally:
        one.finish()
        file.close()


def test_a_slice_ends_where_its_rows_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance_module, "SLICE", 10)
    with maintained(path, *[said("x", "#a")] * 9, said("x", "#b")) as (one, file):
        one.forget("#a", 100)
        one.forget("#b", 100)
        one.slice()
        assert file.connection.execute("SELECT target FROM history").fetchall() == [("#b",)]
        assert one.is_pending()
        one.slice()
        assert not one.is_pending()


def test_what_goes_by_a_prefix_is_one_owners(path: Path) -> None:
    names = ("@ann/bob", "@ann/eve", "@anna/bob", "#ann/")
    with maintained(path, *[said("x", name) for name in names]) as (one, file):
        one.forget("@ann/*", 100)
        one.slice()
        left = file.connection.execute("SELECT target FROM history ORDER BY target").fetchall()
        assert left == [("#ann/",), ("@anna/bob",)]


def test_without_work_a_slice_does_nothing(path: Path) -> None:
    with maintained(path, said("x", "#a")) as (one, file):
        assert not one.is_pending()
        before = file.connection.total_changes()
        one.slice()
        assert file.connection.total_changes() == before


def test_what_cannot_be_read_is_left_one_after_the_other(path: Path) -> None:
    with maintained(path, said("x", "#a")) as (one, _):
        one.forget("#a", 1)
        one.drop_covered()
        for _ in range(2):
            assert one.is_pending()
            one.give_up()
        assert not one.is_pending()


def test_what_an_earlier_process_left_is_gone_on_with(path: Path) -> None:
    with maintained(path, said("x", "#a")) as (_, file):
        file.connection.execute("INSERT INTO forgetting VALUES ('#a', 1)")
    file = DatabaseFile(path)
    hidden = Tombstones()
    index = HistoryIndex(file.connection)
    one = Maintenance(
        path, file.connection, hidden, index, SearchIndex(file.connection, 0), wake=lambda: None
    )
    assert (one.is_pending(), hidden.first_visible("#a")) == (True, 2)
    one.slice()
    assert (one.is_pending(), hidden.first_visible("#a")) == (False, 0)
    one.shred()
    assert one.is_pending()
    one.finish()
    file.close()


def test_what_is_forgotten_is_gone_from_the_file(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        await keeper.keep(
            *[said(f"whisper {n}", "#gone") for n in range(2_500)],
            joined("#gone", "#gone"),
            said("stays", "#kept"),
        )
        journal.forget("#gone")
        await until(path, "SELECT count(*) FROM forgetting", 0)
        await until(path, "SELECT count(*) FROM history", 1)
        assert rows(path, "SELECT count(*) FROM record WHERE body IS NOT NULL") == [(1,)]
        await until(path, "SELECT count(*) FROM unsearch", 0)
        await journal.stop()

    asyncio.run(check())
    for file in path.parent.iterdir():
        assert b"whisper" not in file.read_bytes(), file
    assert b"stays" in path.read_bytes()


def test_what_two_snapshots_cover_is_dropped(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        entries = await keeper.keep(
            *[kept(f"#{n}") for n in range(2_500)],
            joined("#a", "#a"),
            said("kept", "#a"),
            said("to nobody"),
            *[kept("#x")] * 3,
        )
        journal.refuse(1)
        for seq in (entries[-3].seq, entries[-2].seq):
            journal.save_snapshot(seq, b"world")
        await until(path, "SELECT count(*) FROM record", 4)
        left = [entries[2_500], entries[2_501], entries[-2], entries[-1]]
        assert rows(path, "SELECT seq FROM record ORDER BY seq") == [(e.seq,) for e in left]
        assert rows(path, "SELECT * FROM refused") == []
        journal.save_snapshot(entries[-1].seq, b"new world")
        await until(path, "SELECT count(*) FROM record", 3)
        assert rows(path, "SELECT seq FROM snapshot") == [(e.seq,) for e in entries[-2:]]
        await journal.stop()
        journal = SQLiteJournal(path)
        recovery, older = journal.recoveries()
        assert recovery.snapshot == b"new world"
        assert older.snapshot == b"world"
        assert list(older.entries) == entries[-1:]
        assert recovery.last_seq == entries[-1].seq
        (entry,) = await Keeper(journal).keep(said("next"))
        assert entry.seq == entries[-1].seq + 1
        await journal.stop()

    asyncio.run(check())
