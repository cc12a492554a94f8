"""The arguments of a channel's modes: set, shown, and hidden from who was not there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.policy.flood import Rate
from hubbub.core.world.channel_modes import argument_of, set_argument, without_key
from hubbub.core.world.state import Channel
from hubbub.irc import modes

RATES = st.builds(Rate, st.integers(1, 1000), st.integers(1, 3600)).map(str)
SETTINGS = st.one_of(
    st.tuples(st.just(modes.LIMIT), st.integers(1, 1 << 31).map(str)),
    st.tuples(st.sampled_from([modes.KEY, modes.FORWARD]), st.text(min_size=1)),
    st.tuples(st.sampled_from([modes.JOIN_RATE, modes.SPEECH_RATE]), RATES),
)


def channel() -> Channel:
    return Channel("#a", "#a", 0)


@given(st.lists(SETTINGS))
def test_what_was_set_last_is_shown_until_it_is_unset(settings: list[tuple[str, str]]) -> None:
    held = channel()
    for letter, argument in settings:
        set_argument(held, letter, argument)
    for letter, argument in dict(settings).items():
        assert argument_of(held, letter) == argument
        set_argument(held, letter, "")
        assert argument_of(held, letter) == ""


@pytest.mark.parametrize("letter", [*modes.FLAGS, *modes.LISTS, *modes.PREFIXES])
def test_other_modes_have_no_argument_of_the_channel(letter: str) -> None:
    assert argument_of(channel(), letter) == ""


def test_a_new_rate_of_joins_counts_from_the_beginning() -> None:
    held = channel()
    set_argument(held, modes.JOIN_RATE, "5:60")
    held.joins = (1_000_000, 5)
    set_argument(held, modes.JOIN_RATE, "10:60")
    assert held.joins == (0, 0)


def test_a_key_is_hidden_and_nothing_else() -> None:
    changes = (("+k", "secret"), ("-k", "secret"), ("+l", "5"), ("+i", ""), ("+b", "k!*@*"))
    hidden = without_key(changes)
    assert hidden == (("+k", "*"), ("-k", "*"), *changes[2:])
