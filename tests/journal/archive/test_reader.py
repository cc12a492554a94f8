"""Pages against a model, what they cost, and how many may be asked for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.archive import queries, reader
from hubbub.journal.archive.reader import SQLiteArchive
from hubbub.journal.archive.rows import write
from hubbub.journal.archive.store import Store
from hubbub.journal.database.transaction import transaction
from hubbub.journal.names import histories_of, is_said
from hubbub.journal.port import ArchiveBusy, ArchiveDamaged
from hubbub.journal.questions import Page, Position
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.damage import pages_of, spoil
from tests.journal.keeper import (
    EVERYTHING,
    Keeper,
    ManualClock,
    credential,
    joined,
    said,
    texts,
)

MILLISECOND = 1_000
NOW = 1_700_000_000_000_000


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


def index_all(store: Store) -> None:
    """Write the rows of the index, which otherwise are in memory until there are many."""
    with store.index.settling(), transaction(store.file.connection):
        store.index.write()


@contextlib.contextmanager
def reading(
    store: Store, is_indexed: bool = False
) -> Iterator[tuple[asyncio.Runner, SQLiteArchive]]:
    """Read an archive to which a test has written; close it afterwards.

    The newest entries are found in memory, or with `is_indexed` as those of before.
    """
    if is_indexed:
        index_all(store)
    with asyncio.Runner() as runner:
        archive = store.reader()
        try:
            yield runner, archive
        finally:
            runner.run(archive.stop())
            store.file.close()


def put(store: Store, now: int, *drafts: Draft) -> list[Entry]:
    """Write drafts as who orders them does."""
    entries = store.sequencer.place(drafts, now)
    write(store.file.connection, entries)
    store.sequencer.last_seq += len(entries)
    store.index.add(entries)
    return entries


@pytest.mark.parametrize("is_indexed", [False, True])
def test_entries_are_those_asked_for_less_what_is_hidden_by_now(
    path: Path, is_indexed: bool
) -> None:
    store = Store(path)
    one, two, state, other, forgotten = put(
        store,
        NOW,
        said("1", "#a"),
        said("2", "#a"),
        credential("secret", "#a"),
        said("3"),
        said("4", "#gone", "#went"),
    )
    hidden = store.tombstones
    with reading(store, is_indexed) as (runner, archive):

        def ask(*seqs: int) -> list[Entry]:
            return runner.run(archive.entries(seqs))

        assert ask(4, 99, 1, 5) == [other, one, forgotten]
        hidden.refuse(one.seq)
        hidden.erase([two.seq, state.seq])
        hidden.forget("#gone")
        without, *rest = ask(1, 2, 3, 4, 5)
        assert (without.record, without.body) == (state.record, None)
        assert rest == [other, forgotten]
        hidden.forget("#went")
        assert ask(5) == []
        hidden.forget_upto("#gone", 4)
        assert ask(5) == [forgotten]


@pytest.mark.parametrize("is_indexed", [False, True])
def test_a_page_shows_nothing_of_what_is_hidden_by_now(path: Path, is_indexed: bool) -> None:
    store = Store(path)
    entries = put(store, NOW, *[said(str(number), "#a") for number in range(8)])
    with reading(store, is_indexed) as (runner, archive):

        def ask(limit: int = 9, **how: Any) -> list[str]:
            return texts(runner.run(archive.page(Page("#a", limit, EVERYTHING, **how))))

        store.tombstones.refuse(entries[6].seq)
        store.tombstones.erase([entries[5].seq])
        assert ask(3) == ["3", "4", "7"]
        assert ask(2, latest=False) == ["0", "1"]
        assert ask(since=Position(NOW, entries[4].seq)) == ["4", "7"]
        assert ask(0) == []
        store.tombstones.forget_upto("#a", entries[2].seq)
        assert ask(2, latest=False) == ["3", "4"]
        store.tombstones.forget("#a")
        assert ask() == []


@pytest.mark.parametrize("is_indexed", [False, True])
def test_a_seq_has_a_place_whether_it_is_in_a_history_or_not(path: Path, is_indexed: bool) -> None:
    store = Store(path)
    one, two, _, four = put(
        store, NOW, said("1", "#a"), said("2", "#a"), said("3", "#b"), joined("#a", "#a")
    )
    with reading(store, is_indexed) as (runner, archive):

        def place(seq: int) -> Position | None:
            return runner.run(archive.place("#a", seq))

        assert place(0) is None
        assert place(1) == Position(one.time, 1)
        assert place(2) == Position(two.time, 2)
        # Before the next of this history.
        assert place(3) == Position(four.time, 3)
        assert place(9) == Position(queries.EVERY_TIME, 9)
        assert archive.position(two.msgid) == 2
        assert archive.position("nothing of ours") is None


@pytest.mark.parametrize("is_indexed", [False, True])
def test_the_newest_of_many_are_named_and_what_is_hidden_makes_room(
    path: Path, is_indexed: bool
) -> None:
    store = Store(path)
    for at, name in enumerate(("@ann/bob", "@ann/eve", "#a", "@anna/bob", "@ann/bob")):
        put(store, NOW + at * 1_000_000, said("x", name))
    with reading(store, is_indexed) as (runner, archive):

        def names(after: int = 0, limit: int = 9, upto: int = 99) -> list[tuple[str, int]]:
            asked = archive.latest(["@ann/*", "#a", "#none"], NOW + after, NOW * 2, limit, upto)
            return [(newest.history, newest.seq) for newest in runner.run(asked)]

        assert names() == [("@ann/eve", 2), ("#a", 3), ("@ann/bob", 5)]
        assert names(after=2_500_000) == [("@ann/bob", 5)]
        assert names(limit=1) == [("@ann/eve", 2)]
        store.tombstones.refuse(5)
        store.tombstones.forget("#a")
        assert names(after=-1) == [("@ann/bob", 1), ("@ann/eve", 2)]


def test_where_a_page_cannot_be_read_the_rest_is_answered(path: Path) -> None:
    store = Store(path)
    put(store, NOW, *[said("x", "#a") for _ in range(900)])
    last = put(store, NOW + 3_600_000_000, said("y", "#b"))
    index_all(store)
    store.file.close()
    for page in pages_of(path, "history"):
        spoil(path, page)
    store = Store(path)
    with reading(store) as (runner, archive):
        assert archive.troubles() == {}
        assert runner.run(archive.place("#a", 5)) is None
        assert runner.run(archive.latest(["#a", "#b"], 0, NOW * 2, 9, 9_999)) == []
        with pytest.raises(ArchiveDamaged) as caught:
            runner.run(archive.page(Page("#a", 10, EVERYTHING)))
        assert len(caught.value.entries) <= 10
        assert "cannot be read" in archive.troubles()["damage"]
        assert runner.run(archive.entries([last[0].seq])) == last


def test_of_several_histories_those_that_can_be_read_are_listed(path: Path) -> None:
    store = Store(path)
    put(store, NOW, said("y", "#b"), *[said("x", "#a") for _ in range(900)])
    put(store, NOW + 3_600_000_000, said("z", "#c"))
    index_all(store)
    store.file.close()
    spoil(path, pages_of(path, "history")[2])
    store = Store(path)
    with reading(store) as (runner, archive):

        def names(upto: int) -> list[str]:
            asked = archive.latest(["#a", "#b"], 0, NOW * 2, 9, upto)
            return [newest.history for newest in runner.run(asked)]

        assert names(9_999) == ["#b", "#a"]
        # Its newest of before is behind what cannot be read.
        assert names(50) == ["#b"]


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
