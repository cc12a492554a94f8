"""Tests of what is said about commands that there are not."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.commands.suggestions import ELSEWHERE, hint, is_near
from hubbub.client.commands.table import BY_NAME


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nmaes", "names"),
        ("jion", "join"),
        ("tpic", "topic"),
        ("kickk", "kick"),
        ("nocice", "notice"),
    ],
)
def test_a_slip_is_recognised(typed: str, meant: str) -> None:
    assert hint(typed, BY_NAME) == f"did you mean /{meant}?"


@pytest.mark.parametrize("typed", sorted({*ELSEWHERE, "xyzzy", "frobnicate", "m", "ne", "resort"}))
def test_other_words_are_no_slips(typed: str) -> None:
    assert "did you mean" not in hint(typed, BY_NAME)


@pytest.mark.parametrize("typed", ["thread", "mute", "server", "op", "window"])
def test_what_others_have_is_answered(typed: str) -> None:
    assert hint(typed, BY_NAME).startswith("here: ")


def test_nothing_that_there_is_counts_as_another_programs() -> None:
    assert not set(ELSEWHERE) & set(BY_NAME)


WORDS = st.text("abc", max_size=5)


@given(WORDS, st.integers(0, 5), st.sampled_from("abc"))
def test_one_letter_is_near(word: str, at: int, letter: str) -> None:
    assert is_near(word[:at] + letter + word[at:], word)
    assert is_near(word, word[:at] + letter + word[at:])
    assert is_near(word[:at] + letter + word[at + 1 :], word) or at >= len(word)


@given(WORDS, WORDS)
def test_near_is_mutual_and_never_two_apart(one: str, other: str) -> None:
    assert is_near(one, other) == is_near(other, one)
    if is_near(one, other):
        assert abs(len(one) - len(other)) <= 1
        if len(one) == len(other):
            differing = [at for at in range(len(one)) if one[at] != other[at]]
            assert len(differing) < 2 or list(combinations(differing, 2)) == [
                (differing[0], differing[0] + 1)
            ]
