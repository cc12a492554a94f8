"""The index of words: made from the records when there is time, and anew where need be."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import apsw
import pytest

from hubbub.journal.archive.search import index as search_index
from hubbub.journal.archive.search.index import BEHIND, SearchIndex, fault
from hubbub.journal.archive.search.tokens import words
from hubbub.journal.codec import decode_body, decode_record
from hubbub.journal.database import migrations
from hubbub.journal.database.file import DatabaseFile
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, joined, said


def filled(path: Path, *texts: str) -> DatabaseFile:
    """Return the file of a journal that holds these messages."""

    async def fill() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(*[said(text, "#a") for text in texts], joined("#a", "#a"))
        await journal.stop()

    asyncio.run(fill())
    return DatabaseFile(path)


def found(file: DatabaseFile, word: str) -> list[int]:
    sql = "SELECT rowid FROM search WHERE search MATCH ?"
    return [int(str(seq)) for (seq,) in file.connection.execute(sql, (f'"{word}"',))]


def caught_up(file: DatabaseFile) -> SearchIndex:
    one = SearchIndex(file.connection, 4)
    while one.is_due(is_busy=False):
        one.slice()
    return one


def test_it_is_made_from_the_records_slice_by_slice(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = filled(path, "one", "two", "two")
    monkeypatch.setattr(search_index, "SLICE", 2)
    one = SearchIndex(file.connection, 4)
    assert (one.upto, one.behind) == (0, 4)
    one.slice()
    assert (one.upto, one.behind, found(file, "two")) == (2, 2, [2])
    again = SearchIndex(file.connection, 4)
    again.slice()
    assert (again.behind, again.is_due(False), found(file, "two")) == (0, False, [2, 3])
    file.close()


def test_it_waits_until_there_is_enough_or_nobody_writes(path: Path) -> None:
    file = filled(path, "one")
    one = SearchIndex(file.connection, 0)
    one.committed(4)
    assert not one.is_due(is_busy=False)
    one.committed(4 + search_index.SLICE)
    assert one.is_due(is_busy=False)
    assert not one.is_due(is_busy=True)
    one.committed(BEHIND)
    assert one.is_due(is_busy=True)
    file.close()


def test_a_store_of_before_is_indexed_after_its_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as old:
        old.setattr(migrations, "STEPS", migrations.STEPS[:3])
        old.setattr(search_index.SearchIndex, "__init__", lambda *_: None)
        old.setattr(search_index.SearchIndex, "committed", lambda *_: None)
        old.setattr(search_index.SearchIndex, "is_due", lambda *_, **__: False)
        old.setattr(search_index.SearchIndex, "is_leaving", False)
        filled(path, "one", "two").close()
    file = DatabaseFile(path)
    assert file.connection.execute("PRAGMA user_version").get == len(migrations.STEPS)
    assert found(file, "two") == []
    caught_up(file)
    assert found(file, "two") == [2]
    file.close()


def test_other_rules_make_it_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = filled(path, "one")
    caught_up(file)
    monkeypatch.setattr(search_index, "VERSION", 1_000)
    assert SearchIndex(file.connection, 4).upto == 0
    assert found(file, "one") == []
    caught_up(file)
    assert found(file, "one") == [1]
    file.close()


def test_a_damaged_index_is_made_anew(path: Path) -> None:
    file = filled(path, "one", "two")
    caught_up(file)
    # The page on which the words are.
    file.connection.execute("UPDATE search_data SET block = x'00' WHERE id > 10")
    file.connection.execute("UPDATE record SET body = NULL WHERE seq = 1")
    file.close()
    file = DatabaseFile(path)
    one = caught_up(file)
    assert (found(file, "one"), found(file, "two"), one.trouble) == ([], [2], "")
    file.close()


def test_a_slice_that_fails_is_done_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = filled(path, "one")
    one = SearchIndex(file.connection, 4)
    with monkeypatch.context() as full:
        full.setattr(one, "_note", lambda *_: (_ for _ in ()).throw(apsw.FullError("full")))
        with pytest.raises(apsw.FullError):
            one.slice()
    assert (one.upto, found(file, "one")) == (0, [])
    one.slice()
    assert found(file, "one") == [1]
    file.close()


def test_secrets_are_no_words(path: Path) -> None:
    file = filled(path, "one")
    sql = "UPDATE record SET data = replace(data, '\"said\"', '\"secret\"') WHERE seq = 1"
    file.connection.execute(sql)
    caught_up(file)
    assert found(file, "one") == []
    file.connection.execute("UPDATE record SET body = NULL WHERE seq = 1")
    assert file.connection.execute("SELECT count(*) FROM unsearch").get == 0
    file.close()


def test_a_repair_that_left_it_behind_has_it_made_anew(path: Path) -> None:
    file = filled(path, "one", "two")
    caught_up(file)
    for left_behind in (
        "UPDATE meta SET value = 1000 WHERE name = 'searchable'",
        "INSERT INTO search (search) VALUES ('delete-all')",
    ):
        file.connection.execute(left_behind)
        assert SearchIndex(file.connection, 4).upto == 0
        caught_up(file)
        assert (found(file, "two"), fault(file.connection)) == ([2], "")
    file.close()


def test_what_is_missing_is_counted(path: Path) -> None:
    file = filled(path, "one", "two")
    caught_up(file)
    assert fault(file.connection) == ""
    file.connection.execute("UPDATE record SET body = NULL WHERE seq = 1")
    assert fault(file.connection) == ""
    caught_up(file)
    assert fault(file.connection) == ""
    sql = "INSERT INTO search (search, rowid, words) VALUES ('delete', 2, ?)"
    (data, body), *_ = file.connection.execute("SELECT data, body FROM record WHERE seq = 2")
    file.connection.execute(sql, (words(decode_record(str(data)), decode_body(str(body)), 0),))
    assert fault(file.connection) == "it has 0 messages, and 1 were said"
    file.close()


def test_it_ends_whole_wherever_it_is_killed(path: Path) -> None:
    file = filled(path, "one", "two")
    connection = file.connection
    file.connection.execute("UPDATE record SET body = NULL WHERE seq = 1")
    for statement in itertools.count(1):
        left = iter(range(statement))
        # As a kill: what was begun is not ended, and the next process finds what was committed.
        connection.exec_trace = lambda *_, left=left: next(left, None) is not None
        try:
            one = SearchIndex(connection, 4)
            while one.is_due(is_busy=False):
                one.slice()
        except apsw.ExecTraceAbort:
            continue
        finally:
            connection.exec_trace = None
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        break
    assert statement > 8
    assert (found(file, "one"), found(file, "two"), fault(connection)) == ([], [2], "")
    file.close()
