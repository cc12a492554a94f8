"""What a start finds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.core.records.entries import AnyRecord, Draft
from hubbub.journal.archive import store as store_module
from hubbub.journal.archive.filling import BATCH
from hubbub.journal.archive.rows import write
from hubbub.journal.archive.store import Store
from hubbub.journal.port import JournalDamaged
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.behind import change
from tests.journal.keeper import Keeper, kept, said

NOW = 1_700_000_000_000_000
HOUR = 3_600_000_000


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


def put(store: Store, now: int, *drafts: Draft) -> None:
    """Write drafts as who orders them does."""
    entries = store.sequencer.place(drafts, now)
    write(store.file.connection, entries)
    store.sequencer.last_seq += len(entries)
    store.index.add(entries)


def set_back_to(moved: int, first: int) -> AnyRecord:
    return kept(f"{moved} {first}").record


def test_what_an_earlier_version_counted_is_known(path: Path) -> None:
    store = Store(path)
    assert store.counted_epoch(1) == 0
    store.file.connection.execute("INSERT INTO meta VALUES ('epoch of node 1', 7)")
    assert (store.counted_epoch(1), store.counted_epoch(2)) == (7, 0)
    store.file.close()


def test_a_start_goes_on_after_the_last_with_the_times_that_would_have_been(path: Path) -> None:
    store = Store(path)
    put(store, NOW, *[said("x", "#busy")] * 2_500, said("x", "#a"))
    would = store.sequencer.place([said("x", "#busy"), said("x", "#a"), said("x", "#b")], NOW)
    store.file.close()
    store = Store(path)
    found = store.sequencer.place([said("x", "#busy"), said("x", "#a"), said("x", "#b")], NOW)
    assert [(e.seq, e.time, e.msgid) for e in found] == [(e.seq, e.time, e.msgid) for e in would]
    store.file.close()


def test_a_history_that_leads_is_forgotten_when_the_clock_has_passed_it(path: Path) -> None:
    store = Store(path)
    put(store, NOW, *[said("x", "#busy")] * 2_500)
    put(store, NOW + HOUR, said("x", "#a"))
    assert store.file.connection.execute("SELECT * FROM leading").fetchall() == [("#busy",)]
    store.file.close()
    store = Store(path)
    assert store.file.connection.execute("SELECT * FROM leading").fetchall() == []
    (entry,) = store.sequencer.place([said("x", "#busy")], NOW + HOUR)
    assert entry.lead == 0
    store.file.close()


def test_a_recovery_reads_in_parts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "PART", 3)
    store = Store(path)
    put(store, NOW, *[kept(f"#{number}") for number in range(7)])
    (recovery,) = store.recoveries()
    assert [entry.seq for entry in recovery.entries] == [1, 2, 3, 4, 5, 6, 7]
    store.file.close()


def test_times_ahead_of_a_clock_that_was_wrong_are_put_right(path: Path) -> None:
    store = Store(path)
    put(store, NOW, said("before", "#a"))
    put(store, NOW + HOUR, said("ahead", "#a"), said("ahead", "#b"))
    moved = store.set_back(NOW + 5_000_000, set_back_to)
    assert moved == HOUR - 5_000_000 + 1_000
    times = store.file.connection.execute("SELECT time FROM record ORDER BY seq").fetchall()
    # Each as long after the other as before, and what tells of it after all of them.
    assert [int(str(time)) - NOW for (time,) in times[:3]] == [0, HOUR - moved, HOUR - moved]
    assert store.sequencer.last_seq == 4
    store.file.close()


@pytest.mark.parametrize(
    ("steps", "now"),
    [
        # Nothing was ahead; all was; the clock is a little behind; nothing is there at all.
        ([NOW, NOW + HOUR], NOW + 2 * HOUR),
        ([NOW + HOUR], NOW),
        ([NOW, NOW + 500_000], NOW),
        ([], NOW),
        # It came to it without a leap.
        ([NOW + n * 100_000_000 for n in range(37)], NOW + 1_000_000),
    ],
)
def test_what_no_leap_shows_is_left(path: Path, steps: list[int], now: int) -> None:
    store = Store(path)
    for at in steps:
        put(store, at, said("x", "#a"))
    assert store.set_back(now, set_back_to) == 0
    assert store.sequencer.last_seq == len(steps)
    store.file.close()


def test_nothing_is_moved_into_what_led_the_clock_when_it_leapt(path: Path) -> None:
    store = Store(path)
    # Three seconds ahead by what was said, when the clock leapt by two.
    put(store, NOW, *[said("x", "#busy")] * 3_000)
    put(store, NOW + 2_000_000, said("x", "#a"))
    assert store.set_back(NOW + 500_000, set_back_to) == 0
    store.file.close()


@pytest.mark.parametrize("sql", ["DELETE FROM meta WHERE name = 'msgid key'"])
def test_a_journal_without_its_key_is_damaged(path: Path, sql: str) -> None:
    Store(path).file.close()
    change(path, sql)
    for _ in range(2):
        with pytest.raises(JournalDamaged, match="the msgid key is missing"):
            Store(path)


def test_seqs_given_a_second_time_have_other_msgids(path: Path) -> None:
    store = Store(path)
    put(store, NOW, said("1", "#a"), said("2", "#a"))
    (lost,) = store.sequencer.place([said("3", "#a")], NOW)
    # What was told of, and is not there any more.
    store.file.marks.write(lost.seq, lost.time)
    store.file.close()
    store = Store(path, accept_loss=True)
    assert store.msgids.decode(lost.msgid) is None
    (again,) = store.sequencer.place([said("3", "#a")], NOW)
    assert (again.seq, again.msgid != lost.msgid) == (lost.seq, True)
    store.file.close()
