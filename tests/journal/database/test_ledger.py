"""Whose words were erased stands beside the journal, for a backup of before."""

from __future__ import annotations

from pathlib import Path

from hubbub.journal.database import ledger


def test_each_name_stands_there_once_and_nobody_else_reads_it(path: Path) -> None:
    assert ledger.read(path) == []
    for name in ("ann", "bob", "ann"):
        ledger.add(path, name)
    assert ledger.read(path) == ["ann", "bob"]
    assert ledger.ledger_of(path).stat().st_mode & 0o777 == 0o600
    assert ledger.ledger_of(path).name == "journal.sqlite-erased"


def test_a_line_that_was_cut_short_spoils_no_other(path: Path) -> None:
    ledger.ledger_of(path).write_text("\nann\n\nbo")
    ledger.add(path, "bob")
    assert ledger.read(path) == ["ann", "bo", "bob"]
