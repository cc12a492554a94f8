"""An archive that somebody else than the SQLite writer fills: it knows entries, not their order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.archive.filling import Filling
from hubbub.journal.archive.store import Store
from hubbub.journal.archive.tasks import Erasure, Forget, Refusal, Snapshot
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.questions import Page
from tests.journal.damage import pages_of, spoil
from tests.journal.disk import failing_disk
from tests.journal.keeper import EVERYTHING, kept, said, texts

NOW = 1_700_000_000_000_000


def nothing() -> None:
    """Wake nobody: there is no thread."""


class Projector:
    """Put what a stream holds into an archive, each entry in the place that the stream gave it."""

    def __init__(self, path: Path) -> None:
        self.now = NOW
        self.store = Store(path)
        self.sequencer = self.store.sequencer
        self.filling = Filling(
            self.store.file,
            self.store.tombstones,
            self.store.index,
            self.sequencer.last_seq,
            nothing,
        )

    def project(self, *drafts: Draft) -> list[Entry]:
        """Take the next of the stream."""
        entries = self.sequencer.place(drafts, self.now)
        self.filling.write(entries)
        self.sequencer.last_seq += len(entries)
        self.filling.written(entries)
        return entries

    def hear(self, ordered: Ordered) -> list[Entry]:
        """Take the next of an order that others share."""
        entries = self.sequencer.sequence(ordered)
        self.filling.write(entries, self.sequencer.state)
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
        self.filling.maintenance.finish()
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
    lost = projector.sequencer.place(stream[4:7], NOW)
    projector.filling.write(lost)
    projector.store.file.close()

    projector = Projector(path)
    projector.project(*stream[projector.filling.position :])
    assert texts(projector.page("#a")) == [str(number) for number in range(10)]
    projector.close()


def test_where_to_go_on_in_another_order_is_kept_with_what_came_of_it(tmp_path: Path) -> None:
    """All of it or nothing, also where the disk is full; and the next start goes on from there."""
    with failing_disk() as disk:
        projector = Projector(tmp_path / "journal.sqlite")
        batches = [DraftBatch(3, 2, number, [said(str(number), "#a")]) for number in (1, 2, 3)]
        flow = [Ordered(10 * number, NOW, batch) for number, batch in enumerate(batches, 1)]
        projector.hear(flow[0])
        disk.fails["write", "-wal"] = apsw.FullError
        with pytest.raises(apsw.FullError):
            projector.hear(flow[1])
        disk.fails.clear()
        would = projector.sequencer.sequence(flow[2])
        projector.store.file.close()

        projector = Projector(tmp_path / "journal.sqlite")
        assert projector.sequencer.position == 10
        found = [entry for ordered in flow for entry in projector.hear(ordered)]
        assert [entry.seq for entry in found] == [2, 3]
        assert found[-1] == would[0]
        assert projector.sequencer.state.heard[3][:2] == (2, 3)
        projector.close()


def test_a_node_that_goes_on_alone_goes_on_after_what_it_heard(path: Path) -> None:
    projector = Projector(path)
    projector.hear(Ordered(70, NOW, DraftBatch(3, 2, 1, [said("1", "#a")]), b"payload"))
    order = projector.sequencer.state
    (alone,) = projector.project(said("2", "#a"))
    projector.close()
    store = Store(path)
    assert store.sequencer.state == replace(order, seq=2, newest={"#a": alone.time // 1000 * 1000})
    store.file.close()


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


def test_a_history_may_be_forgotten_up_to_a_seq_and_more_of_it_later(path: Path) -> None:
    projector = Projector(path)
    entries = projector.project(*[said(str(number), "#a") for number in range(6)])
    for upto in (entries[3].seq, entries[1].seq):
        projector.filling.take(Forget("#a", upto), entries[-1].seq)
        projector.project()
    assert texts(projector.page("#a")) == ["4", "5"]
    found = projector.store.file.connection.execute("SELECT * FROM forgetting").fetchall()
    assert found == [("#a", entries[3].seq)]
    projector.close()


def test_what_was_put_off_goes_with_the_next_and_hides_no_more_than_was_meant(path: Path) -> None:
    projector = Projector(path)
    projector.project(said("before", "#a"))
    # Asked for after an entry that was then not written: its seq is another one's.
    projector.filling.take(Forget("#a", None), 2)
    projector.filling.put_off()
    projector.project(said("after", "#a"))
    assert texts(projector.page("#a")) == ["after"]
    projector.close()


def test_what_was_given_up_is_not_done(path: Path) -> None:
    projector = Projector(path)
    (entry,) = projector.project(said("x", "#a"))
    projector.filling.take(Erasure((entry.seq,)), entry.seq)
    projector.filling.give_up()
    projector.project()
    assert projector.page("#a") == [entry]
    projector.close()


def test_a_chore_for_what_is_not_there_does_nothing(path: Path) -> None:
    projector = Projector(path)
    (entry,) = projector.project(said("x", "#a"))
    projector.filling.take(Refusal(70), 1)
    projector.filling.take(Erasure((71,)), 1)
    projector.project()
    assert projector.page("#a") == [entry]
    projector.close()


def test_there_is_room_where_something_can_be_written(path: Path) -> None:
    with failing_disk() as disk:
        projector = Projector(path)
        projector.filling.try_room()
        disk.fails["write", "-wal"] = apsw.FullError
        with pytest.raises(apsw.FullError):
            projector.filling.try_room()
        disk.fails.clear()
        projector.filling.try_room()
        found = projector.store.file.connection.execute("SELECT 1 FROM meta WHERE name = 'room'")
        assert found.fetchall() == []
        projector.close()


@pytest.mark.parametrize("is_told_of_more", [False, True])
def test_only_snapshots_are_left_where_there_is_no_room(path: Path, is_told_of_more: bool) -> None:
    projector = Projector(path)
    (one,) = projector.project(said("1", "#a"))
    connection = projector.store.file.connection
    pages = connection.execute("PRAGMA page_count").get
    assert isinstance(pages, int)
    connection.execute(f"PRAGMA max_page_count = {pages + 4}").fetchall()
    projector.filling.take(Snapshot(one.seq, bytes(1_000_000)), one.seq)
    projector.filling.take(Refusal(one.seq), one.seq)
    if is_told_of_more:
        # There is no room for this one either.
        with pytest.raises(apsw.FullError):
            projector.project(said("x" * 1_000_000, "#a"))
        assert projector.filling.has_chores
    (two,) = projector.project(said("2", "#a"))
    assert projector.page("#a") == [two]
    assert connection.execute("SELECT * FROM snapshot").fetchall() == []
    projector.close()


def test_what_a_damaged_page_keeps_from_one_chore_it_keeps_from_no_other(path: Path) -> None:
    projector = Projector(path)
    many = [said(f"message number {number} of many", "#a") for number in range(2_000)]
    entries = projector.project(*many)
    # A start reads what is not over by the clock.
    projector.now += 3_600_000_000
    projector.project(said("an hour later", "#c"))
    projector.close()
    page = pages_of(path, "record")[5]
    spoil(path, page)
    projector = Projector(path)
    projector.filling.take(Erasure(tuple(entry.seq for entry in entries)), entries[-1].seq)
    projector.project()
    assert "part of the database is damaged" in projector.filling.damage
    connection = projector.store.file.connection
    rows = connection.execute("SELECT count(*) FROM record WHERE seq < 50 AND body IS NULL")
    assert rows.get == 49
    rows = connection.execute("SELECT count(*) FROM record WHERE seq > 1950 AND body IS NULL")
    assert rows.get == 50
    # And what is said goes on, with others that meet it.
    projector.filling.take(Refusal(entries[0].seq), entries[-1].seq)
    projector.filling.take(Erasure(tuple(entry.seq for entry in entries)), entries[-1].seq)
    (after,) = projector.project(said("after", "#b"))
    assert projector.page("#b") == [after]
    projector.store.file.close()
