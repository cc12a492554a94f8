"""Times as people write them."""

from __future__ import annotations

import pytest

from hubbub.terminal.duration import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604800), ("1w", 604800)]
)
def test_a_duration(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "2 h", "-2h", "2h2h", "²h", "9999999h"])
def test_what_is_none(text: str) -> None:
    assert seconds_of(text) is None
