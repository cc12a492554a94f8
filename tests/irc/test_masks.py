"""Masks: what matches, and what it costs."""

from __future__ import annotations

import re
from typing import SupportsIndex

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubbub.irc import masks, names

PATTERNS = st.text("abA*?[", max_size=10)
TEXTS = st.text("abAB[?*", max_size=10)


def slow_match(pattern: str, text: str) -> bool:
    """Match by trying everything."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return slow_match(pattern[1:], text) or (bool(text) and slow_match(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and slow_match(pattern[1:], text[1:])


@settings(max_examples=500)
@given(PATTERNS, TEXTS)
@example("*?*", "a")
@example("a*?b*a", "aaba")
@example("*?a*", "baa")
@example("*a?*?a*", "abaaa")
@example("ab*ba", "aba")
def test_masks_match_as_trying_everything_does(pattern: str, text: str) -> None:
    assert masks.matches(pattern, text) == slow_match(pattern.lower(), text.lower())


@given(st.text(max_size=20))
def test_a_text_without_wildcards_matches_itself(text: str) -> None:
    assert masks.matches(re.sub(r"[*?]", "?", text), text)


@pytest.mark.parametrize("piece", ["*a", "*?", "*a?", "*?a", "*a?a", "a*", "**"])
def test_a_hostile_mask_is_cheap(piece: str) -> None:
    # Trying everything would take longer than any time limit of the tests.
    assert not masks.matches(piece * 60 + "b", "a" * 400)
    assert masks.matches(piece * 60 + "b", "a" * 400 + "b")


class Counted(str):
    """Count how often a text is looked into."""

    looks = 0

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        Counted.looks += 1
        return str.__getitem__(self, key)


def test_a_mask_looks_at_each_letter_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Folding would make a plain text of it.
    monkeypatch.setattr(masks, "fold", lambda text: text)
    Counted.looks = 0
    assert not masks.matches("*" + "a?" * 30 + "b*c", Counted("a" * 400 + "c"))
    assert 300 < Counted.looks <= 402


@settings(max_examples=500)
@given(
    st.text(st.sampled_from("aAbZz*?*?[]\\\\^{}|.é\u0130ß"), max_size=14),
    st.text(st.sampled_from("aAbZz[]\\\\^{}|.éÉ\u0130ß*?"), max_size=14),
)
def test_masks_match_as_an_expression_does(pattern: str, text: str) -> None:
    # Neither a backslash nor anything else escapes a wildcard, and only ASCII letters are folded.
    wild = {"*": ".*", "?": "."}
    expression = "".join(wild.get(each) or re.escape(each) for each in names.fold(pattern))
    expected = re.fullmatch(expression, names.fold(text), re.DOTALL) is not None
    assert masks.matches(pattern, text) == expected


def test_wildcards_in_a_row_are_one_piece() -> None:
    # Between them nothing is looked for, however many there are.
    assert len(masks.Mask("*?" * 200)._pieces) == 0
    assert not masks.is_too_wild("*?" * 200)
    assert masks.matches("a*??*?b", "axxxb")
    assert not masks.matches("a*??*?b", "axxb")


@pytest.mark.parametrize(("stars", "wild"), [(masks.STARS, False), (masks.STARS + 1, True)])
def test_a_mask_of_many_stars_is_too_wild(stars: int, wild: bool) -> None:
    assert masks.is_too_wild("a*" * stars) is wild


def test_what_is_too_short_is_not_looked_into() -> None:
    Counted.looks = 0
    assert not masks.matches("*" + "a?" * 30 + "*", Counted("a" * 59))
    assert Counted.looks == 0


def test_a_mask_is_made_ready_once() -> None:
    assert masks.ready("*!*@somewhere.example") is masks.ready("*!*@somewhere.example")
