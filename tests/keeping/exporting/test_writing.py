"""An export is whole, goes on where a killed one was, and reads the same each time."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from hubbub.core.records.channels import Joined, Kept
from hubbub.core.records.entries import Draft
from hubbub.core.records.users import Connected
from hubbub.journal import exporting
from hubbub.journal.port import JournalUnusable
from hubbub.journal.sqlite.journal import SQLiteJournal
from hubbub.keeping.errors import KeepingError
from hubbub.keeping.exporting import writing
from hubbub.keeping.exporting.formats import FORMATS
from hubbub.keeping.exporting.selection import Selection
from hubbub.keeping.exporting.writing import export, export_to
from tests.journal.keeper import ORIGIN, Keeper, said
from tests.keeping.conftest import silent
from tests.keeping.steps import full_at, killed_at


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a journal with a channel in which sixty things were said."""
    path = tmp_path / "journal.sqlite"
    monkeypatch.setattr(writing, "SAVED_EVERY", 9)
    monkeypatch.setattr(exporting, "_ALL", exporting._ALL.replace("1000", "5"))

    async def fill() -> None:
        journal = SQLiteJournal(path)
        start = [
            Draft(Kept(ORIGIN, ("#a",))),
            Draft(Connected(ORIGIN, "ann", "a", "host", "Ann")),
            Draft(Joined(ORIGIN, "ann!a@host", "", "Ann", "#a", histories=("#a",))),
        ]
        await Keeper(journal).keep(*start, *(said(f"word {n}", "#a") for n in range(60)))
        await journal.stop()

    asyncio.run(fill())
    return path


@pytest.mark.parametrize("form", FORMATS)
def test_killed_at_any_step_it_goes_on_and_comes_out_the_same(
    journal: Path, tmp_path: Path, form: str
) -> None:
    whole: list[str] = []
    export_to(journal, Selection(), form, whole.append)
    to, step = tmp_path / "out", 1
    while killed_at(step, tmp_path, lambda: export(journal, Selection(), form, to, False, silent)):
        if to.exists():
            to.unlink()
        step += 1
    assert step > 5
    assert to.read_text() == "".join(whole)
    assert to.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith("out")} == {"out"}


def test_what_a_killed_one_wrote_is_not_written_again(journal: Path, tmp_path: Path) -> None:
    to = tmp_path / "out"
    # The third note is being written when it dies.
    assert killed_at(6, tmp_path, lambda: export(journal, Selection(), "json", to, False, silent))
    done = export(journal, Selection(), "json", to, False, silent)
    assert done.went_on
    assert done.lines == 61
    texts = [json.loads(each).get("text") for each in to.read_text().splitlines()]
    assert texts == ["", *(f"word {n}" for n in range(60))]


def test_of_something_else_it_begins_anew(journal: Path, tmp_path: Path) -> None:
    to = tmp_path / "out"
    assert killed_at(6, tmp_path, lambda: export(journal, Selection(), "json", to, False, silent))
    assert not export(journal, Selection(), "text", to, False, silent).went_on
    assert to.read_text().startswith("Everything\n")


def test_on_a_disk_that_is_full_at_any_step_it_says_so(journal: Path, tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    step, is_full = 1, True
    while is_full:
        try:
            is_full = full_at(
                step,
                tmp_path / "to",
                lambda: export(journal, Selection(), "json", tmp_path / "to" / "b", False, silent),
            )
        except KeepingError as error:
            assert "room" in str(error)  # noqa: PT017
            assert not (tmp_path / "to" / "b").exists()
            step += 1
    assert step > 3
    assert (tmp_path / "to" / "b").read_text().count("\n") == 61


def test_a_channel_is_in_the_order_of_its_times(journal: Path) -> None:
    found: list[str] = []
    assert export_to(journal, Selection(channel="#A"), "json", found.append) == 61
    with pytest.raises(KeepingError, match="there is no channel #b"):
        export_to(journal, Selection(channel="#b"), "json", found.append)
    with pytest.raises(KeepingError, match="there is no account bob"):
        export_to(journal, Selection(account="bob"), "json", found.append)


def test_what_is_there_is_not_replaced(journal: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(KeepingError, match="is there already"):
        export(journal, Selection(), "json", tmp_path / "out", False, silent)
    export(journal, Selection(), "json", tmp_path / "out", True, silent)
    assert "mine" not in (tmp_path / "out").read_text()


def test_what_is_no_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello" * 1000)
    with pytest.raises(JournalUnusable, match="it is not a database"):
        export_to(tmp_path / "x", Selection(), "json", print)
