"""How old a backup may be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hubbub.server.checks.backup import MARK, check_backup
from hubbub.server.checks.finding import Level

NOW = 1_800_000_000.0
HOUR = 3600


@pytest.mark.parametrize(
    ("hours", "level", "said"),
    [
        (0, Level.OK, "made 0 h ago"),
        (-5, Level.OK, "made 0 h ago"),
        (71, Level.OK, "made 71 h ago"),
        (72, Level.WARNING, "the newest was made 3 days ago"),
        (500, Level.WARNING, "the newest was made 20 days ago"),
    ],
)
def test_how_old_is_too_old(tmp_path: Path, hours: int, level: Level, said: str) -> None:
    (tmp_path / MARK).touch()
    os.utime(tmp_path / MARK, (0, NOW - hours * HOUR))
    found = check_backup(tmp_path, NOW)
    assert found is not None
    assert found.level == level
    assert found.what.startswith(said)


def test_where_none_was_made_by_us_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert check_backup(tmp_path, NOW) is None
