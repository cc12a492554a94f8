"""Files that are read whole or not at all, and written so."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hubbub.whole_files import FileUnusable, read_whole, write_whole

NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "pipe": (os.mkfifo, "is no file, but a pipe; name a file"),
    "directory": (lambda path: path.mkdir(), "is no file, but a directory; name a file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is no file, but a device"),
    "loop": (lambda path: path.symlink_to(path), "symbolic links; mend the links"),
    "missing": (lambda path: path, "No such file or directory; make it, or name another one"),
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_not_waited_for_and_leaves_no_descriptor_open(
    tmp_path: Path, kind: str
) -> None:
    make, told = NO_FILES[kind]
    make(tmp_path / "it")
    before = os.listdir("/proc/self/fd")
    with pytest.raises(FileUnusable, match=told):
        read_whole(tmp_path / "it", 32)
    assert os.listdir("/proc/self/fd") == before


def test_so_much_is_read_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_bytes(b"x" * 32)
    assert read_whole(path, 32) == b"x" * 32
    with pytest.raises(FileUnusable, match="is over 31 bytes"):
        read_whole(path, 31)


def test_a_name_that_is_none_is_told_of() -> None:
    with pytest.raises(FileUnusable, match="NUL"):
        read_whole(Path("a\0b"), 32)


def test_a_draft_that_somebody_laid_there_is_neither_followed_nor_kept(tmp_path: Path) -> None:
    (tmp_path / "key.new").symlink_to(tmp_path / "elsewhere")
    umask = os.umask(0)
    try:
        write_whole(tmp_path / "key", b"secret", 0o600)
    finally:
        os.umask(umask)
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_where_there_is_no_room_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_bytes(b"before")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "key", b"secret", 0o600)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"before"]
