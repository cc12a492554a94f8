"""What is said above the prompt: it waits while the terminal takes nothing, but not without end."""

from __future__ import annotations

import pytest

from hubbub.client.timeline.transcript import Fragment, Line
from hubbub.ui.drawing.above_prompt import WAITING, Above
from hubbub.ui.drawing.layout import Size
from hubbub.ui.drawing.row_cache import Painter
from hubbub.ui.drawing.theme import Depth

SIZE = Size(20, 3)


def line(text: str) -> Line:
    return (Fragment(text),)


@pytest.fixture
def above() -> Above:
    return Above(Painter(), SIZE.columns)


def test_what_waits_is_taken_once_in_its_order(above: Above) -> None:
    assert not above
    above.add([line("one")])
    above.tell("two\nthree")
    above.tell("")
    assert above
    assert above.take(SIZE, Depth.PLAIN) == "one\r\ntwo\r\nthree\r\n"
    assert not above
    assert above.take(SIZE, Depth.PLAIN) == ""


def test_of_more_than_may_wait_the_newest_are_kept_and_that_is_said_once(above: Above) -> None:
    for start in (0, WAITING):
        above.add(line(str(number)) for number in range(start, start + WAITING))
        above.hold()
    rows = above.take(SIZE, Depth.PLAIN).split("\r\n")
    assert rows[0] == f"──── {WAITING} lines were left out: this terminal took none ────"
    assert rows[1] == str(WAITING)
    assert len(rows) == WAITING + 2
    above.tell("x")
    assert above.take(SIZE, Depth.PLAIN) == "x\r\n"


def test_fewer_may_wait_for_as_long_as_it_takes(above: Above) -> None:
    above.add([line("one")])
    above.hold()
    assert above.take(SIZE, Depth.PLAIN) == "one\r\n"


def test_a_screen_full_is_painted_anew_for_a_narrower_terminal_only(above: Above) -> None:
    above.add(line(f"{word} and more") for word in ("one", "two", "three", "four"))
    above.take(SIZE, Depth.PLAIN)
    assert above.narrowed(Size(30, 3), Depth.NO_COLOURS) == []
    painted = above.narrowed(Size(10, 3), Depth.NO_COLOURS)
    assert painted == ["two and\r\n  more\r\n", "three and\r\n  more\r\n", "four and\r\n  more\r\n"]
    assert above.narrowed(Size(10, 3), Depth.NO_COLOURS) == []


def test_what_the_screen_was_cleared_of_does_not_come_back(above: Above) -> None:
    above.add([line("one")])
    above.take(SIZE, Depth.PLAIN)
    above.clear()
    assert above.narrowed(Size(10, 3), Depth.PLAIN) == []
