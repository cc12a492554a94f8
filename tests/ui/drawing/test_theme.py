"""How safe text looks: no more colours than a terminal has, and no sequence but ours."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.events import ChatMessage, Speech
from hubbub.client.timeline.transcript import Fragment, Role, Transcript
from hubbub.irc.text import Style
from hubbub.ui.drawing.theme import (
    Depth,
    depth_of,
    moves_cursor,
    paint,
    paint_rows,
    printable,
    styled,
)
from tests.ui.drawing.harness import check_safe


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color"}, Depth.MANY),
        ({"TERM": "xterm"}, Depth.MANY),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-direct"}, Depth.TRUE),
        ({"TERM": "linux"}, Depth.SIXTEEN),
        ({"TERM": "vt220"}, Depth.NO_COLOURS),
        ({"TERM": "dumb"}, Depth.NO_COLOURS),
        ({}, Depth.NO_COLOURS),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NO_COLOURS),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Depth.MANY),
    ],
)
def test_the_terminal_says_how_many_colours_it_has(
    environment: dict[str, str], depth: Depth
) -> None:
    assert depth_of(environment) is depth


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (Depth.TRUE, "\x1b[1;38;2;71;0;0mred\x1b[m \x1b[31mno\x1b[m"),
        (Depth.MANY, "\x1b[1;38;5;52mred\x1b[m \x1b[31mno\x1b[m"),
        (Depth.SIXTEEN, "\x1b[1;31mred\x1b[m \x1b[31mno\x1b[m"),
        (Depth.NO_COLOURS, "\x1b[1mred\x1b[m no"),
        (Depth.PLAIN, "red no"),
    ],
)
def test_colours_are_what_the_terminal_can_show(depth: Depth, expected: str) -> None:
    said = ChatMessage("#c", "bob", "\x02\x0316red", Speech.MESSAGE, 60.0)
    red = Transcript(UTC, times=False).draw(said)[0][-1]
    assert paint((red, Fragment(" "), Fragment("no", Role.ERROR)), depth) == expected


@pytest.mark.parametrize(
    ("term", "moves"),
    [
        ("dumb", False),
        ("", False),
        ("tty33", False),
        ("network", False),
        ("unknown", False),
        ("xterm", True),
        ("vt100", True),
        ("linux", True),
        ("something-new", True),
    ],
)
def test_a_terminal_moves_its_cursor_unless_it_says_that_it_cannot(term: str, moves: bool) -> None:
    assert moves_cursor({"TERM": term.upper()}) is moves


@pytest.mark.parametrize(
    ("style", "codes"),
    [
        (Style(bold=True, italic=True), "1;3"),
        (Style(underline=True, strike=True, reverse=True), "4;9;7"),
        (Style(foreground="white"), ""),
        (Style(foreground="white", background="black"), "97;40"),
        (Style(background="red"), "101"),
        (Style(foreground="#ff8700"), "38;5;208"),
    ],
)
def test_a_writers_style_is_shown_but_for_what_nobody_could_read(style: Style, codes: str) -> None:
    painted = paint((Fragment("x", style=style),), Depth.MANY)
    assert painted == (f"\x1b[{codes}mx\x1b[m" if codes else "x")


def test_rows_are_broken_for_a_width_and_in_plain_left_to_the_terminal() -> None:
    line = (Fragment("one two three"),)
    assert paint_rows([line], 10, Depth.NO_COLOURS) == "one two\r\n  three\r\n"
    assert paint_rows([line], 10, Depth.PLAIN) == "one two three\r\n"


def test_nothing_and_nothing_special_get_no_sequence() -> None:
    assert styled("", "1", Depth.TRUE) == ""
    assert styled("x", "", Depth.TRUE) == "x"
    assert styled("x", "31", Depth.NO_COLOURS) == "x"
    assert styled("x", "31;1", Depth.NO_COLOURS) == "\x1b[1mx\x1b[m"


COLOURS = st.sampled_from(["", "red", "black", "#000000", "#123456", "#ffffff"])
STYLES = st.builds(Style, st.booleans(), foreground=COLOURS, background=COLOURS)


@given(st.text(), STYLES, st.sampled_from(Depth), st.sampled_from(Role))
def test_whatever_is_painted_only_our_own_sequences_come_out(
    text: str, style: Style, depth: Depth, role: Role
) -> None:
    line = (Fragment(text, role, style),)
    painted = paint(line, depth)
    check_safe(painted)
    if depth is Depth.PLAIN:
        assert "\x1b" not in painted


@given(st.text())
def test_a_safe_text_is_printed_as_it_is_and_safe_stays_safe(text: str) -> None:
    assert printable(printable(text)) == printable(text)
    assert printable("Grüße 日本") == "Grüße 日本"
