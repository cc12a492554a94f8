"""Each word of the glossary is in the code where the glossary says, and has one meaning."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(
    r"^\| (?P<word>[^|]+) \| [^|]+ \| \[`(?P<name>\w+)`\]\((?P<path>[^)]+)\) \|$", re.M
)
ROWS = [match.groups() for match in ROW.finditer((DOCS / "glossary.md").read_text("utf-8"))]


def defined(path: Path) -> set[str]:
    """Return the names that a module gives to classes, functions and values."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            found |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return found


def test_every_row_is_read_and_no_word_stands_twice() -> None:
    text = (DOCS / "glossary.md").read_text("utf-8")
    assert len(ROWS) == len(re.findall(r"\]\(\.\./(src|tests)/", text)) > 50
    words = [word for word, _, _ in ROWS]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(("word", "name", "path"), ROWS)
def test_the_word_is_in_the_code(word: str, name: str, path: str) -> None:
    assert name in defined(DOCS / path)
