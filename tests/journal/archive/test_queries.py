"""What is asked of the database: no question scans it, whatever it holds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import apsw

from hubbub.journal.archive import queries
from hubbub.journal.questions import Page, Position
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper, joined, said


def big(path: Path, messages: int) -> apsw.Connection:
    """Return a database with a history of so many messages and as many joins in two others."""

    async def fill() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        drafts = [said("x", "#a") for _ in range(messages)]
        drafts += [joined("#j", "#j", "@ann/bob") for _ in range(messages)]
        drafts += [said("x", "#j") for _ in range(20)]
        await keeper.keep(*drafts)
        await journal.stop()

    asyncio.run(fill())
    return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)


PAGES = [
    Page("#a", 10, EVERYTHING),
    Page("#a", 10, EVERYTHING, latest=False),
    Page("#a", 10, EVERYTHING, events=True),
    Page("#j", 10, EVERYTHING),
    Page("#j", 10, EVERYTHING, latest=False, events=True),
    Page("#j", 10, EVERYTHING, after=Position(1), before=Position(EVERYTHING, 1), events=True),
]


TABLES = {"h", "history", "n", "r", "record", "refused"}
"""The tables by the names they have in the queries; `name`, `t` and `j` are what was asked for."""


def asked() -> list[queries.Query]:
    """Return every kind of query."""
    pages = [queries.page(page, 0, page.limit) for page in PAGES]
    pages += [queries.page(replace(page, since=Position(5, 5)), 0, 10) for page in PAGES]
    several = tuple((Position(n, n), Position(n + 2, n + 2)) for n in range(5, 100, 3))
    pages += [queries.page(replace(page, hidden=several), 0, 10) for page in PAGES]
    newest = [
        queries.newest(["#a", "#j", "#x"], EVERYTHING),
        queries.newest_within("#", EVERYTHING),
    ]
    return [*pages, *newest, (queries.ENTRIES, ("[1,2,3]",))]


def test_no_query_scans_or_sorts_a_table(tmp_path: Path) -> None:
    connection = big(tmp_path / "journal", 10)
    for sql, parameters in asked():
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()
        steps = [str(row[3]) for row in plan]
        assert any("SEARCH" in step for step in steps)
        for step in steps:
            assert "TEMP B-TREE" not in step, (sql, steps)
            scanned = step.removeprefix("SCAN ").split()[0]
            assert scanned not in TABLES, (sql, steps)


def test_a_query_costs_the_same_in_a_long_history(tmp_path: Path) -> None:
    short, long = big(tmp_path / "short", 30), big(tmp_path / "long", 3_000)

    def steps(connection: apsw.Connection, query: queries.Query) -> int:
        count = 0

        def step() -> bool:
            nonlocal count
            count += 1
            return False

        connection.set_progress_handler(step, 1)
        connection.execute(*query).fetchall()
        return count

    for query in asked():
        before = steps(short, query)
        assert before > 10
        assert steps(long, query) <= before * 1.5, query
