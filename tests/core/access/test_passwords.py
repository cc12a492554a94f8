"""Which passwords are taken."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.access.passwords import MOST_BYTES, PASSWORD_BYTES, unacceptable

LEAST = 8


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("long-enough", ""),
        ("short", "WEAK_PASSWORD"),
        ("SomeBody", "WEAK_PASSWORD"),
        ("with a blank", ""),
        ("grüße-an-alle", ""),
        ("hub_no-token-of-ours", "UNACCEPTABLE_PASSWORD"),
        ("line\nafter line", "UNACCEPTABLE_PASSWORD"),
        ("c1 control \x9b here", "UNACCEPTABLE_PASSWORD"),
        ("x" * PASSWORD_BYTES, ""),
        ("x" * PASSWORD_BYTES + "x", "UNACCEPTABLE_PASSWORD"),
        ("ü" * (PASSWORD_BYTES // 2 + 1), "UNACCEPTABLE_PASSWORD"),
    ],
)
def test_what_is_taken(password: str, code: str) -> None:
    refusal = unacceptable(password, "somebody", LEAST)
    assert (refusal[0] if refusal is not None else "") == code


def test_an_operator_may_set_a_longer_one_but_no_endless_one() -> None:
    assert unacceptable("x" * MOST_BYTES, "ann", LEAST, MOST_BYTES) is None
    assert unacceptable("x" * MOST_BYTES + "x", "ann", LEAST, MOST_BYTES) is not None


def test_it_is_counted_in_letters_and_bounded_in_bytes() -> None:
    assert unacceptable("ü" * LEAST, "ann", LEAST) is None
    refusal = unacceptable("ü" * (LEAST - 1), "ann", LEAST)
    assert refusal == ("WEAK_PASSWORD", f"A password has at least {LEAST} letters")


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_nothing_is_taken_that_moves_a_terminal(password: str) -> None:
    if unacceptable(password, "ann", LEAST) is None:
        assert "Cc" not in map(unicodedata.category, password)
