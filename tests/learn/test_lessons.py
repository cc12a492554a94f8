"""What the lessons say can be done can be done, and shows what they say it shows."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server
from tests.learn.windows import Windows

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "docs" / "learn"
NUMBERED = sorted(LESSONS.glob("[0-9]*.md"))
PYTHON = {
    "python3 docs": f"{sys.executable} -W error::SyntaxWarning docs",
    ".venv/bin/hubbub": f"{sys.executable} -m hubbub",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve with what `make serve` has, on other ports; return what stands for those here."""
    with Server(
        tmp_path_factory.mktemp("lessons") / "data", HUBBUB_DOORS__SSH='["127.0.0.1:0"]'
    ) as server:
        ssh, tls = server.ports["ssh"], server.ports["tls"]
        yield {
            "$ make serve": "$ echo ready",
            "07_ssh.py": f"07_ssh.py {ssh}",
            "2222": str(ssh),
            "6697": str(tls),
        }


@pytest.mark.parametrize("page", NUMBERED, ids=lambda page: page.stem)
def test_a_lesson_shows_what_it_says(page: Path, served: dict[str, str]) -> None:
    with Windows(ROOT, {**PYTHON, **served}) as windows:
        commands = windows.act_out(page.read_text(encoding="utf-8"))
    assert commands > 0 or page.stem == "10_cloud"


def test_a_window_that_shows_something_else_is_noticed() -> None:
    with Windows(ROOT, {}) as windows, pytest.raises(pytest.fail.Exception, match="showed only"):
        windows.act_out("```console\n$ echo one\ntwo\n```\n")


@pytest.mark.parametrize("program", sorted(LESSONS.glob("*.py")), ids=lambda path: path.stem)
def test_a_program_has_at_most_a_hundred_lines(program: Path) -> None:
    assert len(program.read_text(encoding="utf-8").splitlines()) <= 100


@pytest.mark.parametrize("page", NUMBERED, ids=lambda page: page.stem)
def test_a_lesson_tells_what_is_wrong_and_where_it_is_right(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if page.stem == "10_cloud":
        assert "(../operating.md)" in text
        return
    assert f"({page.stem}.py)" in text
    assert "## Try it" in text
    assert "## What is wrong with it" in text
    assert re.search(r"## Where Hubbub does it\n.*?\(../../src/hubbub/", text, re.S)


def test_the_lessons_are_all_on_the_first_page() -> None:
    first = (LESSONS / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in NUMBERED if f"({page.name})" not in first] == []
    assert len(NUMBERED) == 10
