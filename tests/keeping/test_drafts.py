"""Files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.keeping.drafts import drafted
from hubbub.keeping.errors import KeepingError


def test_nothing_is_seen_before_it_is_whole(tmp_path: Path) -> None:
    with drafted(tmp_path / "a[1]") as draft:
        draft.write_text("all of it")
        assert not (tmp_path / "a[1]").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a[1]"]


def test_what_a_killed_one_left_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / ".a.making").write_text("half")
    with drafted(tmp_path / "a") as draft:
        assert not draft.exists()
        draft.write_text("all")
    assert (tmp_path / "a").read_text() == "all"


def begin_and_fail(path: Path) -> None:
    with drafted(path) as draft:
        draft.write_text("half")
        Path(f"{draft}-journal").touch()
        raise RuntimeError


def test_where_it_fails_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        begin_and_fail(tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with drafted(tmp_path / "a") as draft:
        draft.touch()
        with pytest.raises(KeepingError, match="another process"), drafted(tmp_path / "a", True):
            pass
        assert draft.exists()


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeepingError, match="No such file"), drafted(tmp_path / "no" / "a"):
        pass
