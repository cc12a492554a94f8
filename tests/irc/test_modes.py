"""Mode letters, parsed and formatted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc import modes
from hubbub.irc.modes import Change


def test_arguments_go_to_the_letters_that_take_one() -> None:
    assert modes.parse(["+ov-ilk+l", "ann", "bob", "key", "5"]) == [
        Change("+", "o", "ann"),
        Change("+", "v", "bob"),
        Change("-", "i"),
        Change("-", "l"),
        Change("-", "k", "key"),
        Change("+", "l", "5"),
    ]


def test_a_missing_argument_is_empty_and_unknown_letters_stay() -> None:
    assert modes.parse(["bZ"]) == [Change("+", "b"), Change("+", "Z")]
    assert modes.parse([]) == []


def test_signs_are_written_where_they_change() -> None:
    changes = (("+o", "ann"), ("+v", "ann"), ("-i", ""), ("+k", "key"))
    assert modes.format_changes(changes) == ("+ov-i+k", "ann", "ann", "key")
    assert modes.format_changes(()) == ("",)


LETTERS = st.sampled_from(list(modes.CHANNEL_LETTERS))
CHANGES = st.tuples(
    st.sampled_from("+-"), LETTERS, st.from_regex(r"[a-z]{1,5}", fullmatch=True)
).map(
    lambda drawn: Change(
        drawn[0], drawn[1], drawn[2] if modes.takes_argument(drawn[0], drawn[1]) else ""
    )
)


@given(st.lists(CHANGES, min_size=1))
def test_what_is_formatted_parses_back(changes: list[Change]) -> None:
    words = modes.format_changes((f"{c.sign}{c.letter}", c.argument) for c in changes)
    assert modes.parse(words) == changes


def test_the_letters_are_those_of_the_types() -> None:
    lists, keys, limits, flags = modes.CHANMODES.split(",")
    assert set(lists + keys + limits + flags) | set(modes.PREFIXES) == set(modes.CHANNEL_LETTERS)
    assert set(modes.LETTERS_WITH_PARAMETER).isdisjoint(flags)
