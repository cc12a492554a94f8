"""All that is kept is looked through, and put right where it can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.core import snapshot
from hubbub.core.world.world import World
from hubbub.journal.port import JournalUnusable
from hubbub.keeping.errors import KeepingError
from hubbub.keeping.examining import examine, examine_file, repair
from hubbub.server.data_directory import DataDirectory
from hubbub.server.recovery import JOURNAL
from hubbub.settings import SettingsError
from tests.journal import behind
from tests.journal.damage import page_of, spoil
from tests.keeping.conftest import content, silent
from tests.keeping.steps import full_at, killed_at

COUNT = "SELECT count(*) FROM record"


def put(data: Path, seq: int, held: bytes) -> None:
    behind.change(data / JOURNAL, "INSERT INTO snapshot VALUES (?, ?)", seq, held)


def what(data: Path) -> list[str]:
    return [fault.what for fault in examine(data, silent)]


def test_of_what_is_whole_there_is_nothing_to_say(data: Path, made: Path) -> None:
    assert examine(data, silent) == []
    assert examine_file(made, silent) == []


def test_a_snapshot_that_is_not_what_the_records_make_is_found(data: Path) -> None:
    world = World()
    world.most_users = 7
    put(data, 201, snapshot.encode(world))
    assert what(data) == ["the snapshot of record 201 is not what the records before it make"]


def test_a_snapshot_that_cannot_be_read_is_found(data: Path) -> None:
    put(data, 100, b"noise")
    assert "the snapshot of record 100 cannot be used" in what(data)[0]


def test_records_that_make_no_world_are_found(data: Path) -> None:
    behind.change(
        data / JOURNAL, "UPDATE record SET data = '[\"rules\",[[1,2,0],0],99]', state = 1"
    )
    assert any(
        "does not come of the records" in each or "are marked" in each for each in what(data)
    )


@pytest.fixture
def damaged(data: Path) -> Path:
    spoil(data / JOURNAL, page_of(data / JOURNAL, b'"text":"150"'))
    return data


def test_it_is_put_right_and_the_damaged_one_is_kept(damaged: Path) -> None:
    before = (damaged / JOURNAL).read_bytes()
    done = repair(damaged, silent)
    assert examine(damaged, silent) == []
    assert done.kept.read_bytes() == before
    assert done.rebuilt.records == 201 - len(done.rebuilt.lost)
    assert (damaged / JOURNAL).stat().st_mode & 0o777 == 0o600


def test_where_too_much_is_lost_nothing_is_changed(damaged: Path) -> None:
    put(damaged, 100, b"noise")
    put(damaged, 150, b"noise")
    before = content(damaged)
    with pytest.raises(KeepingError, match="restore a backup"):
        repair(damaged, silent)
    assert content(damaged) == before


def test_beside_a_server_nothing_is_changed(damaged: Path) -> None:
    with DataDirectory(damaged), pytest.raises(SettingsError, match="in use"):
        repair(damaged, silent)


def test_killed_at_any_step_there_is_a_journal(damaged: Path, tmp_path: Path) -> None:
    before = (damaged / JOURNAL).read_bytes()
    step = 1
    while killed_at(step, tmp_path, lambda: repair(damaged, silent)):
        if (damaged / JOURNAL).read_bytes() != before:
            assert examine(damaged, silent) == []
            (damaged / JOURNAL).write_bytes(before)
        step += 7
    assert step > 30


def test_on_a_disk_that_is_full_at_any_step_all_is_as_it_was(damaged: Path) -> None:
    before = content(damaged)
    step, is_full = 1, True
    while is_full:
        try:
            is_full = full_at(step, damaged, lambda: repair(damaged, silent))
        except (KeepingError, JournalUnusable, SettingsError) as error:
            assert "room" in str(error) or "No space" in str(error)  # noqa: PT017
            assert content(damaged) == before
            step += 7
    assert step > 30
