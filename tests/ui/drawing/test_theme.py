"""How safe text looks: no more colours than a terminal has, and no sequence but ours."""

from __future__ import annotations

from datetime import UTC

import pytest

from hubbub.client.events import ChatMessage, Speech
from hubbub.client.timeline.transcript import Fragment, Role, Transcript
from hubbub.ui.drawing.theme import Depth, depth_of, paint


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
