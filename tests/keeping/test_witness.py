"""A witness names what is to be nowhere, and every byte is looked at."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import apsw
import pytest

from hubbub.core import snapshot
from hubbub.core.records.entries import Body, Draft
from hubbub.core.records.messages import Edited, Said
from hubbub.core.world.accounts import Account
from hubbub.core.world.world import World
from hubbub.journal.sqlite.journal import SQLiteJournal
from hubbub.keeping import witness
from hubbub.keeping.errors import KeepingError
from hubbub.keeping.witness import ErasureWitness, files_of, found_in, read, write
from tests.journal.keeper import ORIGIN, Keeper
from tests.keeping.conftest import silent


def says(account: str, text: str) -> Draft:
    return Draft(Said(ORIGIN, "x!x@x", account, "PRIVMSG", "#a", None, ("#a",)), Body(text))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "journal.sqlite"
    path.parent.mkdir()

    async def fill() -> None:
        journal = SQLiteJournal(path)
        world = World()
        world.accounts["ann"] = Account("Ann", 1)
        world.metadata["a:ann"] = {"status": "writing a book"}
        keeper = Keeper(journal)
        journal.save_snapshot(0, snapshot.encode(world))
        words = (
            "quite private\nand more of it",
            "good morning",
            "ok",
            'a "quoted" \\ ü',
            "z" * 9_000,
        )
        await keeper.keep(*(says("ann", word) for word in words), says("bob", "good morning"))
        await journal.stop()

    asyncio.run(fill())
    return path


def test_it_has_what_was_said_before_edits_and_by_them_but_no_message_that_is_answered(
    journal: Path, tmp_path: Path
) -> None:
    async def edits() -> None:
        opened = SQLiteJournal(journal)
        keeper = Keeper(opened)
        said = Said(ORIGIN, "x!x@x", "Ann", "PRIVMSG", "#a", None, ("#a",))
        tags = {"+draft/reply": "M" * 22, "+draft/react": "a long reaction"}
        (first,) = await keeper.keep(Draft(said, Body("the first text", tags)))
        for text, keeps in (("the second text", True), ("the third text", False)):
            record = Edited(ORIGIN, "x!x@x", "#a", first.msgid, first.seq, by_account="Ann")
            (edit,) = await keeper.keep(Draft(record, Body(text, tags)))
            opened.revise(first.seq, edit.seq, keeps)
        await keeper.keep(says("bob", "and so on"))
        await opened.stop()

    asyncio.run(edits())
    write(journal, "ann", tmp_path / "w", silent)
    words = read(tmp_path / "w").words
    assert {"the first text", "the third text", "a long reaction"} <= set(words)
    assert "M" * 22 not in words


def test_it_has_what_only_that_account_said(journal: Path, tmp_path: Path) -> None:
    write(journal, "ann", tmp_path / "w", silent)
    held = read(tmp_path / "w")
    assert set(held.words) == {
        *("quite private", "and more of it", 'a "quoted" \\ ü', "z" * 9_000, "writing a book"),
    }
    assert held.common == 2
    assert (tmp_path / "w").stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeepingError, match="is there already"):
        write(journal, "ann", tmp_path / "w", silent)
    with pytest.raises(KeepingError, match="there is no account bob"):
        write(journal, "bob", tmp_path / "v", silent)


def test_every_form_of_it_is_found(journal: Path, tmp_path: Path) -> None:
    write(journal, "ann", tmp_path / "w", silent)
    held = read(tmp_path / "w")
    assert set(found_in(journal, held)) == set(held.words)
    for form in ('a \\"quoted\\" \\\\ ü', 'a \\"quoted\\" \\\\ \\u00fc', 'a "quoted" \\ ü'):
        (tmp_path / "file").write_text(f"... {form} ...")
        assert found_in(tmp_path / "file", held) == ['a "quoted" \\ ü']


def test_what_lies_across_two_blocks_or_two_pages_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness, "BLOCK", 64)
    word = "lies across the end of a block"
    for before in range(100):
        (tmp_path / "file").write_text(f"{'x' * before}{word}{'y' * 50}")
        assert found_in(tmp_path / "file", ErasureWitness((word,), 0)) == [word]
    long = "".join(f"{n:05}" for n in range(3_000))
    connection = apsw.Connection(str(tmp_path / "database"))
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (?)", (long,))
    connection.close()
    assert found_in(tmp_path / "database", ErasureWitness((long,), 0)) == [long]


def test_all_files_are_looked_at(journal: Path) -> None:
    (journal.parent / "before-restore-x").mkdir()
    (journal.parent / "before-restore-x" / "file").touch()
    assert {path.name for path in files_of(journal.parent)} >= {"journal.sqlite", "file"}


@pytest.mark.parametrize("text", ["", "{}", "[]", "hello", json.dumps({"hubbub witness": 1})])
def test_what_is_no_witness_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "w").write_text(text)
    with pytest.raises(KeepingError, match="is no witness"):
        read(tmp_path / "w")
    with pytest.raises(KeepingError, match="cannot be read"):
        read(tmp_path / "nowhere")
