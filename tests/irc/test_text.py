"""Tests of making text safe."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc.text import MARKS, Span, Style, is_safe, plain, spans, visible

HOSTILE = (
    st.characters()
    | st.characters(max_codepoint=0x9F)
    | st.sampled_from("\u200b\u200c\u200d\u202e\u2066\ufe0f\u0301\u0489\U000e0041\ufeff\u2028\xad")
    | st.sampled_from("\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f0123456789,#aF👩\u0d15")
)
TEXTS = st.lists(HOSTILE).map("".join)

NEVER = {*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF, 0xAD}
NEVER |= {*range(0x2028, 0x202F), *range(0x2060, 0x2070), *range(0xE0000, 0xE1000)}
NEVER |= {*range(0xD800, 0xE000), 0x034F, 0x115F, 0x1160, 0x3164, 0xFFA0}


def longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        longest = max(longest, run)
    return longest


@given(TEXTS)
def test_nothing_that_comes_out_controls_a_terminal_or_hides(text: str) -> None:
    for shown in (visible(text), plain(text)):
        assert not NEVER & {ord(character) for character in shown}
        assert longest_run_of_marks(shown) <= MARKS + 2


@given(TEXTS)
def test_spans_join_to_the_plain_text_and_none_is_empty(text: str) -> None:
    parts = spans(text)
    assert "".join(part.text for part in parts) == plain(text)
    assert all(part.text for part in parts)


@given(TEXTS)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    shown = visible(text)
    assert is_safe(text) == (shown == text)
    if "<+marks>" not in shown:
        assert visible(shown) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"], max_codepoint=0x2FF)))
def test_ordinary_text_is_not_touched(text: str) -> None:
    assert plain(text.replace("\xad", "")) == text.replace("\xad", "")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("\x1b[2J", "␛[2J"),
        ("a\rb\nc\td\0", "a␍b␊c␉d␀"),
        ("\x9b31m", "<U+009B>31m"),
        ("\x7f\x08", "␡␈"),
        ("safe\u202egnp.exe", "safe<U+202E>gnp.exe"),
        ("\u2066x\u2069", "<U+2066>x<U+2069>"),
        ("pay\u200bpal", "pay<U+200B>pal"),
        ("a\u200db", "a<U+200D>b"),
        ("x\U000e0041", "x<U+E0041>"),
        ("a\ufe0fb", "a<U+FE0F>b"),
        ("\u0301x", "◌\u0301x"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 40 + "!", "e" + "\u0301" * MARKS + "<+marks>!"),
        ("\ud800", "<U+D800>"),
        ("\uffff\U0001fffe", "<U+FFFF><U+1FFFE>"),
    ],
)
def test_what_is_hostile_is_shown(typed: str, shown: str) -> None:
    assert visible(typed) == shown


@pytest.mark.parametrize(
    "text",
    ["👩‍👩‍👧‍👦", "🏳️‍🌈", "❤️", "1️⃣", "👍🏽", "🇩🇪", "क्‍ष", "می‌خواهم", "日本語", "naïve", "שָׁלוֹם", "🙂‍↔️"],
)
def test_emoji_and_scripts_that_need_joiners_are_left_alone(text: str) -> None:
    assert visible(text) == text


def test_formatting_codes_toggle_and_reset() -> None:
    assert spans("a\x02b\x1dc\x02d\x0fe") == (
        Span("a"),
        Span("b", Style(bold=True)),
        Span("c", Style(bold=True, italic=True)),
        Span("d", Style(italic=True)),
        Span("e"),
    )
    assert spans("\x1f\x1e\x11\x16x") == (
        Span("x", Style(underline=True, strike=True, monospace=True, reverse=True)),
    )


def test_colours_take_at_most_two_digits_each_and_the_ground_stays() -> None:
    assert spans("\x034,12a\x03121b\x03c") == (
        Span("a", Style(foreground="red", background="lightblue")),
        Span("1b", Style()),
        Span("c"),
    )
    assert spans("\x0352,x") == (Span(",x", Style(foreground="#ff0000")),)


def test_hexadecimal_colours() -> None:
    assert spans("\x04FF8800,001122x\x04y") == (
        Span("x", Style(foreground="#ff8800", background="#001122")),
        Span("y"),
    )


def test_text_in_the_colour_of_its_ground_is_not_hidden() -> None:
    assert spans("\x031,1secret") == (Span("secret"),)


def test_plain_drops_formatting_and_visible_shows_it() -> None:
    assert plain("\x02bold\x02 \x0304red") == "bold red"
    assert visible("\x02b") == "␂b"
