"""Who may read secrets, and whether the server may."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hubbub.server.checks.finding import Level
from hubbub.server.checks.permissions import check_permissions


@pytest.fixture
def data(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    directory.mkdir(mode=0o700)
    (directory / "cloak.key").touch(0o600)
    return directory


def told(data: Path, *shared: Path) -> list[tuple[Level, str]]:
    found = check_permissions(data, [data / "cloak.key", data / "gone.key"], shared)
    return [(each.level, each.sentence) for each in found]


def test_all_is_well(data: Path) -> None:
    assert told(data) == [(Level.OK, f"only the server's user can read {data}")]


def test_what_belongs_to_the_server_alone(data: Path) -> None:
    data.chmod(0o750)
    (data / "cloak.key").chmod(0o644)
    assert told(data) == [
        (Level.WARNING, f"others may read {data}; chmod 0700 it"),
        (Level.WARNING, f"others may read {data / 'cloak.key'}; chmod 0600 it"),
    ]


def test_a_secret_that_root_keeps_may_be_shared_with_the_servers_group(
    data: Path, tmp_path: Path
) -> None:
    key = tmp_path / "privkey.pem"
    key.touch()
    key.chmod(0o640)
    assert told(data, key)[0][0] == Level.OK
    key.chmod(0o644)
    [(level, sentence)] = told(data, key)
    assert level == Level.WARNING
    assert "chmod 0640" in sentence


def test_what_the_server_cannot_use(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    levels = {level for level, _ in told(data, data / "cloak.key")}
    assert levels == {Level.ERROR}
    [(level, sentence)] = told(data.parent / "other")
    assert level == Level.ERROR
    assert "make it, mode 0700" in sentence


def test_a_directory_that_is_to_be_made(data: Path) -> None:
    [(level, sentence)] = told(data.parent / "other")
    assert level == Level.OK
    assert "will be made" in sentence
