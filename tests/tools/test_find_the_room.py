"""The page for newcomers asks of each change where it belongs, and answers with a file there is."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_each_change_has_one_answer_that_is_there() -> None:
    text = (DOCS / "learn" / "find-the-room.md").read_text(encoding="utf-8")
    asked, answered = text.split("## Answers")
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", asked, re.M)]
    rows = re.findall(r"^\| (\d+) \| \[`(src/[^`]+)`\]\(\.\./\.\./([^)]+)\)", answered, re.M)
    assert numbers == [int(number) for number, _, _ in rows] == list(range(1, 21))
    assert all(path == link and (DOCS.parent / path).exists() for _, path, link in rows)
