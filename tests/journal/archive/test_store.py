"""What a start finds."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hubbub.journal.archive.filling import BATCH
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, kept, said


def test_a_single_snapshot_can_be_done_without(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        entries = await (keeper := Keeper(journal)).keep(kept("#a"), kept("#b"))
        journal.save_snapshot(entries[0].seq, b"world")
        await keeper.keep(said("afterwards"))
        await journal.stop()
        journal = SQLiteJournal(path)
        newest, without = journal.recoveries()
        # The message at the end is read again, lest it was refused and not marked.
        assert (newest.snapshot, list(newest.entries)[:-1]) == (b"world", entries[1:])
        assert (without.snapshot, list(without.entries)[:-1]) == (None, entries)
        await journal.stop()

    asyncio.run(check())


def test_a_start_passes_over_messages_of_long_ago(path: Path) -> None:
    async def check() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(kept("#a"), *[said("x", "#a")] * (BATCH + 10))
        await journal.stop()
        journal = SQLiteJournal(path)
        seqs = [entry.seq for entry in journal.load().entries]
        assert seqs == [1, *range(12, BATCH + 12)]
        await journal.stop()

    asyncio.run(check())
