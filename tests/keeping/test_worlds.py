"""The World that a journal makes, read from its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.core import snapshot
from hubbub.core.world.world import World
from hubbub.keeping.errors import KeepingError
from hubbub.keeping.worlds import world_of
from hubbub.server.recovery import JOURNAL
from tests.journal import behind


def test_it_is_what_the_records_after_the_snapshot_make(data: Path) -> None:
    assert list(world_of(data / JOURNAL).kept) == ["#a"]
    world = World()
    world.most_users = 7
    held = snapshot.encode(world)
    behind.change(data / JOURNAL, "INSERT INTO snapshot VALUES (?, ?)", 100, held)
    world = world_of(data / JOURNAL)
    assert (world.most_users, list(world.kept)) == (7, ["#a"])


def test_what_cannot_be_read_is_named(data: Path) -> None:
    behind.change(data / JOURNAL, "INSERT INTO snapshot VALUES (?, ?)", 100, b"noise")
    with pytest.raises(KeepingError, match="the World does not come of it"):
        world_of(data / JOURNAL)
