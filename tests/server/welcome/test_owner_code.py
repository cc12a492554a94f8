"""The first owner's code: shown to who sees the terminal, else kept where only they can read it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hubbub.server.welcome.owner_code import FILE, OwnerCode, given_out, kept


def test_on_a_terminal_it_is_shown_and_kept_nowhere(tmp_path: Path) -> None:
    assert given_out("ABCD", tmp_path, is_seen=True) == OwnerCode("ABCD")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("before", [None, 0o666])
def test_elsewhere_it_is_kept_for_its_owner_only(tmp_path: Path, before: int | None) -> None:
    path = tmp_path / FILE
    if before is not None:
        path.touch(before)
        path.chmod(before)
    umask = os.umask(0)
    try:
        assert given_out("ABCD", tmp_path, is_seen=False) == OwnerCode(file=path)
    finally:
        os.umask(umask)
    assert path.read_text() == "ABCD\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    given_out("ABCD", tmp_path, is_seen=False)
    assert not (tmp_path / "elsewhere").exists()


def test_where_it_cannot_be_kept_it_is_said_how_to_get_another(tmp_path: Path) -> None:
    with capture_logs() as lines:
        assert given_out("ABCD", tmp_path / "missing", is_seen=False) == OwnerCode()
    (line,) = lines
    assert "`hubbub operator owner-code`" in line["event"]
    assert "ABCD" not in str(line)


def test_it_is_told_of_again_until_nobody_needs_it(tmp_path: Path) -> None:
    assert kept(tmp_path, is_needed=True) == OwnerCode()
    given_out("ABCD", tmp_path, is_seen=False)
    assert kept(tmp_path, is_needed=True) == OwnerCode(file=tmp_path / FILE)
    assert kept(tmp_path, is_needed=False) == OwnerCode()
    assert list(tmp_path.iterdir()) == []


def test_what_could_be_kept_in_part_only_is_no_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert given_out("ABCD", tmp_path, is_seen=False) == OwnerCode()
    # The next start would have sent its operator to an empty file.
    assert list(tmp_path.iterdir()) == []
    assert kept(tmp_path, is_needed=True) == OwnerCode()


def test_where_it_is_lost_it_is_said_how_to_get_another(tmp_path: Path) -> None:
    with capture_logs() as lines:
        kept(tmp_path, is_needed=True)
        kept(tmp_path, is_needed=False)
    (line,) = lines
    assert "`hubbub operator owner-code`" in line["event"]
