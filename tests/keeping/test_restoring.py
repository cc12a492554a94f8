"""A data directory is made of a backup, and nothing that was there is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from hubbub.journal.database.copying import put_files
from hubbub.journal.port import JournalUnusable
from hubbub.keeping.backup import KEYS, back_up
from hubbub.keeping.errors import KeepingError
from hubbub.keeping.restoring import restore
from hubbub.server.data_directory import DataDirectory
from hubbub.server.files import RESTORING
from hubbub.server.identity import Identity
from hubbub.server.recovery import JOURNAL
from hubbub.settings import SettingsError
from tests.journal import behind
from tests.journal.damage import page_of, spoil
from tests.keeping.conftest import content, settings_of, silent
from tests.keeping.steps import full_at, killed_at

COUNT = "SELECT count(*) FROM record"


def is_whole(directory: Path, keys: dict[str, bytes]) -> bool:
    """Say whether all of a backup is in its place."""
    found = content(directory, lambda name: name not in KEYS)
    return found == keys and behind.rows(directory / JOURNAL, COUNT) == [(201,)]


@pytest.fixture
def keys(data: Path) -> dict[str, bytes]:
    return content(data, lambda name: name not in KEYS)


def test_all_is_as_it_was(made: Path, tmp_path: Path, keys: dict[str, bytes]) -> None:
    done = restore(made, tmp_path / "new", False, silent)
    assert (done.files, done.aside, done.without) == ((*KEYS, JOURNAL), None, ())
    assert is_whole(tmp_path / "new", keys)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_the_journal_holds_no_key(made: Path, tmp_path: Path, keys: dict[str, bytes]) -> None:
    restore(made, tmp_path / "new", False, silent)
    held = (tmp_path / "new" / JOURNAL).read_bytes()
    assert not [name for name, key in keys.items() if key in held]


def test_what_is_not_in_it_is_named(data: Path, tmp_path: Path) -> None:
    back_up(settings_of(data), tmp_path / "b", False, False, silent)
    assert restore(tmp_path / "b", tmp_path / "new", False, silent).without == KEYS


def test_a_directory_in_use_is_refused(made: Path, data: Path) -> None:
    before = content(data)
    with DataDirectory(data), pytest.raises(SettingsError, match="in use by another server"):
        restore(made, data, True, silent)
    assert content(data) == before


def test_what_is_there_is_moved_aside_and_only_where_that_is_wanted(
    made: Path, data: Path, keys: dict[str, bytes]
) -> None:
    (data / "cloak.key").write_bytes(b"another")
    before = content(data)
    with pytest.raises(KeepingError, match=r"is not empty .*--replace"):
        restore(made, data, False, silent)
    assert content(data) == before
    done = restore(made, data, True, silent)
    assert done.aside is not None
    assert content(done.aside) == before
    assert is_whole(data, keys)


def test_files_belong_to_whom_the_directory_belongs(made: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    (tmp_path / "new").mkdir()
    os.chown(tmp_path / "new", 12345, 12345)
    restore(made, tmp_path / "new", False, silent)
    names = (*KEYS, JOURNAL)
    assert {(tmp_path / "new" / name).stat().st_uid for name in names} == {12345}


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9000])


def damaged(path: Path) -> None:
    spoil(path, page_of(path, b'"text":"7"'))


def no_database(path: Path) -> None:
    path.write_bytes(b"hello" * 5000)


def another_programs(path: Path) -> None:
    behind.change(path, "PRAGMA application_id = 7")


def newer(path: Path) -> None:
    behind.change(path, "PRAGMA user_version = 999")


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (cut_short, r"corrupt|damaged"),
        (damaged, "damaged"),
        (no_database, "not a database"),
        (another_programs, "another program's"),
        (newer, "newer hubbub"),
        (Path.unlink, "there is no file"),
    ],
)
def test_what_cannot_be_restored_changes_nothing(
    made: Path, data: Path, spoiled: Callable[[Path], None], why: str
) -> None:
    spoiled(made)
    before = content(data)
    with pytest.raises((KeepingError, JournalUnusable), match=why):
        restore(made, data, True, silent)
    assert content(data) == before
    assert not (data / RESTORING).exists()


@pytest.mark.parametrize("name", ["../evil", ".ssh", "a/b"])
def test_no_name_in_a_backup_leads_out_of_the_directory(
    data: Path, tmp_path: Path, name: str
) -> None:
    back_up(settings_of(data), tmp_path / "b", False, False, silent)
    behind.change(tmp_path / "b", "DROP TABLE backup_file")
    put_files(tmp_path / "b", {name: b"x"})
    with pytest.raises(JournalUnusable, match="which is no name"):
        restore(tmp_path / "b", tmp_path / "new", False, silent)
    assert not (tmp_path / "evil").exists()


def test_killed_at_any_step_no_server_starts_with_half_and_it_can_be_done_again(
    made: Path, data: Path, tmp_path: Path, keys: dict[str, bytes]
) -> None:
    before = content(data)
    step = 1
    while killed_at(step, tmp_path, lambda: restore(made, data, True, silent)):
        if (data / JOURNAL).exists():
            # What was there before, or all that is restored, and nothing between.
            aside = [*data.glob("before-restore-*")]
            assert is_whole(data, keys) if aside else content(data) == before
        else:
            with pytest.raises(SettingsError, match="run `hubbub restore` again"):
                Identity(settings_of(data)).check_journal(data / JOURNAL)
        for left in data.glob("before-restore-*"):
            for path in left.iterdir():
                path.rename(data / path.name)
            left.rmdir()
        step += 1
    assert step > 20
    assert is_whole(data, keys)
    assert not (data / RESTORING).exists()


def test_on_a_disk_that_is_full_at_any_step_nothing_has_changed(
    made: Path, data: Path, keys: dict[str, bytes]
) -> None:
    before = content(data)
    step, is_full = 1, True
    while is_full:
        try:
            is_full = full_at(step, data, lambda: restore(made, data, True, silent))
        except (KeepingError, JournalUnusable, SettingsError, apsw.Error) as error:
            assert "room" in str(error) or "No space" in str(error)  # noqa: PT017
            assert content(data) == before
            assert not (data / RESTORING).exists()
            step += 1
    assert step > 20
    assert is_whole(data, keys)
