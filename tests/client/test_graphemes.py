"""Characters as people see them, whoever typed them: none is endless, and none takes long."""

from __future__ import annotations

import time

import pytest

from hubbub.client.graphemes import LONGEST, split, width
from hubbub.irc.text import visible
from hubbub.ui.drawing.layout import Size as Terminal
from hubbub.ui.drawing.layout import _cells_of, lay_out
from hubbub.ui.editing.buffer import LONGEST as LINE
from hubbub.ui.editing.editor import Editor
from hubbub.ui.editing.history import Typed
from hubbub.ui.editing.keys import Text

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
ENDLESS = ("\u200d", "\ufe0f", "\U000e0020", "\u0301", "\u1100", "👨\u200d", "🇩")
"""What a text can consist of without any end of a grapheme, or that costs much all the same."""


@pytest.mark.parametrize("piece", ENDLESS)
def test_no_grapheme_is_endless(piece: str) -> None:
    found = split(f"a{piece * LINE}")
    assert "".join(found) == f"a{piece * LINE}"
    assert max(map(len, found)) <= LONGEST


@pytest.mark.parametrize(
    "text", [FAMILY, f"{FAMILY}e\u0301🇩🇪a", "🏴\U000e0067\U000e0062\U000e007f"]
)
def test_what_people_write_stays_whole(text: str) -> None:
    assert max(map(len, split(text))) > 1
    assert split(text * 3) == split(text) * 3
    assert width(text * 3) == 3 * width(text)


@pytest.mark.parametrize("piece", ENDLESS)
def test_a_width_takes_time_in_proportion(piece: str) -> None:
    """By the square it would be sixty-four times as long, and a second each."""

    def measured(times: int) -> float:
        text = piece * times
        best = []
        for _ in range(5):
            begun = time.thread_time()
            width(text)
            best.append(time.thread_time() - begun)
        return min(best)

    assert measured(8 * LINE) < 24 * measured(LINE)


@pytest.mark.parametrize("piece", ENDLESS)
def test_what_is_remembered_of_a_line_that_grows_is_bounded(piece: str) -> None:
    """Once a frame the line is drawn, and each time its last grapheme was another."""
    _cells_of.cache_clear()
    editor = Editor(history=Typed())
    for _ in range(400):
        editor.press(Text(piece * 16))
        lay_out(editor, Terminal(80, 24), "> ")
    longest = len(visible("\U000e0020" * LONGEST))
    assert max(len(_cells_of(each)) for each in editor.buffer.graphemes) <= longest
    remembered = _cells_of.cache_info().maxsize
    assert remembered is not None
    assert remembered * longest < 300_000
