"""Looking through histories in slices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.requests import Search
from hubbub.journal.questions import Newest, Page
from hubbub.node.history import searching
from hubbub.node.history.searching import SLICE, Searcher

ORIGIN = Origin(SessionId(1, 1, 1), 1)


class _Archive:
    """Hold histories of so many messages each, a microsecond apart, and note what was asked for."""

    def __init__(self, **histories: int) -> None:
        self.histories = histories
        self.pages: list[Page] = []

    async def page(self, page: Page) -> list[Entry]:
        self.pages.append(page)
        assert page.after is not None
        first = page.after.time + 1 if page.after.seq else 1
        last = min(self.histories.get(page.history, 0), page.upto, first + page.limit - 1)
        return [_entry(page.history, at) for at in range(first, last + 1)]

    async def latest(
        self, histories: Sequence[str], after: int, before: int, limit: int, upto: int
    ) -> list[Newest]:
        return [Newest(name, 1, 1) for name in self.histories if name.startswith(histories[0][:-1])]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


class _Journal:
    """Have so much waiting, less each time it is asked."""

    waiting_now = 0

    @property
    def waiting(self) -> int:
        self.waiting_now = max(0, self.waiting_now - SLICE)
        return self.waiting_now


def _entry(history: str, at: int) -> Entry:
    said = Said(ORIGIN, "a!b@c", "", "PRIVMSG", history, histories=(history,))
    return Entry(at, at, f"id{at}", said, Body("x"))


async def patiently(ask: Callable[[], Awaitable[list[Entry]]]) -> list[Entry]:
    return await ask()


async def search(
    archive: _Archive, *histories: str, most: int = 10_000, every: int = 1, upto: int = 1 << 40
) -> tuple[list[Sequence[Entry]], bool]:
    """Return what was found, slice by slice, and whether that was all."""
    slices: list[Sequence[Entry]] = []
    journal = _Journal()

    def found(entries: Sequence[Entry]) -> bool:
        slices.append(entries)
        journal.waiting_now = 5 * SLICE
        return True

    effect = Search(histories, 0, most, lambda entry: entry.seq % every == 0, found, lambda _: None)
    searcher = Searcher(archive, journal, patiently)  # type: ignore[arg-type]
    return slices, await searcher.run(effect, upto, found)


async def test_no_slice_is_larger_than_a_turn_of_the_loop_takes() -> None:
    archive = _Archive(**{"#a": 3 * SLICE + 7})
    slices, all_of_it = await search(archive, "#a")
    assert all_of_it
    assert [len(one) for one in slices] == [SLICE, SLICE, SLICE, 7]
    assert [entry.seq for one in slices for entry in one] == list(range(1, 3 * SLICE + 8))
    assert {page.limit for page in archive.pages} == {SLICE}


async def test_direct_histories_are_found_by_whose_they_are() -> None:
    archive = _Archive(**{"#a": 1, "@a:eve/a:ann": 2, "@a:eve/g:1.1.1": 1, "@a:ann/a:eve": 9})
    slices, _ = await search(archive, "#a", "@a:eve/*")
    assert sum(map(len, slices)) == 4


async def test_as_many_are_found_as_are_wanted_and_no_more() -> None:
    archive = _Archive(**{"#a": 5 * SLICE, "#b": 5 * SLICE})
    slices, all_of_it = await search(archive, "#a", "#b", most=SLICE + 3)
    assert not all_of_it
    assert sum(map(len, slices)) == SLICE + 3


async def test_looking_at_many_for_few_comes_to_an_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(searching, "LOOKED_AT", 3 * SLICE)
    archive = _Archive(**{"#a": 1_000 * SLICE})
    slices, all_of_it = await search(archive, "#a", every=1 << 30)
    assert (slices, all_of_it) == ([], False)
    assert len(archive.pages) == 3


async def test_it_ends_when_nobody_wants_to_know_any_more() -> None:
    archive = _Archive(**{"#a": 5 * SLICE})
    effect = Search(("#a",), 0, 9_999, lambda _: True, lambda _: False, lambda _: None)
    searcher = Searcher(archive, _Journal(), patiently)  # type: ignore[arg-type]
    assert not await searcher.run(effect, 1 << 40, effect.found)
    assert len(archive.pages) == 1
