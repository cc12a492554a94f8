"""A data directory with a little in it, as a server that was stopped leaves it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hubbub.keeping.backup import KEYS, back_up
from hubbub.server.recovery import JOURNAL
from hubbub.settings import Settings
from tests.journal import behind


def settings_of(directory: Path) -> Settings:
    """Return settings of a server that keeps its data in a directory."""
    return Settings.model_validate({"data_dir": str(directory)})


def silent(_done: int, _whole: int) -> None:
    """Take no notice of how far something is."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data directory with two hundred messages and all keys."""
    directory = tmp_path / "data"
    directory.mkdir(mode=0o700)
    behind.make(directory / JOURNAL)
    for number, name in enumerate(KEYS):
        (directory / name).write_bytes(bytes([65 + number]) * 32)
        (directory / name).chmod(0o600)
    return directory


@pytest.fixture
def made(data: Path, tmp_path: Path) -> Path:
    """Return a backup of that directory."""
    back_up(settings_of(data), tmp_path / "made.backup", True, False, silent)
    return tmp_path / "made.backup"


def content(directory: Path, but: Callable[[str], bool] = lambda name: False) -> dict[str, bytes]:
    """Return the files of a directory that say something, by their names."""
    return {
        path.name: path.read_bytes()
        for path in directory.iterdir()
        if path.is_file() and not path.name.endswith("lock") and not but(path.name)
    }
