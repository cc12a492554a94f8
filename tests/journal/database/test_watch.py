"""Whoever touches the files of an open database is noticed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hubbub.journal.database.watch import Watch
from hubbub.journal.port import JournalBroken

SUFFIXES = ("", "-wal", "-shm")


@pytest.fixture
def files(path: Path) -> Path:
    """Return where the three files of a database are."""
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).write_bytes(b"x" * 100)
    return path


def replace(file: Path) -> None:
    copy = file.with_suffix(".copy")
    shutil.copy(file, copy)
    copy.rename(file)


def shorten(file: Path) -> None:
    os.truncate(file, 99)


def hide(file: Path) -> None:
    """Leave a link there that leads to itself."""
    file.unlink()
    file.symlink_to(file)


def test_files_that_grow_are_well(files: Path) -> None:
    watch = Watch(files)
    for suffix, size in (("", 200), ("-wal", 300)):
        files.with_name(files.name + suffix).write_bytes(b"x" * size)
    watch.check()
    assert watch.sizes == (200, 300)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("touch", "what"),
    [(Path.unlink, "deleted"), (replace, "replaced by another file"), (hide, "hidden")],
)
def test_what_was_done_to_a_file_is_told(
    files: Path, suffix: str, touch: Callable[[Path], None], what: str
) -> None:
    watch = Watch(files)
    touch(files.with_name(files.name + suffix))
    with pytest.raises(JournalBroken, match=rf"journal\.sqlite{suffix} was {what}"):
        watch.check()


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_a_file_that_became_shorter_is_told(files: Path, suffix: str) -> None:
    watch = Watch(files)
    shorten(files.with_name(files.name + suffix))
    with pytest.raises(JournalBroken, match=rf"journal\.sqlite{suffix} was cut short"):
        watch.check()


def test_the_log_may_be_emptied_where_that_is_told_before(files: Path) -> None:
    watch = Watch(files)
    log = files.with_name("journal.sqlite-wal")
    log.write_bytes(b"")
    watch.log_shrank()
    watch.check()
    assert watch.sizes == (100, 0)
    log.unlink()
    watch.log_shrank()
    with pytest.raises(JournalBroken, match="deleted"):
        watch.check()


def test_a_file_that_is_not_there_is_no_journals(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Watch(path)
