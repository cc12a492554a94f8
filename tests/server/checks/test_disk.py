"""How much room there is, and when that is too little."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.server.checks.disk import check_disk, check_room
from hubbub.server.checks.finding import Level


@pytest.mark.parametrize(
    ("free", "level", "said"),
    [
        (3_200_000_000, Level.OK, "3.2 GB free of 20.0 GB"),
        (999_999_999, Level.WARNING, "only 1000.0 MB free"),
        (3_999_999, Level.ERROR, "FULL: 4.0 MB free"),
        (0, Level.ERROR, "FULL: 0 B free"),
    ],
)
def test_how_much_is_enough(free: int, level: Level, said: str) -> None:
    found = check_room(free, 20_000_000_000)
    assert found.level == level
    assert found.what.startswith(said)
    # A disk may be emptied: a start is tried again.
    assert found.passes == (level == Level.ERROR)


def test_of_a_directory_that_is_to_be_made_the_disk_counts_that_it_will_be_on(
    tmp_path: Path,
) -> None:
    there = check_disk(tmp_path).what.partition(" free of ")[2]
    assert check_disk(tmp_path / "not" / "yet").what.partition(" free of ")[2] == there
