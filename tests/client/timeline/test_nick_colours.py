"""A colour for each nick, the same everywhere, and one that can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.timeline.nick_colours import CONTRAST, PALETTE, colour_of, contrast

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


def test_contrast_is_what_the_guidelines_say() -> None:
    assert contrast(WHITE, BLACK) == pytest.approx(21.0)
    # WCAG's own example of a grey that just passes on white.
    assert contrast((118, 118, 118), WHITE) == pytest.approx(4.54, abs=0.01)


@given(COLOURS, COLOURS)
def test_contrast_is_mutual_and_in_bounds(one: tuple[int, int, int], two: tuple[int, ...]) -> None:
    other = (two[0], two[1], two[2])
    assert contrast(one, other) == contrast(other, one)
    assert 1.0 <= contrast(one, other) <= 21.0 + 1e-9


def test_every_colour_can_be_read_on_light_and_on_dark() -> None:
    for colour in PALETTE:
        red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
        assert contrast((red, green, blue), BLACK) >= CONTRAST
        assert contrast((red, green, blue), WHITE) >= CONTRAST


def test_a_nick_keeps_its_colour_in_another_case_and_while_it_is_taken() -> None:
    assert colour_of("Ann") == colour_of("ann") == colour_of("ann_")


def test_nicks_are_spread_over_the_colours() -> None:
    assert len({colour_of(f"nick{number}") for number in range(200)}) > len(PALETTE) / 2


@given(st.text())
def test_whatever_somebody_is_called_there_is_a_colour(nick: str) -> None:
    assert colour_of(nick) in PALETTE
