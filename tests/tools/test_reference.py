"""The reference says what the code says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import hubbub
from hubbub.core.dispatch import COMMANDS
from hubbub.irc import modes
from hubbub.irc.capabilities import CAPABILITIES
from tools.failures import FAILURES
from tools.reference import PAGES, REFERENCE

SOURCES = Path(hubbub.__file__).parent
NOTES = {
    "ACCESS_SET",
    "END_OF_ACCESS",
    "END_OF_LIST",
    "PAST_OPENED",
    "RETENTION_SET",
    "VERIFICATION_REQUIRED",
}
"""Codes of answers that are no failures."""


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_current(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_everything_is_there() -> None:
    assert all(f"| `{name}` |" in PAGES["commands.md"]() for name in COMMANDS)
    assert all(f"| `{name}` |" in PAGES["capabilities.md"]() for name in CAPABILITIES)


def test_every_mode_has_a_meaning() -> None:
    assert set(modes.CHANNEL_MEANINGS) == set(modes.CHANNEL_LETTERS)
    assert set(modes.USER_MEANINGS) == set(modes.USER_MODES)


def codes(path: Path) -> set[str]:
    """Return what looks like the code of a standard reply in a file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        values: list[ast.expr] = [node] if isinstance(node, ast.expr) else []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            values = node.args[:1] if node.func.attr == "fail" else []
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                text = value.value
                if re.fullmatch("[A-Z]+(_[A-Z0-9]+)+", text) or value is not node:
                    found.add(text)
    return found


def test_every_failure_has_a_meaning() -> None:
    paths = [*SOURCES.glob("core/**/*.py"), *SOURCES.glob("node/**/*.py")]
    assert set().union(*map(codes, paths)) - NOTES == set(FAILURES)
