"""A secret in a file of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hubbub.passwords.secret_file import (
    SECRET_BYTES,
    SecretUnusable,
    is_exposed,
    read_bytes,
    read_secret,
)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_the_end_of_its_line_is_no_part_of_it(tmp_path: Path, end: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(f" päss wörd {end}".encode())
    assert read_secret(path) == " päss wörd "


def test_it_may_be_so_long_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("x" * SECRET_BYTES)
    assert read_secret(path) == "x" * SECRET_BYTES
    path.write_text("x" * (SECRET_BYTES + 1))
    with pytest.raises(SecretUnusable, match=f"is over {SECRET_BYTES} bytes"):
        read_secret(path)


def test_what_is_no_file_leaves_no_descriptor_open_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = os.listdir("/proc/self/fd")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(SecretUnusable, match="is no file"):
            read_bytes(path, 32)
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o604])
def test_who_else_may_read_it_is_seen(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    assert not is_exposed(path)
    path.touch()
    path.chmod(mode)
    assert is_exposed(path) == bool(mode & 0o004)
