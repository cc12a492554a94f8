"""What is thrown at a server has every command in it."""

from __future__ import annotations

from hubbub.core.dispatch import COMMANDS
from tests.fuzz.corpus import likely, verb


def test_every_command_is_tried() -> None:
    assert set(COMMANDS) <= {verb(line) for line in likely("#a", "ann")}
