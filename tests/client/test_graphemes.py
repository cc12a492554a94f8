"""Characters as people see them: never cut, and as wide as a terminal shows them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.graphemes import LONGEST, shorten, split, split_bytes, width
from hubbub.irc.text import visible
from hubbub.ui.drawing.layout import Size as Terminal
from hubbub.ui.drawing.layout import _cells_of, lay_out
from hubbub.ui.editing.buffer import LONGEST as LINE
from hubbub.ui.editing.editor import Editor
from hubbub.ui.editing.history import InputHistory
from hubbub.ui.editing.key_decoder import Text

TEXTS = st.text(st.sampled_from("ab é日👩‍👧\u0301 ") | st.characters(codec="utf-8"), max_size=1500)
FAMILY = "👨‍👩‍👧‍👦"
ENDLESS = ("\u200d", "\ufe0f", "\U000e0020", "\u0301", "\u1100", "👨\u200d", "🇩")
"""What a text can consist of without any end of a grapheme, or that costs much all the same."""


@given(TEXTS)
def test_graphemes_join_to_the_whole(text: str) -> None:
    assert "".join(split(text)) == text


def test_what_people_see_as_one_character_is_one() -> None:
    assert split("ab") == ["a", "b"]
    assert split(f"e\u0301{FAMILY}🇩🇪!") == ["e\u0301", FAMILY, "🇩🇪", "!"]
    assert split("") == []


@given(TEXTS, st.integers(4, 500))
def test_parts_fit_and_join_to_the_whole(text: str, limit: int) -> None:
    parts = split_bytes(text, limit)
    assert "".join(parts) == text
    assert all(0 < len(part.encode()) <= limit for part in parts)


def test_no_part_ends_inside_a_grapheme_and_words_stay_whole() -> None:
    assert split_bytes(FAMILY * 3, 60) == [FAMILY * 2, FAMILY]
    assert split_bytes("e\u0301" * 5, 7) == ["e\u0301e\u0301"] * 2 + ["e\u0301"]
    assert split_bytes("alpha beta gamma", 12) == ["alpha beta ", "gamma"]


def test_a_grapheme_that_fits_nowhere_is_split_between_its_code_points() -> None:
    assert all(len(part.encode()) <= 8 for part in split_bytes(FAMILY, 8))


def test_widths_and_shortening() -> None:
    assert [width(text) for text in ("abc", "日本", "e\u0301", "👩‍👧", "")] == [3, 4, 1, 2, 0]
    assert shorten("日本語", 6) == "日本語"
    assert shorten("日本語", 5) == "日本…"
    assert shorten("abc", 0) == ""


@given(TEXTS, st.integers(0, 40))
def test_a_shortened_text_fits_and_begins_as_the_whole(text: str, cells: int) -> None:
    safe = visible(text)
    short = shorten(safe, cells)
    assert width(short) <= cells or short == safe
    assert safe.startswith(short.removesuffix("…"))


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
    editor = Editor(history=InputHistory())
    for _ in range(400):
        editor.press(Text(piece * 16))
        lay_out(editor, Terminal(80, 24), "> ")
    longest = len(visible("\U000e0020" * LONGEST))
    assert max(len(_cells_of(each)) for each in editor.buffer.graphemes) <= longest
    remembered = _cells_of.cache_info().maxsize
    assert remembered is not None
    assert remembered * longest < 300_000
