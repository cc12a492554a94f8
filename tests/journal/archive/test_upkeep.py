"""What is done between commits, a slice at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.journal.archive import upkeep as upkeep_module
from hubbub.journal.archive.index import HistoryIndex
from hubbub.journal.archive.tombstones import Tombstones
from hubbub.journal.archive.upkeep import Upkeep
from hubbub.journal.database.file import DatabaseFile
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper, said


def test_a_slice_forgets_several_histories_up_to_its_rows(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep_module, "SLICE", 10)
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
    upkeep = Upkeep(path, file.connection, hidden, HistoryIndex(file.connection), wake=lambda: None)
    upkeep.finish()
    waiting: list[list[str]] = []
    rows: list[object] = []
    for _ in range(2):
        upkeep.slice()
        waiting.append([name for name in names if hidden.first_visible(name) != 0])
        rows.append(file.connection.execute("SELECT count(*) FROM history").get)
    left = file.connection.execute("SELECT target FROM history").fetchall()
    recorded = file.connection.execute("SELECT count(*) FROM forgetting").get
    file.close()
    # Each history takes a row of `forgetting` besides its own: 3, 1 and 2, and 4 of the long one.
    assert waiting == [["#long"], []]
    assert rows == [9, 1]
    assert (left, recorded) == ([("#kept",)], 0)
