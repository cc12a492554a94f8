"""All that can be read back is read, in a stable order, indexed or not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.core.records.entries import Entry
from hubbub.journal import exporting
from hubbub.journal.archive import index
from hubbub.journal.exporting import Exported
from hubbub.journal.questions import Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper, joined, kept, said


@pytest.fixture(params=[1, 7, index.DUE])
def filled(
    request: pytest.FixtureRequest, path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, list[Entry]]:
    """Return a journal whose index is written at once, in parts or not at all; what #a shows."""
    monkeypatch.setattr(index, "DUE", request.param)
    monkeypatch.setattr(exporting, "AT_ONCE", 5)
    monkeypatch.setattr(exporting, "_ALL", exporting._ALL.replace("1000", "5"))
    monkeypatch.setattr(exporting, "_PLACES", exporting._PLACES.replace("1000", "5"))

    async def fill() -> list[Entry]:
        journal = SQLiteJournal(path)
        keeper, archive = Keeper(journal), journal.archive()
        for n in range(40):
            await keeper.keep(said(f"{n}", "#a"), said("other", "#b"), joined("#a", "#a", "#b"))
        await keeper.keep(kept("#a"))
        journal.erase([4])
        journal.refuse(7)
        await keeper.keep(said("last", "#a"))
        page = Page("#a", 1_000, EVERYTHING, latest=False, events=True)
        entries = await archive.page(page)
        await archive.stop()
        # As a killed process leaves it: nothing more is put into the index.
        journal._store.index._last = journal._store.index._indexed
        await journal.stop()
        return entries

    return path, asyncio.run(fill())


def test_a_history_is_what_clients_are_shown(filled: tuple[Path, list[Entry]]) -> None:
    path, shown = filled
    exported = Exported(path)
    parts = [*exported.history("#a", (-1, 0), exported.last_seq)]
    assert [entry for part in parts for entry in part] == shown
    assert len(parts) > 10
    half = shown[30]
    rest = exported.history("#a", (half.time, half.seq), exported.last_seq)
    assert [entry for part in rest for entry in part] == shown[31:]
    exported.close()


def test_everything_comes_in_its_order_and_once(filled: tuple[Path, list[Entry]]) -> None:
    path, shown = filled
    exported = Exported(path)
    entries = [entry for part in exported.everything(0, exported.last_seq) for entry in part]
    seqs = [entry.seq for entry in entries]
    assert seqs == sorted(set(range(1, 123)) - {4, 7, 121})
    assert [entry for entry in entries if "#a" in getattr(entry.record, "histories", ())] == shown
    upto = [entry.seq for part in exported.everything(10, 20) for entry in part]
    assert upto == list(range(11, 21))
    exported.close()
