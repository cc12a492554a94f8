"""Numbers in parameters, however long they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc.numbers import MOST, number_of


@given(st.integers(0, MOST), st.integers(0, 20))
def test_a_number_is_read_with_noughts_before_it_and_without(number: int, noughts: int) -> None:
    assert number_of("0" * noughts + str(number)) == number


@given(st.integers(MOST, 10**40))
def test_what_is_more_than_counts_is_the_most(number: int) -> None:
    assert number_of(str(number)) == MOST


def test_as_many_digits_as_fit_the_longest_line_are_a_number() -> None:
    assert number_of("9" * 16_000) == MOST
    assert number_of("0" * 16_000) == 0


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", " 1", "1_000", "١٢", "²", "ten"])
def test_what_is_no_number(text: str) -> None:
    assert number_of(text) is None
