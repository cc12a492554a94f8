"""The model's tables in their page are those that the model gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.bench.scale.__main__ import main
from hubbub.bench.scale.costs import Costs
from hubbub.bench.scale.page import BEGIN, END, put_into, tables

PAGE = Path(__file__).parents[3] / "docs" / "topics" / "scale.md"


def test_the_page_has_what_the_model_says() -> None:
    page = PAGE.read_text("utf-8")
    assert put_into(page, tables(Costs())) == page, (
        "run: python -m hubbub.bench.scale docs/topics/scale.md"
    )


def test_only_what_stands_between_the_marks_changes() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert put_into(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    with pytest.raises(ValueError, match="unpack"):
        put_into("no marks", "new")


def test_it_is_printed_where_no_page_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "a node's Python loop" in capsys.readouterr().out
