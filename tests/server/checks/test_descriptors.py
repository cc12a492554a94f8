"""How many connections there is room for."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hubbub.server.checks.descriptors import (
    check_descriptors,
    check_limit,
    check_process,
    none_left,
)
from hubbub.server.checks.finding import Level


@pytest.mark.parametrize(
    ("limit", "in_use", "level"),
    [
        (None, None, Level.OK),
        (65_536, None, Level.OK),
        (1024, None, Level.WARNING),
        (1024, 100, Level.OK),
        (65_536, 50_000, Level.OK),
        (65_536, 60_000, Level.WARNING),
    ],
)
def test_how_many_are_enough(limit: int | None, in_use: int | None, level: Level) -> None:
    assert check_limit(limit, in_use).level == level


def test_none_is_left() -> None:
    assert none_left() is None
    code = (
        "import resource; from hubbub.server.checks.descriptors import none_left\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3)); print(none_left().sentence)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "NONE LEFT" in ran.stdout
    assert "LimitNOFILE" in ran.stdout


def test_this_process_and_others() -> None:
    assert check_descriptors().subject == "descriptors"
    found = check_process(str(os.getpid()))
    assert found is not None
    assert "connections" in found.what or "taken" in found.what or "no limit" in found.what
    assert check_process("0") is None
