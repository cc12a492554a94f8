"""All that is looked at before a start."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.server.checks.finding import Level
from hubbub.server.checks.installation import check_installation
from hubbub.settings import Address, DoorSettings, Settings
from tests.others import let_others_come_to


def test_a_new_installation_is_looked_at_and_left_as_it_is(tmp_path: Path) -> None:
    doors = DoorSettings(tls=(Address("127.0.0.1", 0),), plain=(), ssh=())
    settings = Settings(data_dir=tmp_path / "data", doors=doors)
    found = list(check_installation(settings, time.time()))
    subjects = {each.subject for each in found}
    expected = "server permissions keys disk descriptors mail proxies"
    assert subjects == {*expected.split(), "door tls"}
    assert all(each.level < Level.ERROR for each in found)
    assert not settings.data_dir.exists()


def found_in(directory: Path, **others: Path) -> dict[Level, list[str]]:
    """Return what is found of an installation with these files, by how grave it is."""
    doors = DoorSettings(tls=(Address("127.0.0.1", 0),), plain=(), ssh=(Address("127.0.0.1", 0),))
    settings = Settings.model_validate({"data_dir": directory, "doors": doors, **others})
    found: dict[Level, list[str]] = {}
    for each in check_installation(settings, time.time()):
        found.setdefault(each.level, []).append(each.sentence)
    return found


@pytest.fixture
def as_nobody(theirs: Path) -> Iterator[Path]:
    """Be another user, who has no rights anywhere, and return what is not theirs."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    os.setresuid(65534, 65534, 0)
    try:
        yield theirs
    finally:
        os.setresuid(0, 0, 0)


def test_a_name_that_no_disk_takes_is_told_of(tmp_path: Path) -> None:
    (told,) = found_in(tmp_path / ("x" * 300))[Level.ERROR]
    assert "cannot be looked at: File name too long; run this as" in told


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Return the data directory of another user, whom everybody can come to."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    for name in ("cloak.key", "journal.sqlite", "certificate.pem", "key.pem"):
        (data / name).touch(0o600)
    let_others_come_to(data)
    return data


def test_of_somebody_elses_server_it_is_said_who_may_look(as_nobody: Path) -> None:
    # `hubbub check` and `hubbub doctor` ended in a traceback.
    (told,) = found_in(as_nobody)[Level.ERROR]
    assert told.startswith(
        f"{as_nobody} belongs to user 0, and this one (user 65534) cannot use it;"
    )
    (told,) = found_in(as_nobody / "below")[Level.ERROR]
    assert told.startswith(f"{as_nobody}/below cannot be looked at: Permission denied; run this as")


def test_a_key_that_is_kept_out_of_reach_is_told_of(as_nobody: Path, tmp_path: Path) -> None:
    told = found_in(tmp_path, cloak_key_file=as_nobody / "cloak.key")[Level.ERROR]
    assert any(f"cannot read {as_nobody}/cloak.key; give it to" in each for each in told)
