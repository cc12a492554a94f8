"""What many sessions show is painted once, for each width and depth."""

from __future__ import annotations

from hubbub.client.timeline.transcript import Fragment, Line
from hubbub.ui.drawing import row_cache
from hubbub.ui.drawing.row_cache import Painter
from hubbub.ui.drawing.theme import Depth


def line(text: str) -> Line:
    return (Fragment(text),)


def test_the_same_line_is_painted_once_for_each_width_and_depth() -> None:
    painter = Painter()
    said = line("one two three four")
    wide = painter.rows([said], 80, Depth.MANY)
    assert painter.rows([said], 80, Depth.MANY) is not None
    assert wide == "one two three four\r\n"
    assert painter.rows([said], 10, Depth.MANY).count("\r\n") > 1
    assert len(painter._known) == 2


def test_another_line_in_the_place_of_one_that_is_gone_is_painted_anew() -> None:
    painter = Painter()
    for number in range(row_cache.REMEMBERED * 3):
        assert painter.rows([line(str(number))], 80, Depth.PLAIN) == f"{number}\r\n"
    assert len(painter._known) <= row_cache.REMEMBERED
