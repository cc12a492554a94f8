"""What every journal's answers have in common."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.core.records.entries import Entry
from hubbub.journal.port import ArchiveBusy, ArchiveDamaged, readable
from hubbub.journal.questions import Page, Position
from tests.journal.keeper import said

ENTRY = Entry(1, 1_000, "msgid", said("x", "#a").record, None)


async def answer(*entries: Entry, error: Exception | None = None) -> list[Entry]:
    if error is not None:
        raise error
    return list(entries)


def test_what_can_be_read_is_what_is_read_of_damaged_entries() -> None:
    assert asyncio.run(readable(answer(ENTRY))) == [ENTRY]
    damage = ArchiveDamaged("page 7 cannot be read", (ENTRY,))
    assert asyncio.run(readable(answer(error=damage))) == [ENTRY]
    with pytest.raises(ArchiveBusy):
        asyncio.run(readable(answer(error=ArchiveBusy("too many"))))


def test_a_page_hides_from_where_a_stretch_begins_to_before_its_end() -> None:
    page = Page(
        "#a", 10, 100, hidden=((Position(5, 5), Position(8, 8)), (Position(9), Position(9)))
    )
    assert [seq for seq in range(12) if page.hides(seq)] == [5, 6, 7]
