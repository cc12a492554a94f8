"""How long, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc.durations import MAX_SECONDS, seconds_of, shown_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("1h30m", 5400), ("7D", 604_800), ("2w", 1_209_600), ("1d1s", 86_401)],
)
def test_durations(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "1", "h", "-1h", "0s", "999w", "١h", "1h "])
def test_what_is_none(text: str) -> None:
    assert seconds_of(text) is None


@given(st.integers(1, MAX_SECONDS))
def test_what_is_shown_is_read_again(seconds: int) -> None:
    assert seconds_of(shown_duration(seconds)) == seconds


@given(st.text())
def test_nothing_is_out_of_bounds(text: str) -> None:
    seconds = seconds_of(text)
    assert seconds is None or 0 < seconds <= MAX_SECONDS
