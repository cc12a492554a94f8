"""A secret in a file of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.passwords.secret_file import SECRET_BYTES, is_exposed, read_secret
from hubbub.whole_files import FileUnusable


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
    with pytest.raises(FileUnusable, match=f"is over {SECRET_BYTES} bytes"):
        read_secret(path)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o604])
def test_who_else_may_read_it_is_seen(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    assert not is_exposed(path)
    path.touch()
    path.chmod(mode)
    assert is_exposed(path) == bool(mode & 0o004)
