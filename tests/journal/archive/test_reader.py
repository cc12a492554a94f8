"""Pages against a model, what they cost, and how many may be asked for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.archive import reader
from hubbub.journal.archive.reader import SQLiteArchive
from hubbub.journal.names import histories_of, is_said
from hubbub.journal.port import ArchiveBusy, ArchiveDamaged, Page, Position
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper, ManualClock, joined, said

MILLISECOND = 1_000


@dataclass
class Library:
    """A journal that is no longer written, and what is in it."""

    runner: asyncio.Runner
    archive: SQLiteArchive
    entries: list[Entry]


def lines() -> Iterator[Draft]:
    """Return messages and joins in two histories, mixed."""
    for number in range(40):
        yield said(str(number), "#a") if number % 3 else joined("#a", "#a")
        if number % 5 == 0:
            yield said(str(number), "#b", command="TAGMSG")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    path = tmp_path_factory.mktemp("library") / "journal"
    clock = ManualClock()
    with asyncio.Runner() as runner:
        journal = SQLiteJournal(path, clock)
        archive = journal.archive()

        async def fill() -> list[Entry]:
            keeper = Keeper(journal)
            drafts = list(lines())
            await keeper.keep(*drafts)
            # A clock far behind: each is a millisecond after the one before in its history.
            clock.now -= 5_000_000
            await keeper.keep(*drafts)
            return keeper.entries

        yield Library(runner, archive, runner.run(fill()))
        runner.run(journal.stop())
        runner.run(archive.stop())


def expected(entries: list[Entry], page: Page) -> list[Entry]:
    """Return a page as the port describes it."""

    def is_after(entry: Entry, position: Position) -> bool:
        if position.seq is None:
            return entry.time // MILLISECOND > position.time // MILLISECOND
        return (entry.time, entry.seq) > (position.time, position.seq)

    def is_before(entry: Entry, position: Position) -> bool:
        if position.seq is None:
            return entry.time // MILLISECOND < position.time // MILLISECOND
        return (entry.time, entry.seq) < (position.time, position.seq)

    found = [
        entry
        for entry in entries
        if page.history in histories_of(entry.record)
        and (page.events or is_said(entry.record))
        and entry.seq <= page.upto
        and (page.after is None or is_after(entry, page.after))
        and (page.before is None or is_before(entry, page.before))
        and (page.since is None or not is_before(entry, page.since))
        and not any((first.seq or 0) <= entry.seq < (end.seq or 0) for first, end in page.hidden)
    ]
    return found[-page.limit :] if page.latest else found[: page.limit]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_page_is_what_the_port_says(library: Library, data: st.DataObject) -> None:
    history = data.draw(st.sampled_from(["#a", "#b", "#none"]))
    inside = [one for one in library.entries if history in histories_of(one.record)]
    entry = st.sampled_from(inside or library.entries)
    exact = entry.map(lambda e: Position(e.time, e.seq))
    whole = st.builds(lambda e, more: Position(e.time + more), entry, st.integers(-2000, 2000))
    position = st.none() | exact | whole
    upto = st.just(EVERYTHING) | entry.map(lambda e: e.seq)
    places = st.lists(exact, max_size=6, unique=True).map(
        lambda found: sorted(found, key=lambda one: one.seq or 0)
    )
    # From the first to the second, from the third to the fourth.
    stretches = places.map(
        lambda found: tuple(zip(found[::2], found[1::2], strict=False)),
    )
    page = data.draw(
        st.builds(
            Page,
            st.just(history),
            st.integers(1, 100),
            upto,
            position,
            position,
            st.booleans(),
            st.booleans(),
            position,
            stretches,
        )
    )
    found = library.runner.run(library.archive.page(page))
    assert found == expected(library.entries, page)


def test_too_many_questions_are_refused(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "QUEUE", 3)

    async def ask() -> list[list[Entry] | BaseException]:
        questions = [library.archive.entries([library.entries[0].seq]) for _ in range(5)]
        return await asyncio.gather(*questions, return_exceptions=True)

    answers = library.runner.run(ask())
    assert answers[:3] == [[library.entries[0]]] * 3
    assert [type(answer) for answer in answers[3:]] == [ArchiveBusy] * 2
    assert library.runner.run(library.archive.entries([1])) == [library.entries[0]]


def test_a_record_of_the_future_is_explained(path: Path) -> None:
    async def read() -> None:
        journal = SQLiteJournal(path)
        (entry,) = await Keeper(journal).keep(said("x", "#a"))
        archive = journal.archive()
        with apsw.Connection(str(path)) as connection:
            connection.execute("UPDATE record SET data = json_set(data, '$[0]', 'hologram')")
        try:
            with pytest.raises(ArchiveDamaged, match=r"journal\.sqlite: it holds a record"):
                await archive.entries([entry.seq])
        finally:
            await journal.stop()
            await archive.stop()

    asyncio.run(read())


def test_it_answers_although_no_descriptors_are_left(path: Path) -> None:
    async def read() -> list[Entry]:
        journal = SQLiteJournal(path)
        (entry,) = await Keeper(journal).keep(said("x", "#a"))
        archive = journal.archive()
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        open_files = len(os.listdir("/proc/self/fd"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(open_files, limits[1]), limits[1]))
        taken: list[int] = []
        try:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(os.dup(0))
            return await archive.entries([entry.seq])
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            for number in taken:
                os.close(number)
            await journal.stop()
            await archive.stop()

    assert [entry.seq for entry in asyncio.run(read())] == [1]
