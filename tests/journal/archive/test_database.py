"""What cannot be opened, and whose the file is."""

from __future__ import annotations

import asyncio
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hubbub.journal import codec
from hubbub.journal.archive import migrations
from hubbub.journal.port import JournalUnusable
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.behind import change, make
from tests.journal.keeper import Keeper, said


def garble(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 100)


def tear(path: Path) -> None:
    """Spoil every page but the first."""
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


def foreign(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY)")


def newer_schema(path: Path) -> None:
    change(path, f"PRAGMA user_version = {len(migrations.STEPS) + 1}")


def newer_records(path: Path) -> None:
    change(path, "UPDATE meta SET value = value + 1 WHERE name = 'records'")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (garble, "it is not a database; move it away, or restore a backup"),
        (tear, r"it is corrupt \(.*\); restore a backup"),
        (foreign, "it is another program's database; move it away"),
        (newer_schema, r"newer hubbub \(schema 3, this one knows 2\); run the newer one"),
        (newer_records, rf"newer hubbub \(version \d+, this one knows {codec.VERSION}\); run the"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_mend(
    path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    make(path)
    spoil(path)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(JournalUnusable, match=rf"^journal \S+/journal\.sqlite: .*{sentence}"):
            list(SQLiteJournal(path).load().entries)
    assert path.read_bytes() == before


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnusable, match=r"file/journal: it cannot be written \(Not a dir"):
        SQLiteJournal(tmp_path / "file" / "journal")
    with pytest.raises(JournalUnusable, match=r"none/journal: it cannot be written \(No such"):
        SQLiteJournal(tmp_path / "none" / "journal")


def test_one_process_has_it(path: Path) -> None:
    journal = SQLiteJournal(path)
    script = (
        "import sys, pathlib\nfrom hubbub.journal.sqlite.journal import SQLiteJournal\n"
        "SQLiteJournal(pathlib.Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", script, str(path)]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "another process has it open; stop that one" in second.stderr
    asyncio.run(journal.stop())
    subprocess.run(command, check=True)


def test_only_its_owner_can_read_it(path: Path) -> None:
    path.touch(0o666)

    async def check() -> None:
        journal = SQLiteJournal(path)
        await Keeper(journal).keep(said("secret", "#a"))
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        assert len(list(path.parent.iterdir())) > 2
        await journal.stop()

    asyncio.run(check())


def test_the_file_can_be_read_with_any_sqlite(path: Path) -> None:
    make(path)
    read = subprocess.run(
        ["sqlite3", path, "SELECT data ->> 3, body ->> 'text' FROM record WHERE seq = 5"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert read.stdout == "|4\n"
