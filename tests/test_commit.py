"""From which commit the program was made, by what git itself says of real clones."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hubbub import commit as module
from hubbub.commit import checked_out, commit, shown


def git(directory: Path, *words: str) -> str:
    """Have git do something in a directory."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    return subprocess.run(
        ["git", *who, *words], cwd=directory, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    directory = tmp_path / "clone"
    directory.mkdir()
    git(directory, "init", "-b", "main")
    git(directory, "commit", "--allow-empty", "-m", "one")
    return directory


def test_a_branch_loose_and_packed(clone: Path) -> None:
    head = git(clone, "rev-parse", "HEAD")
    assert checked_out(clone) == head
    git(clone, "pack-refs", "--all")
    assert not (clone / ".git/refs/heads/main").exists()
    assert checked_out(clone) == head


def test_no_branch_and_a_work_tree_beside(clone: Path, tmp_path: Path) -> None:
    head = git(clone, "rev-parse", "HEAD")
    git(clone, "worktree", "add", "-b", "other", str(tmp_path / "beside"))
    git(tmp_path / "beside", "commit", "--allow-empty", "-m", "two")
    assert checked_out(tmp_path / "beside") == git(tmp_path / "beside", "rev-parse", "HEAD") != head
    git(clone, "checkout", "--detach")
    assert checked_out(clone) == head


def test_what_is_no_clone_has_none(tmp_path: Path) -> None:
    assert checked_out(tmp_path) == ""
    (tmp_path / ".git").write_text("gitdir: nowhere")
    assert checked_out(tmp_path) == ""


def test_a_wheel_says_what_it_was_built_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "hubbub"
    package.mkdir(parents=True)
    monkeypatch.setattr(module, "__file__", str(package / "commit.py"))
    monkeypatch.setattr(module, "_installed", lambda: "")
    assert commit() == ""
    assert shown("1.2.3") == "hubbub 1.2.3"
    (package / "commit.txt").write_text(f"{'0123456789' * 4}\n")
    assert shown("1.2.3") == "hubbub 1.2.3 (012345678901)"
    (package / "commit.txt").write_text("\x1b[2J")
    assert commit() == ""
