"""A copy made while the journal is written, and put in another one's place."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from hubbub.journal.database import mark
from hubbub.journal.database.duplicate import duplicate, examine, msgid_key, put_in_place
from hubbub.journal.port import JournalUnusable
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, said, texts


async def test_it_is_of_one_moment_while_others_write(path: Path, tmp_path: Path) -> None:
    journal, copy = SQLiteJournal(path), tmp_path / "copy"
    keeper = Keeper(journal)
    await keeper.keep(*(said(str(number), "#a") for number in range(200)))
    copying = asyncio.create_task(asyncio.to_thread(duplicate, path, copy))
    while not copying.done():
        await keeper.keep(said("more", "#a"))
    await copying
    journal.save_snapshot(200, b"a World")
    await keeper.keep(said("last", "#a"))
    await journal.stop()
    found = examine(copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert found.id == examine(path).id
    assert 200 <= found.seq < len(keeper.entries)
    there = apsw.Connection(str(copy))
    seqs = [int(str(seq)) for (seq,) in there.execute("SELECT seq FROM record ORDER BY seq")]
    there.close()
    assert seqs == list(range(1, found.seq + 1))


async def test_who_goes_on_from_it_gives_the_same_names(path: Path, tmp_path: Path) -> None:
    journal = SQLiteJournal(path)
    first = await Keeper(journal).keep(said("one", "#a"), said("two", "#a"))
    await journal.stop()
    duplicate(path, tmp_path / "copy")
    other = tmp_path / "other.sqlite"
    for suffix in ("", "-wal", "-shm", mark.SUFFIX):
        other.with_name(other.name + suffix).write_bytes(b"of an older journal")
    put_in_place(tmp_path / "copy", other)
    assert msgid_key(other) == msgid_key(path)
    ends = []
    for each in (path, other):
        journal = SQLiteJournal(each)
        archive = journal.archive()
        entries = await Keeper(journal).keep(said("three", "#a"))
        ends.append([(entry.seq, entry.msgid) for entry in entries])
        assert texts(await archive.entries([1, 2])) == ["one", "two"]
        assert [entry.msgid for entry in await archive.entries([1, 2])] == [
            entry.msgid for entry in first
        ]
        await journal.stop()
        await archive.stop()
    assert ends[0] == ends[1]


def test_what_is_no_journal_is_not_put_anywhere(path: Path, tmp_path: Path) -> None:
    asyncio.run(SQLiteJournal(path).stop())
    before = path.read_bytes()
    (tmp_path / "copy").write_bytes(b"garbage" * 1000)
    with pytest.raises(JournalUnusable, match=r".+"):
        put_in_place(tmp_path / "copy", path)
    (tmp_path / "copy").write_bytes(b"")
    with pytest.raises(JournalUnusable, match="empty"):
        put_in_place(tmp_path / "copy", path)
    assert path.read_bytes() == before


def test_where_none_can_be_made_nothing_is_left(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)
    with pytest.raises(JournalUnusable, match="not a database"):
        duplicate(path, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
