"""The reference says what the code says."""

from __future__ import annotations

import pytest

from hubbub.core.dispatch import COMMANDS
from hubbub.irc import modes
from hubbub.irc.capabilities import CAPABILITIES
from tools.reference import PAGES, REFERENCE


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_current(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_everything_is_there() -> None:
    assert all(f"| `{name}` |" in PAGES["commands.md"]() for name in COMMANDS)
    assert all(f"| `{name}` |" in PAGES["capabilities.md"]() for name in CAPABILITIES)


def test_every_mode_has_a_meaning() -> None:
    assert set(modes.CHANNEL_MEANINGS) == set(modes.CHANNEL_LETTERS)
    assert set(modes.USER_MEANINGS) == set(modes.USER_MODES)
