"""A damaged page costs what is on it, and no more."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import apsw
import pytest

from hubbub.core.records.entries import Body, Draft
from hubbub.core.records.messages import Edited
from hubbub.journal.archive import index
from hubbub.journal.port import JournalUnusable
from hubbub.journal.repair.examination import Examined
from hubbub.journal.repair.rebuilding import Rebuilt, empty_log, rebuild
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal import behind
from tests.journal.damage import page_of, pages_of, spoil
from tests.journal.keeper import ORIGIN, Keeper, credential, joined, said

COUNT = 3_000
LONG = 20_000
ALL = "SELECT seq, time, lead, state, data, body FROM record ORDER BY seq"
INDEX = "SELECT target, said, time, seq FROM history ORDER BY target, said, time, seq"
REFS = "SELECT seq, refs FROM record ORDER BY seq"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a journal of some hundred pages: of all kinds, with all that was ever done to it."""
    path = tmp_path_factory.mktemp("whole") / "journal.sqlite"

    async def fill() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        drafts = [said(f"word {n}", f"#{n % 7}", f"@a/{n % 3}") for n in range(COUNT)]
        drafts += [credential("secret", "$ann"), joined("#a", "#a"), said("y" * LONG, "#long")]
        await keeper.keep(*drafts)
        journal.erase([10, 500])
        journal.refuse(20)
        journal.forget("@a/1", 100)
        journal.save_snapshot(1, b"one" * 3_000)
        await keeper.keep(said("last", "#a"))
        await behind.until(path, "SELECT count(*) FROM forgetting", 0)
        await journal.stop()

    asyncio.run(fill())
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "journal.sqlite"))


def rebuilt(path: Path) -> tuple[Path, Rebuilt]:
    """Make a new one of it, which is to be sound."""
    target = path.with_name("new")
    done = rebuild(path, target, lambda _done, _whole: None)
    examined = Examined(target)
    assert [*examined.of_pages(), *examined.of_records(lambda _done, _whole: None)] == []
    examined.close()
    return target, done


def interior(path: Path, table: str) -> list[int]:
    """Return the pages of a table that lead to others."""
    sql = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'internal'"
    return [int(str(page)) for (page,) in behind.rows(path, sql, table)]


def on_page(path: Path, page: int) -> int:
    """Return how many rows are on a page."""
    found = behind.rows(path, "SELECT ncell FROM dbstat WHERE pageno = ?", page)
    return int(str(found[0][0])) if found else 0


def test_of_a_sound_one_the_new_one_is_the_same(path: Path) -> None:
    target, done = rebuilt(path)
    assert (done.records, done.lost, done.hidden, done.unread) == (COUNT + 4, [], 0, [])
    for sql in (ALL, INDEX, REFS, "SELECT * FROM snapshot", "SELECT * FROM refused"):
        assert behind.rows(target, sql) == behind.rows(path, sql)
    metas = "SELECT * FROM meta WHERE name IN ('id', 'msgid key')"
    assert behind.rows(target, metas) == behind.rows(path, metas)


def test_a_page_of_records_costs_what_is_on_it(path: Path, whole: Path) -> None:
    page = pages_of(path, "record")[3]
    count = on_page(path, page)
    spoil(path, page)
    target, done = rebuilt(path)
    assert len(done.lost) == count
    lost = ", ".join(map(str, done.lost))
    rest = ALL.replace("ORDER", f"WHERE seq NOT IN ({lost}) ORDER")
    assert behind.rows(target, ALL) == behind.rows(whole, rest)


@pytest.mark.parametrize("table", ["record", "history"])
def test_a_page_that_leads_to_others_costs_nothing(path: Path, whole: Path, table: str) -> None:
    for page in interior(path, table):
        spoil(path, page)
    target, done = rebuilt(path)
    assert (done.records, done.lost) == (COUNT + 4, [])
    if not done.hidden:
        assert behind.rows(target, ALL) == behind.rows(whole, ALL)
    found = set(behind.rows(target, INDEX))
    # What had been forgotten in one history of two is not brought back, whatever is damaged.
    assert found <= set(behind.rows(whole, INDEX))
    on_them = sum(on_page(whole, page) for page in interior(whole, table))
    assert len(behind.rows(whole, INDEX)) - len(found) == done.hidden <= on_them


def test_the_index_is_made_anew(path: Path, whole: Path) -> None:
    pages = pages_of(path, "history")[4:6]
    for page in pages:
        spoil(path, page)
    target, done = rebuilt(path)
    missing = set(behind.rows(whole, INDEX)) - set(behind.rows(target, INDEX))
    assert len(missing) == done.hidden <= sum(on_page(whole, page) for page in pages)
    assert (done.records, done.lost) == (COUNT + 4, [])


def test_every_page_of_all_can_be_lost(whole: Path, tmp_path: Path) -> None:
    """Each costs no more than what is on it; where the file cannot be opened that is said."""
    count = whole.stat().st_size // 4096
    words = len(behind.rows(whole, ALL))
    for page in range(2, count + 1, 19):
        path = Path(shutil.copy(whole, tmp_path / "journal.sqlite"))
        on_it = on_page(path, page)
        spoil(path, page)
        target = tmp_path / f"new {page}"
        try:
            done = rebuild(path, target, lambda _done, _whole: None)
        except JournalUnusable:
            assert page <= len(behind.rows(whole, "SELECT 1 FROM sqlite_schema"))
            continue
        # What does not fit a page of its own is on several, each of which is part of one record.
        assert words - done.records <= max(1, on_it)
        target.unlink()


def test_what_was_erased_refused_or_forgotten_does_not_come_back(path: Path) -> None:
    target, _ = rebuilt(path)
    bodies = "SELECT seq FROM record WHERE body IS NULL ORDER BY seq"
    assert behind.rows(target, bodies) == behind.rows(path, bodies)
    assert {(10,), (20,), (500,)} <= set(behind.rows(target, bodies))
    assert behind.rows(target, "SELECT 1 FROM history WHERE target = '@a/1' AND seq <= 100") == []


def test_what_a_lost_message_said_before_its_edits_is_lost_with_it(path: Path) -> None:
    async def edit() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        for seq in (600, 2_600):
            record = Edited(ORIGIN, "x!x@x", "#a", "id", seq, keeps=True)
            (by,) = await keeper.keep(Draft(record, Body(f"edited {seq}")))
            journal.revise(seq, by.seq, True)
        await keeper.keep(said("very last", "#a"))
        await journal.stop()

    asyncio.run(edit())
    # Beside it: the words themselves stand among the earlier ones, too.
    spoil(path, page_of(path, b'"word 598"'))
    new, done = rebuilt(path)
    assert 600 in done.lost
    assert behind.rows(new, "SELECT seq FROM edition WHERE was IS NOT NULL") == [(2_600,)]
    assert b"edited 600" not in new.read_bytes()
    assert b"edited 2600" in new.read_bytes()


def test_a_log_that_is_not_empty_is_not_left_to_the_new_file(path: Path) -> None:
    Path(f"{path}-wal").write_bytes(b"x")
    with pytest.raises(JournalUnusable, match="restore a backup"):
        empty_log(path)
    Path(f"{path}-wal").write_bytes(b"")
    empty_log(path)
    assert not Path(f"{path}-wal").exists()


def test_what_comes_after_is_found_too(path: Path) -> None:
    target, _ = rebuilt(path)

    async def go_on() -> None:
        journal = SQLiteJournal(target)
        (entry,) = await Keeper(journal).keep(said("more", "#a"))
        assert entry.seq == COUNT + 5
        await journal.stop()

    asyncio.run(go_on())
    assert index.DUE < COUNT
    connection = apsw.Connection(str(target))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()
