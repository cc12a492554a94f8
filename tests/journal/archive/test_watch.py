"""What is seen of the files of an open database, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.journal.database import watch
from hubbub.journal.database.mark import Mark, MarkFile, read
from hubbub.journal.database.watch import Watch
from hubbub.journal.port import JournalBroken


@pytest.fixture
def path(tmp_path: Path) -> Path:
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"db{suffix}").write_bytes(b"x" * 100)
    return tmp_path / "db"


@pytest.mark.parametrize("suffix", ["", "-wal"])
@pytest.mark.parametrize("is_replaced", [False, True])
def test_what_went_into_a_file_that_is_gone_is_seen_after_that_commit(
    path: Path, suffix: str, is_replaced: bool
) -> None:
    looker, file = Watch(path), path.with_name(path.name + suffix)
    looker.check_before()
    looker.check_after()
    kept = file.rename(path.with_name("aside"))
    if is_replaced:
        file.write_bytes(kept.read_bytes())
    with pytest.raises(JournalBroken, match="replaced" if is_replaced else "deleted"):
        looker.check_after()


def test_a_log_cut_short_is_seen_before_the_next_commit_makes_it_long_again(path: Path) -> None:
    looker = Watch(path)
    path.with_name("db-wal").write_bytes(b"")
    with pytest.raises(JournalBroken, match="cut short"):
        looker.check_before()


def test_a_database_cut_short_is_seen_after_the_commit(path: Path) -> None:
    looker = Watch(path)
    path.write_bytes(b"")
    looker.check_before()
    with pytest.raises(JournalBroken, match="cut short"):
        looker.check_after()


def test_the_file_without_records_is_looked_at_now_and_then(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looker = Watch(path)
    path.with_name("db-shm").unlink()
    looker.check_before()
    looker.check_after()
    monkeypatch.setattr(watch, "FRESH_SECONDS", 0.0)
    with pytest.raises(JournalBroken, match="deleted"):
        looker.check_before()


def test_a_mark_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = MarkFile(tmp_path / "db", 'an "id"')
    for seq, clean in ((0, False), (2**40, True), (7, False)):
        file.write(seq, seq * 3, clean)
        found = read(tmp_path / "db")
        assert found == Mark('an "id"', seq, seq * 3, clean, found.boot if found else "")
    file.close()
