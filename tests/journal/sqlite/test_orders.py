"""The order that others share: what was heard stands, whatever becomes of the archive."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import apsw
import pytest

from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.nodes import NodeLost
from hubbub.journal.archive.filling import Filling
from hubbub.journal.log import DraftBatch
from hubbub.journal.port import EpochLost, JournalCutOff, JournalFull, JournalUnknown, LogBroken
from hubbub.journal.questions import Page
from hubbub.journal.sequencer import OrderState
from hubbub.journal.sqlite import orders, writer
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper, ManualClock, said, texts
from tests.journal.shared_log import Reader, Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(ManualClock())


class Member:
    """A journal that follows the log, as a node of this number."""

    def __init__(self, path: Path, log: Reader, node: int) -> None:
        self.journal = journal = SQLiteJournal(path)
        if not journal.is_shared:
            journal.share()
        self.log = log
        journal.follow(log, node)
        self.keeper = Keeper(journal)

    async def heard(self, count: int) -> list[str]:
        """Wait until it has so many entries; return what was said."""
        while len(self.keeper.entries) < count:
            self.keeper._back.clear()
            await self.keeper._back.wait()
        return texts(self.keeper.entries)


@asynccontextmanager
async def following(
    path: Path, shelf: Shelf, node: int = 1, epoch: int = 1
) -> AsyncIterator[Member]:
    member = Member(path, shelf.reader(), node)
    if epoch:
        member.journal.begin(epoch)
    try:
        yield member
    finally:
        await member.journal.stop()
        member.log.stop()


def elsewhere(shelf: Shelf, number: int, *drafts: Draft, node: int = 2) -> None:
    """Have another node say something."""
    shelf.append(DraftBatch(node, 1, number, drafts))


def no_room(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let nothing be written until the event is set."""
    room, write = threading.Event(), Filling.write

    def try_to(filling: Filling, entries: Sequence[Entry], state: OrderState | None) -> None:
        if not room.is_set():
            raise apsw.FullError("database or disk is full")
        write(filling, entries, state)

    monkeypatch.setattr(Filling, "write", try_to)
    return room


async def until(is_so: Callable[[], object]) -> None:
    """Wait for what a thread does, which tells nobody."""
    while not is_so():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def run(check: Callable[[], object]) -> None:
    asyncio.run(check())  # type: ignore[arg-type]


def test_two_have_the_same_and_each_counts_its_own(path: Path, shelf: Shelf) -> None:
    async def check() -> None:
        async with (
            following(path, shelf) as one,
            following(path.with_name("2"), shelf, node=2) as two,
        ):
            await asyncio.gather(
                one.keeper.keep(*[said(f"a{n}", "#a") for n in range(300)]),
                two.keeper.keep(*[said(f"b{n}", "#a") for n in range(300)]),
            )
            await asyncio.gather(one.heard(600), two.heard(600))
            assert one.journal.waiting == two.journal.waiting == 0
            seqs = [(entry.seq, entry.time, entry.body) for entry in one.keeper.entries]
            assert seqs == [(entry.seq, entry.time, entry.body) for entry in two.keeper.entries]
            figures = one.journal.figures()
            assert (figures.order_position, figures.order_lag) == (one.journal.position, 0)

    run(check)


def test_a_start_hears_what_came_meanwhile_before_it_asks(path: Path, shelf: Shelf) -> None:
    async def check() -> None:
        async with following(path, shelf) as member:
            await member.keeper.keep(said("1", "#a"))
        elsewhere(shelf, 1, said("2", "#a"), said("3", "#a"))
        async with following(path, shelf, epoch=0) as member:
            assert await member.heard(2) == ["2", "3"]
            taken: list[object] = []
            member.journal.hand_to(taken.extend, lambda *_: None)
            member.journal.begin(2)
            elsewhere(shelf, 2, said("4", "#a"))
            member.journal.append(said("5", "#a"))
            await until(lambda: len(taken) == 2)
            assert len(member.keeper.entries) == 2

    run(check)


@pytest.mark.pure
def test_what_was_heard_while_there_is_no_room_is_written_when_there_is(
    path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LOOK_SECONDS", 0.05)

    async def check() -> None:
        async with following(path, shelf) as member:
            room = no_room(monkeypatch)
            words = [said("x" * 400, "#a") for _ in range(1_000)]
            elsewhere(shelf, 1, *words)
            await until(member.journal.troubles)
            # Nothing is added to what cannot be written.
            assert await member.keeper.keep(said("mine", "#a")) == []
            assert [type(error) for _, error in member.keeper.failures] == [JournalFull]
            elsewhere(shelf, 2, said("more", "#a"))
            room.set()
            assert (await member.heard(1_001))[-1] == "more"
            await member.keeper.keep(said("room again", "#a"))
            assert [entry.seq for entry in member.keeper.entries] == list(range(1, 1_003))
            archive = member.journal.archive()
            assert len(await archive.page(Page("#a", 2_000, EVERYTHING))) == 1_002
            await archive.stop()
            assert not member.journal.troubles()

    run(check)


def test_who_is_far_behind_lets_the_log_rest(
    path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "BEHIND", 500)
    monkeypatch.setattr(orders, "BATCH", 100)
    for number in range(1, 200):
        elsewhere(shelf, number, *[said(f"{number}.{n}", "#a") for n in range(10)])

    async def check() -> None:
        async with following(path, shelf) as member:
            assert (await member.heard(1_990))[-1] == "199.9"
            assert member.log.rests
            assert [entry.seq for entry in member.keeper.entries] == list(range(1, 1_991))

    run(check)


def test_a_log_without_room_gives_back_what_was_never_in_it(path: Path, shelf: Shelf) -> None:
    async def check() -> None:
        async with following(path, shelf) as member:
            shelf.is_full = True
            assert await member.keeper.keep(said("1", "#a"), said("2", "#a")) == []
            assert {type(error) for _, error in member.keeper.failures} == {JournalFull}
            shelf.is_full = False
            (entry,) = await member.keeper.keep(said("3", "#a"))
            assert entry.seq == 1

    run(check)


def test_two_processes_with_one_number_do_not_go_on_both(path: Path, shelf: Shelf) -> None:
    async def check() -> None:
        async with following(path, shelf) as member:
            await member.keeper.keep(said("1", "#a"))
            shelf.append(DraftBatch(1, 2, 1, [said("2", "#a")]))
            error = await member.keeper.told()
            assert isinstance(error, LogBroken)
            assert "another process is this node" in str(error)

    run(check)
    # It was no fault of the file.
    assert not path.with_name(f"{path.name}-rescued").exists()


def test_what_was_never_sent_is_given_back_when_the_log_stands_still(
    path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        async with following(path, shelf) as member:
            journal, keeper = member.journal, member.keeper
            monkeypatch.setattr(shelf, "append", lambda batch: True)
            journal.append(said("on its way", "#a"))
            await until(lambda: journal.log_facts().in_flight == 1)
            journal.append(said("never sent", "#a"))
            journal.give_back()
            assert type(await keeper.told()) is JournalCutOff
            assert [draft.body and draft.body.text for draft, _ in keeper.failures] == [
                "never sent"
            ]
            assert journal.waiting == 1
            journal.abandon()
            await until(lambda: not journal.waiting)
            assert type(keeper.errors[-1]) is JournalUnknown
            assert journal.log_facts().in_flight is None

    run(check)


def test_a_stop_does_not_wait_for_ever(
    path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "STOP_SECONDS", 0.1)

    async def check() -> None:
        async with following(path, shelf) as member:
            monkeypatch.setattr(shelf, "append", lambda batch: True)
            member.journal.append(said("on its way", "#a"))
        assert type(member.keeper.errors[-1]) is JournalUnknown

    run(check)


def test_who_is_lost_hears_what_is_void_before_that_it_is(path: Path, shelf: Shelf) -> None:
    async def check() -> None:
        async with following(path, shelf) as member:
            await member.keeper.keep(said("1", "#a"))
            taken: list[object] = []
            member.journal.hand_to(taken.extend, lambda drafts, error: taken.append(error))
            append, shelf.append = shelf.append, lambda batch: True  # type: ignore[method-assign]
            member.journal.append(said("late", "#a"))
            await until(lambda: member.journal.log_facts().in_flight == 2)
            for number in range(1, 8):
                append(DraftBatch(2, 1, number, []))
                shelf.clock.now += 3_000_000  # type: ignore[attr-defined]
            await until(lambda: len(taken) == 3)
            assert type(taken[0]) is JournalCutOff
            assert type(taken[1]) is EpochLost
            assert type(taken[2].record) is NodeLost  # type: ignore[attr-defined]
            # The next start of the node, in the same process.
            shelf.append = append  # type: ignore[method-assign]
            member.journal.append(said("too late", "#a"))
            member.journal.begin(2)
            member.journal.append(said("again", "#a"))
            await until(lambda: len(taken) == 5)
            assert type(taken[3]) is JournalCutOff
            assert member.journal.waiting == 0

    run(check)


def test_a_silent_node_shows_that_it_is_there(
    path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(orders, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(writer, "SYNC_SECONDS", 0.02)

    async def check() -> None:
        async with following(path, shelf) as member:
            await member.keeper.keep(said("1", "#a"))
            await until(lambda: shelf.order[-1].batch.applied)
            assert not shelf.order[-1].batch.drafts
            # Only what is on the disk for good is told.
            assert shelf.order[-1].batch.applied <= member.journal.durable
            member.journal.vouch(1, b"digest")
            await until(lambda: shelf.order[-1].batch.world == b"digest")

    run(check)


def test_an_older_copy_of_a_member_is_no_loss(path: Path, shelf: Shelf) -> None:
    async def keep(text: str, epoch: int) -> Entry:
        async with following(path, shelf, epoch=epoch) as member:
            (entry,) = await member.keeper.keep(said(text, "#a"))
            return entry

    async def hear() -> list[Entry]:
        async with following(path, shelf, epoch=0) as member:
            await member.heard(1)
            return member.keeper.entries

    asyncio.run(keep("1", 1))
    older = path.read_bytes()
    lost = asyncio.run(keep("2", 2))
    path.write_bytes(older)
    assert path.with_name(f"{path.name}-mark").exists()
    # Msgids are those that they were: the seqs are given to the same entries again.
    assert asyncio.run(hear()) == [lost]


def test_back_to_one_node_and_into_a_log_again(path: Path, shelf: Shelf) -> None:
    async def check() -> None:
        async with following(path, shelf) as member:
            (first,) = await member.keeper.keep(said("1", "#a"))
        alone = SQLiteJournal(path)
        alone.own()
        keeper = Keeper(alone)
        (second,) = await keeper.keep(said("2", "#a"))
        await alone.stop()
        async with following(path, Shelf(ManualClock())) as member:
            (third,) = await member.keeper.keep(said("3", "#a"))
        assert [first.seq, second.seq, third.seq] == [1, 2, 3]
        assert first.time < second.time < third.time

    run(check)


def test_who_has_something_else_than_the_most_stops(
    path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others go on, and say who it is."""
    monkeypatch.setattr(writer, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(orders, "BEAT_SECONDS", 0.02)

    async def check() -> None:
        async with (
            following(path, shelf) as one,
            following(path.with_name("2"), shelf, node=2) as two,
            following(path.with_name("3"), shelf, node=3) as spoilt,
        ):
            for member in (one, two, spoilt):
                await member.keeper.keep(said("1", "#a"))
                member.journal.vouch(3, b"other" if member is spoilt else b"world")
            await until(lambda: spoilt.keeper.errors)
            (error,) = spoilt.keeper.errors
            assert isinstance(error, LogBroken)
            assert "(1, 2 among them)" in str(error)
            await until(lambda: "(3)" in one.journal.troubles().get(orders.NODES, ""))
            await one.keeper.keep(said("2", "#a"))
            assert not one.journal.log_facts().is_split

    run(check)


def test_who_differed_finds_that_again_before_it_begins(
    path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So whoever starts it again shows nobody what only it has."""
    monkeypatch.setattr(writer, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(orders, "BEAT_SECONDS", 0.02)
    third = path.with_name("3")

    async def check() -> None:
        async with (
            following(path, shelf) as one,
            following(path.with_name("2"), shelf, node=2) as two,
        ):
            async with following(third, shelf, node=3, epoch=0) as spoilt:
                spoilt.log.spoils = True
                await one.keeper.keep(said("1", "#a"))
                await spoilt.heard(1)
            await two.keeper.keep(said("2", "#a"))
            async with following(third, shelf, node=3, epoch=0) as again:
                assert not again.journal.is_compared
                await until(lambda: again.keeper.errors)
                assert isinstance(again.keeper.errors[0], LogBroken)
            await until(lambda: one.journal.is_compared)
            assert not one.keeper.errors

    run(check)


def test_where_nobody_is_with_the_most_nothing_is_taken(
    path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(orders, "BEAT_SECONDS", 0.02)

    async def check() -> None:
        async with (
            following(path, shelf) as one,
            following(path.with_name("2"), shelf, node=2) as two,
        ):
            for member in (one, two):
                await member.keeper.keep(said("1", "#a"))
                member.journal.vouch(2, b"one" if member is one else b"two")
            await until(lambda: one.journal.log_facts().is_split)
            await until(lambda: two.journal.log_facts().is_split)
            assert "no majority" in two.journal.troubles()[orders.NODES]

    run(check)
