"""One file with all of a server: whole or not there, and for nobody else."""

from __future__ import annotations

import stat
from pathlib import Path

import apsw
import pytest

from hubbub.journal.port import JournalDamaged, JournalUnusable
from hubbub.keeping.backup import KEYS, back_up
from hubbub.keeping.errors import KeepingError
from hubbub.server.checks.backup import MARK
from hubbub.server.recovery import JOURNAL
from hubbub.settings import Settings
from tests.journal import behind
from tests.journal.damage import page_of, spoil
from tests.keeping.conftest import content, settings_of, silent
from tests.keeping.steps import full_at, killed_at

ALL = "SELECT seq, time, data, body FROM record ORDER BY seq"


def files_of(backup: Path) -> dict[object, object]:
    rows = behind.rows(backup, "SELECT name, data FROM backup_file")
    return {row[0]: row[1] for row in rows}


def test_all_that_was_kept_is_in_it_with_the_keys(data: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    done = back_up(
        settings_of(data), tmp_path / "b", True, False, lambda at, of: told.append((at, of))
    )
    assert done.files == KEYS
    assert done.size == (tmp_path / "b").stat().st_size
    assert told[-1][0] == told[-1][1] > 0
    assert behind.rows(tmp_path / "b", ALL) == behind.rows(data / JOURNAL, ALL)
    held = files_of(tmp_path / "b")
    assert held == {name: (data / name).read_bytes() for name in KEYS}
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    assert (data / MARK).exists()


def test_without_keys_no_byte_of_them_is_in_it(data: Path, tmp_path: Path) -> None:
    back_up(settings_of(data), tmp_path / "b", False, False, silent)
    held = (tmp_path / "b").read_bytes()
    assert not [name for name in KEYS if (data / name).read_bytes() in held]


def test_beside_the_journal_is_what_was_there(data: Path, tmp_path: Path) -> None:
    before = content(data)
    back_up(settings_of(data), tmp_path / "b", True, False, silent)
    assert content(data, lambda name: name == MARK) == before
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b"}


def test_a_log_that_a_killed_server_left_stays_for_the_next_start(
    data: Path, tmp_path: Path
) -> None:
    connection = apsw.Connection(str(data / JOURNAL))
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.execute("UPDATE record SET body = 'in the log' WHERE seq = 7")
    connection.close()
    log = (data / f"{JOURNAL}-wal").read_bytes()
    assert b"in the log" in log
    back_up(settings_of(data), tmp_path / "b", True, False, silent)
    assert (data / f"{JOURNAL}-wal").read_bytes() == log
    assert behind.rows(tmp_path / "b", "SELECT body FROM record WHERE seq = 7") == [("in the log",)]


def test_a_cloak_key_that_lies_elsewhere_is_in_it_and_other_keys_are_named(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "cloak").write_bytes(b"c" * 32)
    settings = Settings.model_validate(
        {
            "data_dir": str(data),
            "cloak_key_file": str(tmp_path / "cloak"),
            "ssh": {"host_keys": ["/etc/ssh/ssh_host_ed25519_key"]},
        }
    )
    done = back_up(settings, tmp_path / "b", True, False, silent)
    held = files_of(tmp_path / "b")
    assert held["cloak.key"] == b"c" * 32
    assert done.elsewhere == (Path("/etc/ssh/ssh_host_ed25519_key"),)


def test_what_is_there_is_not_replaced_unless_that_is_wanted(made: Path, data: Path) -> None:
    before = made.read_bytes()
    with pytest.raises(KeepingError, match="is there already"):
        back_up(settings_of(data), made, True, False, silent)
    assert made.read_bytes() == before
    back_up(settings_of(data), made, False, True, silent)
    assert made.read_bytes() != before


def test_of_a_damaged_journal_there_is_none(data: Path, tmp_path: Path) -> None:
    spoil(data / JOURNAL, page_of(data / JOURNAL, b'"text":"7"'))
    with pytest.raises(JournalDamaged):
        back_up(settings_of(data), tmp_path / "b", True, False, silent)
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_where_no_server_was_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(KeepingError, match=r"there is no .*journal\.sqlite"):
        back_up(settings_of(tmp_path), tmp_path / "b", True, False, silent)
    assert not list(tmp_path.iterdir())


def test_killed_at_any_step_it_is_whole_or_not_there(data: Path, tmp_path: Path) -> None:
    step, to = 1, tmp_path / "b"

    def act() -> object:
        return back_up(settings_of(data), to, True, False, silent)

    while killed_at(step, tmp_path, act):
        if to.exists():
            assert len(behind.rows(to, "SELECT name FROM backup_file")) == len(KEYS)
            to.unlink()
        step += 1
    assert step > 10
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b"}


def test_on_a_disk_that_is_full_at_any_step_nothing_is_left_of_it(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "to").mkdir()
    step, is_full = 1, True
    while is_full:
        try:
            is_full = full_at(
                step,
                tmp_path / "to",
                lambda: back_up(settings_of(data), tmp_path / "to" / "b", True, False, silent),
            )
        except (KeepingError, JournalUnusable) as error:
            assert "room" in str(error)  # noqa: PT017
            assert not list((tmp_path / "to").iterdir())
            step += 1
    assert step > 10
