"""Counting what was not read: whatever happened, a count is what a walk over the history counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Draft, Entry
from hubbub.core.records.messages import Edited, Said
from hubbub.journal.archive import index
from hubbub.journal.archive.reader import SQLiteArchive
from hubbub.journal.names import author_of, mentioned
from hubbub.journal.questions import Page, Position, Unread
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, ORIGIN, Keeper, ManualClock, joined, kept

ROOMS = ("#a", "@a:ann/a:bob")
MENTIONS = ((), ("ann",), ("*",), ("ann", "bob"), ("ann", "*"))


def spoken(by: str, room: str, mentions: tuple[str, ...] = (), reply: str = "") -> Draft:
    """Return a draft of something that an account says, or "" a guest; a reply is a reaction."""
    origin, command = Origin(SessionId(1, 1, 9), 1), "TAGMSG" if reply else "PRIVMSG"
    tags = {"+draft/react": "x", "+draft/reply": reply} if reply else {}
    said = Said(origin, f"{by or 'guest'}!u@h", by, command, room, None, (room,))
    return Draft(said, Body("" if reply else "words", tags, mentions))


async def edited(keeper: Keeper, entry: Entry, mentions: tuple[str, ...], keeps: bool) -> None:
    """Give an entry another text that is meant for others, and wait until that is written."""
    body = Body("other words", {}, mentions, 1)
    record = Edited(ORIGIN, "ann!u@h", "#a", entry.msgid, entry.seq, keeps=keeps)
    (edit,) = await keeper.keep(Draft(record, body))
    keeper.journal.revise(entry.seq, edit.seq, keeps, body)
    await keeper.keep(kept("#k"))


@dataclass
class Room:
    """A journal that a test fills, and what of it is to be counted."""

    journal: SQLiteJournal
    archive: SQLiteArchive
    keeper: Keeper

    async def counted(self, asked: Unread) -> tuple[int, list[int]]:
        """Return the archive's count, and the seqs of what was meant for whoever asks."""
        (found,) = await self.archive.unread([asked])
        return found.said, [seq for _, seq in found.meant]

    async def recounted(self, asked: Unread) -> tuple[int, list[int]]:
        """Return the same, counted message by message."""
        page = replace(asked.page, limit=10_000)
        others = [
            entry
            for entry in await self.archive.page(page)
            if author_of(entry.record) not in asked.authors
        ]
        meant = [entry.seq for entry in others if _is_meant(entry, asked)]
        limit = asked.page.limit
        return min(len(others), limit), meant[::-1][:limit]


def _is_meant(entry: Entry, asked: Unread) -> bool:
    names = mentioned(entry.record, entry.body)
    return any(who in asked.who and at == asked.page.history for who, at in names)


def run(path: Path, test: Callable[[Room], object]) -> None:
    async def steps() -> None:
        journal = SQLiteJournal(path, ManualClock())
        archive = journal.archive()
        try:
            await test(Room(journal, archive, Keeper(journal)))  # type: ignore[misc]
        finally:
            await journal.stop()
            await archive.stop()

    asyncio.run(steps())


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("say"),
            st.sampled_from(["ann", "bob", "Ann", ""]),
            st.sampled_from(ROOMS),
            st.sampled_from(MENTIONS),
        ),
        st.tuples(st.sampled_from(["erase", "refuse", "forget"]), st.integers(0, 30)),
        st.tuples(st.just("edit"), st.integers(0, 30), st.sampled_from(MENTIONS), st.booleans()),
        st.tuples(st.just("join")),
        st.tuples(st.just("ask"), st.integers(-1, 30), st.integers(1, 8), st.integers(0, 30)),
    ),
    max_size=30,
)


@pytest.mark.parametrize("due", [1, 5, 2_000])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_a_count_is_what_a_walk_over_the_history_counts(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    due: int,
    steps: list[tuple[object, ...]],
) -> None:
    monkeypatch.setattr(index, "DUE", due)

    async def test(room: Room) -> None:
        for step in [*steps, ("ask", -1, 8, 0)]:
            await _do(room, step)

    run(tmp_path_factory.mktemp("counting") / "journal", test)


async def _do(room: Room, step: tuple[object, ...]) -> None:
    entries = room.keeper.entries
    match step:
        case ("say", str(by), str(where), tuple(mentions)):
            await room.keeper.keep(spoken(by, where, mentions))
        case ("join",):
            await room.keeper.keep(joined("#a", "#a"))
        case ("edit", int(number), tuple(mentions), bool(keeps)) if entries:
            await edited(room.keeper, entries[number % len(entries)], mentions, keeps)
        case ("ask", int(after), int(limit), int(since)):
            for history in ROOMS:
                await _compare(room, history, after, limit, since)
        case (str(what), int(number)) if entries:
            entry = entries[number % len(entries)]
            if what == "erase":
                room.journal.erase([entry.seq])
            elif what == "refuse":
                room.journal.refuse(entry.seq)
            else:
                room.journal.forget(ROOMS[number % 2], entry.seq)


async def _compare(room: Room, history: str, after: int, limit: int, since: int) -> None:
    entries = room.keeper.entries
    marker = Position(entries[after % len(entries)].time) if entries and after >= 0 else None
    here = entries[since % len(entries)] if entries else None
    begun = Position(here.time, here.seq) if here and since else None
    page = Page(history, limit, EVERYTHING, after=marker, since=begun)
    asked = Unread(page, ("ann", "g:1.1.8"), ("ann", history))
    assert await room.counted(asked) == await room.recounted(asked)


def test_what_is_there_from_before_authors_were_kept_counts_as_well(tmp_path: Path) -> None:
    path = tmp_path / "journal"

    async def fill(room: Room) -> None:
        await room.keeper.keep(spoken("Ann", "#a"), spoken("bob", "#a"), spoken("", "#a"))

    run(path, fill)

    async def count(room: Room) -> None:
        connection = room.journal._store.file.connection
        connection.execute("UPDATE history SET author = NULL")
        page = Page("#a", 100, EVERYTHING)
        assert await room.counted(Unread(page, ("ann",), ("ann",))) == (2, [])

    run(path, count)


@pytest.mark.parametrize("due", [1, 2_000])
def test_what_belongs_to_a_message_is_found_with_it_and_on_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, due: int
) -> None:
    monkeypatch.setattr(index, "DUE", due)

    async def test(room: Room) -> None:
        (said,) = await room.keeper.keep(spoken("ann", "#a"))
        reaction, other = await room.keeper.keep(
            spoken("bob", "#a", reply=said.msgid), spoken("bob", "#a", reply="nothing")
        )
        assert await room.archive.context([said.seq], EVERYTHING) == {said.seq: [reaction]}
        events = await room.archive.page(Page("#a", 10, EVERYTHING, events=True))
        # A reaction to what is not known is an event like others.
        assert [entry.seq for entry in events] == [said.seq, other.seq]
        room.journal.erase([reaction.seq])
        await room.keeper.keep(spoken("ann", "#a"))
        assert await room.archive.context([said.seq], EVERYTHING) == {}

    run(tmp_path / "journal", test)
