"""Searching the archive: what it finds is what reading all of it finds, and what one may read."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubbub.core.records.entries import Entry
from hubbub.core.searching.language import parse
from hubbub.journal.archive import index
from hubbub.journal.archive.reader import SQLiteArchive
from hubbub.journal.archive.search import finding
from hubbub.journal.archive.search import index as search_index
from hubbub.journal.names import histories_of, is_said
from hubbub.journal.port import ArchiveBusy
from hubbub.journal.questions import SearchPlace, SearchQuestion
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper, ManualClock, joined, said

HISTORIES = ("#a", "#b,1.1.1", "@ann/bob", "@bob/ann", "@ann/cy")
WORDS = ("disk", "disks", "full", "Café", "日本語", "本", "https://x.org/disk", "ann", "raid-5")
QUESTIONS = (
    "disk", "disk*", "-disk", "disk full", '"disk full"', "disk -full", "cafe", "日本", "本",
    "from:ann", "from:nobody disk", "has:link", "mentions:ann", "raid-5", "before:2023 disk",
    "after:2024 disk",
)  # fmt: skip
PLACES = (
    (SearchPlace("#a"),),
    (SearchPlace("#a"), SearchPlace("@ann/*")),
    (SearchPlace("@bob/*", since=5), SearchPlace("#b,1.1.1", hidden=((3, 9), (11, 14)))),
    (SearchPlace("#a", since=8), SearchPlace("#b,1.1.1", 4, ((6, 7),)), SearchPlace("@ann/cy")),
    (SearchPlace("#*"),),
    (SearchPlace("*"),),
)


@dataclass
class Store:
    """A journal and its archive, and what a reader of all of it would know."""

    keeper: Keeper
    archive: SQLiteArchive
    gone: set[int] = field(default_factory=set)
    forgotten: list[tuple[str, int]] = field(default_factory=list)

    @property
    def last(self) -> int:
        return self.keeper.entries[-1].seq if self.keeper.entries else 0

    def erase(self, seq: int) -> None:
        self.keeper.journal.erase([seq])
        self.gone.add(seq)

    def forget(self, history: str) -> None:
        self.keeper.journal.forget(history)
        self.forgotten.append((history, self.last))

    def linear(self, question: SearchQuestion) -> list[int]:
        """Return what reading everything finds, the newest first."""
        found = [
            entry.seq
            for entry in reversed(self.keeper.entries)
            if entry.seq <= question.upto
            and is_said(entry.record)
            and entry.seq not in self.gone
            and any(self._shows(question, history, entry) for history in histories_of(entry.record))
            and question.query.matches(entry)
        ]
        return found[: question.limit]

    def _shows(self, question: SearchQuestion, history: str, entry: Entry) -> bool:
        if any(
            entry.seq <= upto and (history == name or history.startswith(name.rstrip("*")))
            for name, upto in self.forgotten
        ):
            return False
        return any(
            place.shows(entry.seq)
            and (
                history == place.history
                or place.history == "*"
                or (place.history == "#*" and history[0] == "#")
                or (place.history.endswith("/*") and history.startswith(place.history[:-1]))
            )
            for place in question.places
        )

    async def find(self, question: SearchQuestion) -> list[int]:
        found = await self.archive.find(question)
        assert (found.unsearched, found.is_cut) == (0, False)
        return [hit.entry.seq for hit in found.hits]

    async def indexed(self) -> None:
        """Wait until the index has everything, and nothing that is gone."""
        journal = self.keeper.journal
        assert isinstance(journal, SQLiteJournal)
        while journal.figures().unindexed or self.leaving():  # noqa: ASYNC110 - tells nobody
            await asyncio.sleep(0.001)

    def leaving(self) -> int:
        sql = "SELECT count(*) FROM unsearch"
        return int(str(self.archive._searching.execute(sql).get))


@asynccontextmanager
async def store(path: Path) -> AsyncIterator[Store]:
    """Open a journal, and close it at the end."""
    journal = SQLiteJournal(path, ManualClock())
    archive = journal.archive()
    try:
        yield Store(Keeper(journal), archive)
    finally:
        await journal.stop()
        await archive.stop()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the index follow each commit, as far as there is time."""
    monkeypatch.setattr(search_index, "SLICE", 1)
    monkeypatch.setattr(finding, "CHUNK", 2)


messages = st.tuples(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    st.lists(st.sampled_from(HISTORIES), min_size=1, max_size=2, unique=True),
)
acts = st.one_of(
    messages,
    st.integers(1, 20),
    st.sampled_from(["#a", "@ann/*", "@bob/ann"]),
    st.none(),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    done=st.lists(acts, min_size=1, max_size=20),
    limit=st.integers(1, 4),
    due=st.sampled_from([1, 5, 2_000]),
)
def test_a_search_finds_what_reading_everything_finds(
    done: list[tuple[str, list[str]] | int | str | None],
    limit: int,
    due: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async def compare(one: Store, upto: int) -> None:
        for question, places in itertools.product(QUESTIONS, PLACES):
            query = parse(question, 1_700_000_000_000_000)
            wanted = SearchQuestion(query, places, limit, upto)
            assert await one.find(wanted) == one.linear(wanted)

    async def check() -> None:
        path = tmp_path_factory.mktemp("store") / "journal"
        async with store(path) as one:
            for act in done:
                if isinstance(act, int):
                    # What is not there yet nobody takes back.
                    one.erase(min(act, one.last))
                elif isinstance(act, str):
                    one.forget(act)
                elif act is None:
                    await one.keeper.keep(joined("#a", "#a"))
                else:
                    await one.keeper.keep(said(act[0], *act[1]))
            await compare(one, one.last)
            await one.indexed()
            await compare(one, one.last)
            await compare(one, one.last // 2)

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(index, "DUE", due)
        asyncio.run(check())


def asking(text: str, *places: str, limit: int = 50, upto: int = EVERYTHING) -> SearchQuestion:
    query = parse(text, 1_700_000_000_000_000)
    return SearchQuestion(query, tuple(map(SearchPlace, places)), limit, upto)


async def test_hits_come_with_where_one_may_read_them(path: Path) -> None:
    async with store(path) as one:
        await one.keeper.keep(said("disk", "@ann/bob", "@bob/ann"), said("disk", "#a"))
        found = await one.archive.find(asking("disk", "@bob/*", "#a"))
        assert [(hit.entry.seq, hit.history) for hit in found.hits] == [(2, "#a"), (1, "@bob/ann")]


async def test_what_was_forgotten_on_one_side_is_found_on_the_other_only(path: Path) -> None:
    async with store(path) as one:
        await one.keeper.keep(said("disk", "@ann/bob", "@bob/ann"))
        await one.indexed()
        one.keeper.journal.forget("@ann/*")
        await one.keeper.keep(joined("#a", "#a"))
        # Also once the tombstone is away, and only the rows of the history tell.
        while one.archive._tombstones.first_visible("@ann/bob"):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
        assert await one.find(asking("disk", "@ann/*")) == []
        assert await one.find(asking("disk", "@bob/*")) == [1]


@pytest.mark.parametrize("taken", ["erase", "forget", "refuse"])
async def test_what_is_taken_away_leaves_the_bytes(path: Path, taken: str) -> None:
    secret = "zyzzyva"
    async with store(path) as one:
        await one.keeper.keep(said(f"some {secret} here", "#a"), said("other", "#b"))
        await one.indexed()
        assert secret.encode() in everything(path)
        match taken:
            case "erase":
                one.keeper.journal.erase([1])
            case "forget":
                one.keeper.journal.forget("#a")
            case "refuse":
                one.keeper.journal.refuse(1)
        assert await one.find(asking(secret, "*")) == []
        await one.keeper.keep(said("more", "#b"))
        await one.indexed()
    assert secret.encode() not in everything(path)


async def test_another_text_in_its_place_is_found_and_the_first_is_gone(path: Path) -> None:
    async with store(path) as one:
        await one.keeper.keep(said("zyzzyva", "#a"))
        await one.indexed()
        assert await one.find(asking("zyzzyva", "#a")) == [1]
    change(path, 'UPDATE record SET body = \'{"text":"quokka","tags":{}}\' WHERE seq = 1')
    async with store(path) as one:
        await one.indexed()
        assert await one.find(asking("zyzzyva", "#a", upto=1)) == []
        assert await one.find(asking("quokka", "#a", upto=1)) == [1]
    assert b"zyzzyva" not in everything(path)


def change(path: Path, sql: str) -> None:
    """Do to a journal's file what a later version of the program may do."""
    from hubbub.journal.database.file import DatabaseFile

    file = DatabaseFile(path)
    file.connection.execute(sql)
    file.close()


def everything(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in path.parent.iterdir() if one.is_file())


async def test_an_answer_says_what_was_not_searched(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "SLICE", 1_000_000)
    monkeypatch.setattr(search_index, "QUIET_SECONDS", 1_000_000.0)
    monkeypatch.setattr(finding, "TAIL", 3)
    async with store(path) as one:
        await one.keeper.keep(*[said(f"disk {number}", "#a") for number in range(10)])
        found = await one.archive.find(asking("disk", "#a"))
        assert ([hit.entry.seq for hit in found.hits], found.unsearched) == ([10, 9, 8], 7)
        # Where the newest are enough, it does not matter.
        found = await one.archive.find(asking("disk", "#a", limit=2))
        assert ([hit.entry.seq for hit in found.hits], found.unsearched) == ([10, 9], 0)


async def test_a_search_that_takes_too_long_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "SECONDS", 0.0)
    async with store(path) as one:
        await one.keeper.keep(*[said("disk", "#a") for _ in range(10)])
        assert (await one.archive.find(asking("disk", "#a"))).is_cut
        monkeypatch.setattr(finding, "SECONDS", 10.0)
        assert len(await one.find(asking("disk", "#a"))) == 10


async def test_too_many_searches_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubbub.journal.archive.reader.SEARCHES", 0)
    async with store(path) as one:
        with pytest.raises(ArchiveBusy):
            await one.archive.find(asking("disk", "#a"))


async def test_many_places_are_one_question(path: Path) -> None:
    async with store(path) as one:
        await one.keeper.keep(said("disk", "#a"))
        await one.indexed()
        places = [f"#{number}" for number in range(1_000)]
        assert await one.find(asking("disk", *places, "#a")) == [1]
