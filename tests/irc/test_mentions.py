"""Whom a text is meant for: words, not parts of words, of links or of addresses."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc.mentions import groups_in, names_in
from hubbub.irc.names import fold

KNOWN = dict.fromkeys(("ann", "bob", "[x]", "action", "here")).keys()
SEPARATORS = st.sampled_from([" ", ", ", ": ", "! ", " (", ") ", " \x02", "\x02 ", " \x0304", "\n"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ann", "ann"),
        ("hi Ann, and BOB", "ann bob"),
        ("bob: ann said so", "bob ann"),
        ("@ann! (bob)", "ann bob"),
        ("ann's", "ann"),
        ("ann/bob: hi", "ann bob"),
        ("[ann] `bob`", "ann bob"),
        ("[x] it is", "[x]"),
        ("ann...what", "ann"),
        ("\x01ACTION waves at ann\x01", "ann"),
        ("\x0304ann\x03 and \x02bob\x02", "ann bob"),
        ("anna ann-marie ann_ ännann", ""),
        ("http://x.org/ann and www.ann.org", ""),
        ("ann@x.org bob.example.org /home/ann ./bob/x", ""),
        ("", ""),
    ],
)
def test_names_are_words_of_their_own(text: str, names: str) -> None:
    assert names_in(text, KNOWN) == tuple(names.split())


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("@here", "here"),
        ("up, @Channel! and @here.", "channel here"),
        ("here channel", ""),
        ("a@here @@here @hereabouts @here.com https://x/@here", ""),
    ],
)
def test_a_group_is_called_by_its_sign(text: str, groups: str) -> None:
    assert groups_in(text) == set(groups.split())


@given(st.lists(st.tuples(st.sampled_from(["ann", "Bob", "else", "annie"]), SEPARATORS)))
def test_every_name_that_stands_alone_is_found_and_nothing_else(
    parts: list[tuple[str, str]],
) -> None:
    text = "".join(name + separator for name, separator in parts)
    said = dict.fromkeys(fold(name) for name, _ in parts)
    assert names_in(text, KNOWN) == tuple(name for name in said if name in KNOWN)


@given(st.text(st.sampled_from("anbobx[]{}`|@/.:, -_\x02\x03\n\t\x7f\x01AB1"), max_size=40))
def test_a_text_of_ascii_names_whom_it_names_among_other_letters(text: str) -> None:
    """What is looked through the short way holds the same names as what cannot be."""
    assert names_in(text, KNOWN) == names_in(f"{text} \u00e9", KNOWN)


@given(st.text(max_size=400))
def test_any_text_has_an_answer(text: str) -> None:
    assert set(names_in(text, KNOWN)) <= KNOWN
    assert groups_in(text) <= {"here", "channel"}


@pytest.mark.parametrize("piece", ["a", "@", "ann ", "[", "x@", "www.", "/", "\x03", "-ann-"])
def test_the_time_rises_with_the_length_and_no_faster(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        best = 1e9
        for _ in range(5):
            begun = time.perf_counter()
            names_in(text, KNOWN)
            groups_in(text)
            best = min(best, time.perf_counter() - begun)
        return best

    # Sixteen times the text; what is not linear takes 256 times as long.
    assert seconds(64_000) < 100 * max(seconds(4_000), 1e-5)
