"""What fits a line."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc.fitting import clip, fitted, wrap
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message


@given(st.text(), st.integers(0, 40))
def test_a_clipped_text_is_a_beginning_in_whole_characters(text: str, octets: int) -> None:
    clipped = clip(text, octets)
    assert text.startswith(clipped)
    assert len(clipped.encode()) <= octets
    rest = text[len(clipped) :]
    assert not rest or len((clipped + rest[0]).encode()) > octets


@given(st.lists(st.text("aé#", min_size=1, max_size=9)), st.integers(18, 60))
def test_wrapping_loses_no_word(words: list[str], room: int) -> None:
    lines = list(wrap(words, room))
    assert " ".join(lines).split() == words
    assert all(len(line.encode()) <= room for line in lines)


@given(st.lists(st.text("aé#", min_size=1, max_size=30)), st.integers(2, 20))
def test_a_line_holds_as_many_words_as_fit_and_a_longer_one_has_its_own(
    words: list[str], room: int
) -> None:
    lines = [line.split(" ") for line in wrap(words, room)]
    assert [word for line in lines for word in line] == words
    for line, following in pairwise(lines):
        assert len(" ".join((*line, following[0])).encode()) > room
    assert all(len(line) == 1 or len(" ".join(line).encode()) <= room for line in lines)


def test_nothing_is_wrapped_into_nothing_and_an_empty_word_into_a_line() -> None:
    assert list(wrap([], 10)) == []
    assert list(wrap([""], 10)) == [""]


@given(st.lists(st.text("aé", max_size=200), min_size=1, max_size=2), st.text("bü", max_size=600))
def test_a_fitted_message_fits(middles: list[str], text: str) -> None:
    message = Message("TOPIC", (*[f"#{middle}" for middle in middles], text), "a!b@c")
    fit = fitted(message)
    if len(message.encode()) <= LINE_BYTES:
        assert fit == message
    elif len(text.encode()) >= max(len(middle.encode()) for middle in fit.params[:-1]) + 200:
        assert LINE_BYTES - 2 <= len(fit.encode()) <= LINE_BYTES
        assert fit.params[:-1] == message.params[:-1]


def test_tags_do_not_count() -> None:
    message = Message("PRIVMSG", ("#a", "x" * 400), "a!b@c", {"+long": "y" * 3000})
    assert fitted(message) is message
