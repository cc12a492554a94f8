"""How many connections there is room for."""

from __future__ import annotations

import os

import pytest

from hubbub.server.checks.descriptors import check_descriptors, check_limit, check_process
from hubbub.server.checks.finding import Level


@pytest.mark.parametrize(
    ("limit", "in_use", "level"),
    [
        (None, None, Level.OK),
        (65_536, None, Level.OK),
        (1024, None, Level.WARNING),
        (65_536, 50_000, Level.OK),
        (65_536, 60_000, Level.WARNING),
    ],
)
def test_how_many_are_enough(limit: int | None, in_use: int | None, level: Level) -> None:
    assert check_limit(limit, in_use).level == level


def test_this_process_and_others() -> None:
    assert check_descriptors().subject == "descriptors"
    found = check_process(str(os.getpid()))
    assert found is not None
    assert "connections" in found.what or "taken" in found.what or "no limit" in found.what
    assert check_process("0") is None
