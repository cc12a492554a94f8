"""All that an account said leaves every byte of every file, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import apsw
import pytest

from hubbub.core.records.base import Record
from hubbub.core.records.channels import Joined, Parted, TopicSet
from hubbub.core.records.entries import Body, Draft, Entry
from hubbub.core.records.messages import Said
from hubbub.core.records.metadata import MetadataSet
from hubbub.journal.archive import erasing, index
from hubbub.journal.database import ledger
from hubbub.journal.questions import Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal import behind
from tests.journal.disk import failing_disk
from tests.journal.keeper import EVERYTHING, ORIGIN, Keeper, said, texts
from tests.keeping.steps import killed_at

ANN = "Ann!a@host"
IN = ("#a",)
SECRET = "unforgettable"


def ann(text: str) -> Draft:
    return Draft(Said(ORIGIN, ANN, "Ann", "PRIVMSG", "#a", None, IN), Body(text))


def by_ann() -> list[Draft]:
    """Return what ann does, her words in each."""
    records: list[Record] = [
        Joined(ORIGIN, ANN, "Ann", f"{SECRET} realname", "#a", histories=IN),
        TopicSet(ORIGIN, ANN, "#a", f"{SECRET} topic", IN, by_account="Ann"),
        Parted(ORIGIN, ANN, "#a", f"{SECRET} reason", IN, by_account="Ann"),
        MetadataSet(ORIGIN, "", "", ("status",), f"{SECRET} status"),
    ]
    return [Draft(record) for record in records] + [ann(f"{SECRET} {n}") for n in range(30)]  # type: ignore[arg-type]


@pytest.fixture(autouse=True, params=[1, 7, index.DUE])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do it in many slices; have the index written at once, in parts, or later."""
    monkeypatch.setattr(index, "DUE", request.param)
    monkeypatch.setattr(erasing, "SLICE", 20)
    monkeypatch.setattr(erasing, "_RECORDS", erasing._RECORDS.replace("1000", "20"))


async def fill(path: Path) -> None:
    """Be a process that keeps what ann and others said, in a snapshot as well, and dies."""
    journal = SQLiteJournal(path)
    keeper = Keeper(journal)
    for _ in range(3):
        await keeper.keep(*(said(f"bob {n}", "#a") for n in range(10)), *by_ann())
        journal.save_snapshot(5, f"{SECRET} world".encode() * 500)
        journal.save_snapshot(6, f"{SECRET} world".encode() * 500)
    await keeper.keep(said("the end", "#a"))
    await journal.stop()


async def finish(path: Path) -> list[Entry]:
    """Be a start that has it done, with a node's snapshots, and return what is left."""
    journal = SQLiteJournal(path)
    upto = journal._store.sequencer.last_seq
    keeper, archive = Keeper(journal), journal.archive()
    journal.erase_account("ann", upto)
    while journal.erasing:
        entries = await keeper.keep(said("goes on", "#b"))
        journal.save_snapshot(entries[-1].seq, b"without")
        await behind.at_rest(journal)
    left = await archive.page(Page("#a", 1_000, EVERYTHING, latest=False, events=True))
    await archive.stop()
    await journal.stop()
    return left


def kinds(entries: Sequence[Entry]) -> dict[str, int]:
    names = [type(entry.record).__name__ for entry in entries]
    return {name: names.count(name) for name in sorted(set(names))}


def test_words_are_gone_and_the_rest_can_be_read(path: Path) -> None:
    asyncio.run(fill(path))
    assert behind.held(path, SECRET.encode())
    left = asyncio.run(finish(path))
    assert not behind.held(path, SECRET.encode())
    assert texts(left) == [*(f"bob {n}" for n in range(10)), *[f"bob {n}" for n in range(10)] * 2,
                           "the end"]  # fmt: skip
    assert kinds(left) == {"Joined": 3, "Parted": 3, "Said": 31, "TopicSet": 3}
    assert ledger.read(path) == ["ann"]
    connection = apsw.Connection(str(path))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()


def test_it_waits_for_snapshots_that_cover_it(path: Path) -> None:
    asyncio.run(fill(path))

    async def waits() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        upto = journal._store.sequencer.last_seq
        journal.erase_account("ann", upto)
        assert journal.erasing == ("ann",)
        await keeper.keep(said("x", "#a"))
        await behind.at_rest(journal)
        assert journal.awaits_snapshots == upto
        journal.save_snapshot(upto + 1, b"one of two")
        await keeper.keep(said("x", "#a"))
        await behind.at_rest(journal)
        assert journal.awaits_snapshots == upto
        assert "erasing" in journal.troubles()
        await journal.stop()

    asyncio.run(waits())


def test_killed_at_any_step_the_next_start_goes_on(path: Path, tmp_path: Path) -> None:
    asyncio.run(fill(path))
    step = 1
    while killed_at(step, tmp_path, lambda: asyncio.run(finish(path))):
        # What a node finds out when it replays its journal: that it is to be done.
        step += 23
    assert step > 40
    assert not behind.held(path, SECRET.encode())


def test_while_the_disk_is_full_it_waits(path: Path) -> None:
    asyncio.run(fill(path))

    async def full() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        upto = journal._store.sequencer.last_seq
        journal.erase_account("ann", upto)
        await keeper.keep(said("x", "#b"))
        disk.fails["write", "-wal"] = apsw.FullError
        journal.save_snapshot(upto + 1, b"a")
        journal.append(said("no room", "#b"))
        await keeper.told()
        assert journal.erasing == ("ann",)
        disk.fails.clear()
        while journal.erasing:
            entries = await keeper.keep(said("goes on", "#b"))
            journal.save_snapshot(entries[-1].seq, b"without")
            await behind.at_rest(journal)
        await journal.stop()

    with failing_disk() as disk:
        asyncio.run(full())
    assert not behind.held(path, SECRET.encode())
