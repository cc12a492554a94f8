"""How far a journal had come stands beside it."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest

from hubbub.journal.database import mark
from hubbub.journal.database.mark import Mark, MarkFile


@pytest.fixture
def beside(path: Path) -> Path:
    """Return where the mark is."""
    return path.with_name(f"{path.name}{mark.SUFFIX}")


def test_what_is_written_is_read(path: Path, beside: Path) -> None:
    file = MarkFile(path, "this one")
    file.write(7, 1_000)
    assert mark.read(path) == Mark("this one", 7, 1_000, boot=mark.boot_id())
    file.write(8, 2_000, clean=True)
    assert mark.read(path) == Mark("this one", 8, 2_000, True, mark.boot_id())
    assert not file.is_synced
    file.sync()
    file.sync()
    assert file.is_synced
    file.close()
    assert beside.stat().st_mode & 0o777 == 0o600


def test_what_is_not_whole_is_none(path: Path, beside: Path) -> None:
    assert mark.read(path) is None
    file = MarkFile(path, "this one")
    assert mark.read(path) is None
    file.write(7, 1_000)
    file.close()
    whole = beside.read_bytes()
    for torn in (whole.replace(b"7", b"8"), whole[:20], b'{"id": 1}\n0\n', b"\n", b"\xff\xfe"):
        beside.write_bytes(torn)
        assert mark.read(path) is None
    # A newer hubbub's, whose sum is right: nothing is known of what it says.
    text = b'{"id": "x", "place": 7}'
    beside.write_bytes(b"%s\n%08x\n" % (text, zlib.crc32(text)))
    assert mark.read(path) is None


def test_it_is_made_anew_where_it_was_removed_or_replaced(path: Path, beside: Path) -> None:
    file = MarkFile(path, "this one")
    file.write(7, 1_000)
    assert not file.mend()
    beside.unlink()
    assert file.mend()
    assert mark.read(path) == Mark("this one", 7, 1_000, boot=mark.boot_id())
    other = beside.with_name("other")
    other.write_bytes(b"")
    other.rename(beside)
    assert file.mend()
    assert mark.read(path) == Mark("this one", 7, 1_000, boot=mark.boot_id())
    file.close()


def test_one_that_is_there_keeps_its_room(path: Path, beside: Path) -> None:
    MarkFile(path, "this one").close()
    held = os.stat(beside).st_size
    MarkFile(path, "this one").close()
    assert os.stat(beside).st_size == held == 512


def test_times_are_told_as_an_operator_reads_them() -> None:
    assert mark.day(1_700_000_000_000_000) == "2023-11-14 22:13:20 UTC"
    assert mark.day(1 << 62) == f"{1 << 62} us"


def test_a_machine_without_a_boot_id_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mark, "_BOOT_ID", tmp_path / "none")
    assert mark.boot_id() == ""
