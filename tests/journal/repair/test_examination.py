"""What is wrong is found, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.journal.port import JournalUnusable
from hubbub.journal.repair.examination import Examined, Fault
from tests.journal import behind
from tests.journal.damage import page_of, spoil


def faults(path: Path) -> list[Fault]:
    examined = Examined(path)
    try:
        return [*examined.of_pages(), *examined.of_records(lambda _done, _whole: None)]
    finally:
        examined.close()


def test_of_a_sound_one_there_is_none(path: Path) -> None:
    behind.make(path)
    assert faults(path) == []


def test_a_damaged_page_is_named(path: Path) -> None:
    behind.make(path)
    page = page_of(path, b'"text":"150"')
    spoil(path, page)
    found = faults(path)
    assert f"page {page} of {path} is damaged" in found[0].what
    assert {fault.of for fault in found} == {"page", "index"}


@pytest.mark.parametrize(
    ("sql", "of", "what"),
    [
        ("UPDATE record SET data = '[' WHERE seq < 3", "records", "2 records cannot be read"),
        ("UPDATE record SET body = '[' WHERE seq = 3", "records", "1 records cannot be read"),
        ("UPDATE record SET state = 1 WHERE seq = 3", "records", "1 records are marked"),
        ("UPDATE record SET refs = 2 WHERE seq = 3", "records", "1 records are marked"),
        ("UPDATE history SET time = time + 1 WHERE seq = 3", "index", "1 places of records"),
        ("INSERT INTO history (target, said, time, seq) VALUES ('#a', 1, 1, 9999)", "index",
         "1 places lead to no record"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_counted(path: Path, sql: str, of: str, what: str) -> None:
    behind.make(path)
    behind.change(path, sql)
    found = faults(path)
    assert next(fault.what for fault in found if fault.of == of).startswith(what)


def test_what_an_older_hubbub_wrote_is_for_a_start_first(path: Path) -> None:
    behind.make(path)
    behind.change(path, "PRAGMA user_version = 1")
    with pytest.raises(JournalUnusable, match="start the server once"):
        Examined(path)


def test_it_is_as_of_one_moment(path: Path) -> None:
    behind.make(path)
    examined = Examined(path)
    behind.change(path, "DELETE FROM history WHERE seq = 5")
    assert [*examined.of_records(lambda _done, _whole: None)] == []
    examined.close()
