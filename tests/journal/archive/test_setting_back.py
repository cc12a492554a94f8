"""Times that are put right at a start: what was applied is applied again as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import ChannelRenamed, Joined
from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.nodes import ClockSetBack
from hubbub.core.records.users import Connected
from hubbub.core.world.world import World
from hubbub.journal.questions import Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, ManualClock, said

ANN = Origin(SessionId(1, 1, 1), 1)
HISTORY = World().history_of("#a", ANN)
SECOND = 1_000_000
YEAR = 31_536_000 * SECOND


@contextmanager
def running(path: Path, clock: ManualClock, *drafts: Draft) -> Iterator[list[Entry]]:
    """Have a journal keep drafts, and give the entries."""

    async def keep() -> list[Entry]:
        journal = SQLiteJournal(path, clock)
        keeper = Keeper(journal)
        for draft in drafts:
            clock.now += 100 * SECOND
            await keeper.keep(draft)
        await journal.stop()
        return keeper.entries

    yield asyncio.run(keep())


def test_no_history_is_moved_into_what_was_ahead_of_the_clock(tmp_path: Path) -> None:
    path, clock = tmp_path / "journal.sqlite", ManualClock()
    many = [said(str(n), "#a") for n in range(3_000)]
    entries: list[Entry] = []

    async def live(after: int, times: int) -> int:
        clock.now += after
        now, origin = clock.now, Origin(SessionId(1, 0, 0), 0)
        journal = SQLiteJournal(path, clock)
        moved = journal.set_back(now, lambda ahead, since: ClockSetBack(origin, ahead, since, now))
        keeper = Keeper(journal)
        for _ in range(times):
            await keeper.keep(*many)
        archive = journal.archive()
        entries[:] = await archive.page(Page("#a", 1 << 20, 1 << 40))
        await journal.stop()
        await archive.stop()
        return moved

    # A minute ahead, though the clock is right: that is no leap.
    assert asyncio.run(live(0, 20)) == 0
    assert asyncio.run(live(SECOND, 1)) == 0
    assert asyncio.run(live(YEAR, 1)) == 0
    moved = asyncio.run(live(SECOND - YEAR, 1))
    assert YEAR - 100 * SECOND < moved < YEAR - 50 * SECOND
    times = [entry.time // 1000 for entry in entries]
    assert len(times) == 3_000 * 23
    assert times == sorted(set(times))


def renamed(old: str, new: str) -> Draft:
    return Draft(ChannelRenamed(ANN, "ann!a@h", old, new, histories=(HISTORY,)))


@pytest.mark.parametrize("at", [0, 1, 2, 3, 4])
def test_a_world_that_follows_again_is_the_one_that_lived(tmp_path: Path, at: int) -> None:
    """A snapshot of the time ahead, after any entry, and what came after it go together."""
    path, clock = tmp_path / "journal.sqlite", ManualClock()
    began = (
        Draft(Connected(ANN, "ann", "a", "h", "Ann")),
        Draft(Joined(ANN, "ann!a@h", "", "Ann", "#a", histories=(HISTORY,))),
    )
    with running(path, clock, *began) as entries:
        pass
    clock.now += YEAR
    with running(path, clock, renamed("#a", "#b"), renamed("#b", "#c")) as more:
        entries = [*entries, *more]
    lived, held = World(), b""
    for number, entry in enumerate(entries):
        if number == at:
            held = snapshot.encode(lived)
        apply(lived, entry)
    held = held or snapshot.encode(lived)
    clock.now += SECOND - YEAR
    now = clock.now
    journal = SQLiteJournal(path, clock)
    origin = Origin(SessionId(1, 0, 0), 0)
    moved = journal.set_back(now, lambda ahead, since: ClockSetBack(origin, ahead, since, now))
    assert YEAR - 200 * SECOND < moved < YEAR + 200 * SECOND
    read = list(journal.load().entries)
    asyncio.run(journal.stop())
    assert [entry.time for entry in read[:-1]] == [entry.time for entry in entries]
    again = snapshot.decode(held)
    for entry in read[at:]:
        apply(again, entry)
    apply(lived, read[-1])
    assert list(again.channels) == ["#c"]
    assert snapshot.encode(again) == snapshot.encode(lived)
    assert again.channels["#c"].renamed <= now // SECOND, "it can be renamed again"
