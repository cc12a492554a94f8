"""Characters as people see them: never cut, and as wide as a terminal shows them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.graphemes import shorten, split, split_bytes, width
from hubbub.irc.text import visible

TEXTS = st.text(st.sampled_from("ab é日👩‍👧\u0301 ") | st.characters(codec="utf-8"), max_size=1500)
FAMILY = "👨‍👩‍👧‍👦"


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
