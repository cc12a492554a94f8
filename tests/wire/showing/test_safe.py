"""Nothing that a peer sends controls a terminal, and nothing is longer than fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc.text import is_safe
from hubbub.wire.showing.safe import CHARACTERS, DETAILS, NAMES, safe, safe_details, safe_fact


@given(st.text())
def test_any_text_becomes_safe(text: str) -> None:
    assert is_safe(safe(text))


def test_what_is_too_long_is_cut_and_says_so() -> None:
    assert safe("x" * (CHARACTERS + 7)) == "x" * CHARACTERS + " ... and 7 characters more"
    shown = safe_fact(tuple(map(str, range(NAMES + 3))))
    assert isinstance(shown, tuple)
    assert (len(shown), shown[-1]) == (NAMES + 1, "... and 3 more")


def test_of_too_many_details_the_first_are_shown() -> None:
    shown = safe_details(tuple((f"\x1b{number}", number) for number in range(DETAILS + 5)))
    assert (shown[0], shown[-1]) == (("\u241b0", 0), ("more details", 5))
    assert len(shown) == DETAILS + 1


def test_numbers_and_names_stay() -> None:
    assert safe_fact(7) == 7
    assert safe_fact(("a\x1b", "b")) == ("a\u241b", "b")
