"""An archive that somebody else than the SQLite writer fills: it knows entries, not their order."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.archive.filling import Filling
from hubbub.journal.archive.maintenance import Erasure, Forget, Refusal, Snapshot
from hubbub.journal.archive.store import Store
from hubbub.journal.port import Page
from tests.journal.keeper import EVERYTHING, kept, said, texts

NOW = 1_700_000_000_000_000


def nothing() -> None:
    """Wake nobody: there is no thread."""


class Projector:
    """Put what a stream holds into an archive, each entry in the place that the stream gave it."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path)
        self.placing = self.store.placing
        self.filling = Filling(
            self.store.file, self.store.tombstones, self.store.index, self.placing.last_seq, nothing
        )

    def project(self, *drafts: Draft) -> list[Entry]:
        """Take the next of the stream."""
        entries = self.placing.place(drafts, NOW)
        self.filling.write(entries)
        self.placing.settle(entries)
        self.filling.written(entries)
        return entries

    def page(self, history: str) -> list[Entry]:
        """Read a history back."""

        async def read() -> list[Entry]:
            reader = self.store.reader()
            try:
                return await reader.page(Page(history, 100, EVERYTHING, events=True))
            finally:
                await reader.stop()

        return asyncio.run(read())

    def close(self) -> None:
        self.filling.upkeep.finish()
        self.store.file.close()


def test_what_is_projected_is_read_back_and_gone_on_after(path: Path) -> None:
    projector = Projector(path)
    entries = projector.project(said("one", "#a"), kept("#a"), said("two", "#a", "#b"))
    assert projector.page("#a") == [entries[0], entries[2]]
    assert projector.filling.position == entries[-1].seq
    projector.close()

    projector = Projector(path)
    assert projector.filling.position == entries[-1].seq
    (recovery,) = projector.store.recoveries()
    assert [entry.record for entry in recovery.entries] == [entry.record for entry in entries]
    (after,) = projector.project(said("three", "#a"))
    assert after.time // 1000 == entries[-1].time // 1000 + 1
    assert projector.page("#a") == [entries[0], entries[2], after]
    projector.close()


def test_a_projection_that_died_after_a_commit_knows_where_to_go_on(path: Path) -> None:
    projector = Projector(path)
    stream = [said(str(number), "#a") for number in range(10)]
    projector.project(*stream[:4])
    # It wrote more, and was gone before it took note of it.
    lost = projector.placing.place(stream[4:7], NOW)
    projector.filling.write(lost)
    projector.store.file.close()

    projector = Projector(path)
    projector.project(*stream[projector.filling.position :])
    assert texts(projector.page("#a")) == [str(number) for number in range(10)]
    projector.close()


def test_chores_go_with_the_entries(path: Path) -> None:
    projector = Projector(path)
    one, two, three = projector.project(said("1", "#a"), said("2", "#a"), said("3", "#b"))
    filling = projector.filling
    for chore in (
        Refusal(one.seq),
        Erasure((two.seq,)),
        Forget("#b", None),
        Snapshot(three.seq, b"x"),
    ):
        filling.take(chore, three.seq)
    assert filling.has_chores
    (four,) = projector.project(said("4", "#a"))
    assert not filling.has_chores
    assert projector.page("#a") == [four]
    assert projector.page("#b") == []
    assert next(projector.store.recoveries()).snapshot == b"x"
    projector.close()
