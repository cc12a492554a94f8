"""Whether somebody keeps the machine's clock."""

from __future__ import annotations

import pytest

from hubbub.server.checks.finding import Level
from hubbub.server.checks.running.clock import UNSYNCHRONIZED, check_clock, state


@pytest.mark.parametrize(
    ("found", "level"), [(0, Level.OK), (UNSYNCHRONIZED, Level.WARNING), (None, Level.OK)]
)
def test_what_the_kernel_says(found: int | None, level: Level) -> None:
    assert check_clock(found).level == level


def test_this_kernel_says_something() -> None:
    found = state()
    assert found is None or 0 <= found <= UNSYNCHRONIZED
