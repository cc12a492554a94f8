"""Tests of what was typed, as it is kept from one run to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.terminal.input_history import LARGEST, KeptHistory
from hubbub.ui.editing.history import CHARACTERS, ENTRIES


def kept(path: Path) -> KeptHistory:
    """Return a history that has nothing to complain of."""
    return KeptHistory(path, pytest.fail)


def entries(history: KeptHistory) -> list[str]:
    return [history[place] for place in range(len(history))]


def test_what_was_typed_comes_back_with_its_lines_and_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "state" / "input_history"
    first = kept(path)
    for entry in (
        "one",
        "two\n\n+three",
        "two\n\n+three",
        "  ",
        "/oper ann sesame",
        "/login a b c",
    ):
        first.add(entry)
    assert entries(kept(path)) == entries(first) == ["one", "two\n\n+three"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert "sesame" not in path.read_text()


def test_the_files_of_earlier_versions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "input_history"
    path.write_text("\n# 2026-01-31 12:34:56.789\n+one\n\n# 2026-01-31 12:34:57\n+two\n+three\n")
    assert entries(kept(path)) == ["one", "two\nthree"]


def test_two_clients_keep_what_is_typed_in_both(tmp_path: Path) -> None:
    one, other = kept(tmp_path / "kept"), kept(tmp_path / "kept")
    one.add("from one")
    other.add("from the other")
    one.add("again from one")
    assert entries(kept(tmp_path / "kept")) == ["from one", "from the other", "again from one"]


def test_the_file_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("".join(f"\n+{'x' * 1000} {number}\n" for number in range(1000)))
    history = kept(path)
    assert entries(history)[-1].endswith(" 999")
    assert len(history) <= ENTRIES
    assert path.stat().st_size <= CHARACTERS + 3 * ENTRIES < LARGEST
    assert entries(kept(path)) == entries(history)


def test_where_nothing_can_be_kept_it_is_said_once_and_typing_goes_on(tmp_path: Path) -> None:
    complaints: list[str] = []
    (tmp_path / "file").write_text("")
    history = KeptHistory(tmp_path / "file" / "kept", complaints.append)
    history.add("one")
    assert entries(history) == ["one"]
    assert len(complaints) == 1
    gone = KeptHistory(tmp_path / "gone" / "kept", complaints.append)
    (tmp_path / "gone" / "kept").unlink()
    (tmp_path / "gone").rmdir()
    gone.add("one")
    gone.add("two")
    assert entries(gone) == ["one", "two"]
    assert len(complaints) == 2
