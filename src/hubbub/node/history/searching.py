"""Looking through histories for what a command wants, in slices, so that nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from hubbub.core.records.entries import Entry
from hubbub.core.requests import Search
from hubbub.journal.names import is_prefix
from hubbub.journal.port import Archive, Journal
from hubbub.journal.questions import Page, Position

SLICE: Final = 100
"""How many entries are looked at, and how many records asked for, in one turn of the loop."""
LOOKED_AT: Final = 500_000
"""How many entries are looked at for one search; where there are more it is over before its end."""
CONVERSATIONS: Final = 1_000
"""In how many direct conversations is looked, those of the newest messages."""
PACE_SECONDS: Final = 0.01
_EVER: Final = (1 << 62) - 1

Patiently = Callable[[Callable[[], Awaitable[list[Entry]]]], Awaitable[list[Entry]]]


class Searcher:
    """Look through the archive, and wait while the journal has much to write."""

    def __init__(self, archive: Archive, journal: Journal, patiently: Patiently) -> None:
        """Read with `patiently`, which asks again while the archive has no time."""
        self._archive = archive
        self._journal = journal
        self._patiently = patiently

    async def run(
        self, search: Search, upto: int, found: Callable[[Sequence[Entry]], bool]
    ) -> bool:
        """Hand on what is found, slice by slice, while `found` says True; return if that is all."""
        left, looked_at = search.most, 0
        for history in await self._histories(search, upto):
            after: Position | None = Position(search.after)
            while after is not None:
                if left <= 0 or looked_at >= LOOKED_AT:
                    return False
                page = Page(history, SLICE, upto, after=after, latest=False, events=True)
                entries = await self._patiently(partial(self._archive.page, page))
                looked_at += len(entries)
                wanted = [entry for entry in entries if search.is_wanted(entry)][:left]
                left -= len(wanted)
                if wanted and not found(wanted):
                    return False
                full = len(entries) == SLICE
                after = Position(entries[-1].time, entries[-1].seq) if full else None
                await self._room()
        return True

    async def _histories(self, search: Search, upto: int) -> list[str]:
        names = [name for name in search.histories if not is_prefix(name)]
        for prefix in filter(is_prefix, search.histories):
            newest = await self._archive.latest([prefix], search.after, _EVER, CONVERSATIONS, upto)
            names += [one.history for one in newest]
        return names

    async def _room(self) -> None:
        while self._journal.waiting > SLICE:  # noqa: ASYNC110 - the journal tells nobody
            await asyncio.sleep(PACE_SECONDS)
