"""How the programs end: what the manual tells scripts is what they get."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hubbub.ui.exit_code import ExitCode

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["reference/client-commands.md", "how-to/ssh.md"])
def test_each_code_that_a_page_tells_of_is_one(page: str) -> None:
    _, table = re.split(r"exit codes?\b", (DOCS / page).read_text(), maxsplit=1, flags=re.I)
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    # ssh itself ends with 255.
    assert told - {255} <= set(ExitCode)
    assert {ExitCode.DONE, ExitCode.USAGE, ExitCode.NOT_CONFIRMED, ExitCode.INTERRUPTED} <= told


def test_a_shell_takes_only_what_is_done_for_success() -> None:
    assert [code for code in ExitCode if not code] == [ExitCode.DONE]
    assert all(0 < code < 256 for code in ExitCode if code)
