"""What a person has set: changed in words, kept as JSON, and harmless where that is broken."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.errors import PreferenceError
from hubbub.client.preferences import TABLE, Preferences, change, dump, load, show


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("bell", "all", "all"),
        ("plain", "on", "on"),
        ("history", "0", "0"),
        ("history", "500", "500"),
        ("highlights", "lunch, cake ,,", "lunch,cake"),
        ("highlights", "", ""),
    ],
)
def test_a_preference_takes_its_values_and_shows_them(name: str, value: str, shown: str) -> None:
    assert show(change(Preferences(), name, value), name) == shown


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("bell", "loud", "bell is one of mention, all, off"),
        ("history", "501", "a number from 0 to 500"),
        ("history", "-1", "a number from 0 to 500"),
        ("history", "٣", "a number from 0 to 500"),
        ("ignored", "x", "there is no setting ignored; there are bell, notices"),
    ],
)
def test_what_is_refused_says_what_would_be_taken(name: str, value: str, why: str) -> None:
    with pytest.raises(PreferenceError, match=why):
        change(Preferences(), name, value)


def test_what_is_shown_of_each_can_be_set_again() -> None:
    for each in TABLE:
        assert change(Preferences(), each.name, show(Preferences(), each.name)) == Preferences()


def test_preferences_survive_and_broken_ones_do_no_harm() -> None:
    changed = Preferences(bell="all", history=5, highlights=("a", "b"), ignored=("x!*@*",))
    assert load(dump(changed)) == changed
    for text in ("", "[]", "{", '{"bell": 3, "history": -1, "ignored": "x", "what": 1}'):
        assert load(text) == Preferences()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from([each.name for each in TABLE] + ["ignored"]), JSON))
def test_whatever_stands_in_the_file_what_is_read_can_be_kept(found: dict[str, object]) -> None:
    read = load(json.dumps(found))
    assert load(dump(read)) == read
