"""What stands at the bottom of a terminal: rows, and the cursor always among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.graphemes import split, width
from hubbub.ui.drawing.layout import Block, Header, Row, Size, lay_out, rows_reflowed
from hubbub.ui.editing.editor import Editor
from hubbub.ui.editing.key_decoder import Press, Text
from tests.ui.drawing.harness import rows_of


def typed(text: str, *keys: str, masked: bool = False) -> Editor:
    editor = Editor(lambda before: (before[-1:], ["bob: ", "bobby: "]), masked=masked)
    editor.press(Text(text))
    for key in keys:
        editor.press(Press(key))
    return editor


def texts(block: Block) -> list[str]:
    return [text_of(row) for row in block.rows]


def text_of(row: Row) -> str:
    return "".join(cell[0] for cell in row)


def test_a_terminal_without_a_size_is_of_the_usual_one_and_none_is_beyond_bounds() -> None:
    assert Size(0, 0) == Size(80, 24)
    assert Size(1, 1) == Size(4, 2)
    assert Size(9999, 9999) == Size(1000, 1000)


def test_the_status_stands_above_the_prompt_and_what_waits_above_that() -> None:
    block = lay_out(typed("hi"), Size(20, 10), "#c> ", Header(("… waits",), " #c │ ann "))
    assert texts(block) == ["… waits", " #c │ ann ", "#c> hi"]
    assert (block.row, block.column) == (2, 6)


def test_where_there_is_little_room_the_prompt_has_it() -> None:
    block = lay_out(typed("hi"), Size(20, 2), "#c> ", Header(("… waits",), " #c │ ann "))
    assert texts(block) == [" #c │ ann ", "#c> hi"]
    long = lay_out(typed("x" * 500), Size(10, 2), "", Header((), "status"))
    assert len(long.rows) == 2


@given(
    st.lists(st.sampled_from([*"ab é日\n", "e\u0301"]), max_size=60),
    st.integers(0, 70),
    st.integers(4, 30),
)
def test_rows_are_broken_as_one_would_break_them_by_hand(
    graphemes: list[str], left: int, columns: int
) -> None:
    editor = typed("".join(graphemes), *["left"] * left)
    block = lay_out(editor, Size(columns, 1000), "> ")
    shown = "> " + editor.text
    rows, row, column = rows_of(shown, len(split("> " + editor.buffer.before)), columns)
    # The cursor may stand where no character does yet.
    rows += [""] * (row - len(rows) + 1)
    assert ([each.rstrip() for each in texts(block)], block.row, block.column) == (
        [each.rstrip() for each in rows], row, column,
    )  # fmt: skip


@given(st.text(max_size=400), st.integers(0, 20), st.integers(4, 40), st.integers(2, 12))
def test_no_row_is_wider_and_no_block_higher_than_the_terminal(
    text: str, left: int, columns: int, rows: int
) -> None:
    editor = typed(text, *["left"] * left)
    block = lay_out(editor, Size(columns, rows), "#c> ", Header(("one", "two"), "status"))
    assert len(block.rows) <= rows
    assert all(width(text_of(row)) <= columns for row in block.rows)
    assert 0 <= block.row < len(block.rows)
    assert block.column < columns


def test_a_password_is_stars() -> None:
    assert texts(lay_out(typed("sésame", masked=True), Size(), "Password: ")) == [
        "Password: ******"
    ]


def test_what_is_searched_for_stands_before_what_was_found() -> None:
    editor = typed("make test", "enter", "c-r")
    editor.press(Text("make"))
    assert texts(lay_out(editor, Size(), "#c> ")) == ["(search) make: make test"]
    editor.press(Text("!"))
    assert texts(lay_out(editor, Size(), "#c> "))[0].startswith("(nothing found) make!: ")


def test_the_words_on_offer_begin_at_the_chosen_one() -> None:
    editor = typed("b", "tab", "tab")
    (offered, _) = texts(lay_out(editor, Size(20, 10), "#c> "))
    assert offered.split() == ["bob:", "bobby:"]
    offered, *_ = texts(lay_out(editor, Size(6, 10), "#c> "))
    assert width(offered) <= 5


@pytest.mark.parametrize(
    ("above", "column", "columns", "rows"),
    [([], 0, 10, 0), ([5], 0, 10, 1), ([25, 0], 0, 10, 4), ([10], 25, 10, 3)],
)
def test_rows_of_a_wider_terminal_take_more_of_a_narrower_one(
    above: list[int], column: int, columns: int, rows: int
) -> None:
    assert rows_reflowed(above, column, columns) == rows
