"""A copy is of one moment, whoever writes meanwhile."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from hubbub.journal.database import copying
from hubbub.journal.port import JournalDamaged, JournalUnusable
from tests.journal import behind
from tests.journal.damage import page_of, spoil


def nothing(_done: int, _whole: int) -> None:
    """Take no notice."""


def test_who_writes_between_its_steps_does_not_have_it_begin_anew(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind.make(path)
    monkeypatch.setattr(copying, "PAGES", 2)
    writer = apsw.Connection(str(path))
    seen: list[int] = []

    def write(done: int, whole: int) -> None:
        seen.append(done)
        writer.execute("INSERT INTO meta VALUES (?, 1)", (f"later {done}",))

    copying.copy(path, tmp_path / "copy", write)
    writer.close()
    assert seen == sorted(set(seen))
    assert len(seen) > 3
    assert behind.rows(tmp_path / "copy", "SELECT 1 FROM meta WHERE name GLOB 'later*'") == []


def test_a_copy_is_one_file(path: Path, tmp_path: Path) -> None:
    behind.make(path)
    (tmp_path / "to").mkdir()
    copying.copy(path, tmp_path / "to" / "copy", nothing)
    copying.put_files(tmp_path / "to" / "copy", {"a": b"1"})
    assert [each.name for each in (tmp_path / "to").iterdir()] == ["copy"]


def test_files_are_taken_out_and_leave_no_byte(path: Path, tmp_path: Path) -> None:
    behind.make(path)
    copying.copy(path, tmp_path / "copy", nothing)
    copying.put_files(tmp_path / "copy", {"a": b"secret" * 2000, "b": b""})
    assert copying.take_files(tmp_path / "copy") == {"a": b"secret" * 2000, "b": b""}
    assert b"secret" not in (tmp_path / "copy").read_bytes()
    assert copying.take_files(tmp_path / "copy") == {}


def test_damage_is_told_of(path: Path, tmp_path: Path) -> None:
    behind.make(path)
    spoil(path, page_of(path, b'"text":"7"'))
    with pytest.raises(JournalDamaged, match="damaged"):
        copying.copy(path, tmp_path / "copy", nothing)


def test_another_programs_database_is_not_copied(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "theirs"))
    connection.execute("CREATE TABLE moz_places (id)")
    connection.close()
    with pytest.raises(JournalUnusable, match="another program"):
        copying.copy(tmp_path / "theirs", tmp_path / "copy", nothing)
