"""The language of questions, and what it says to what it does not understand."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.errors import QueryError
from hubbub.core.searching.language import FILTERS, MOST_TERMS, parse
from hubbub.core.searching.query import Phrase, Query
from hubbub.core.searching.words import Piece
from hubbub.irc.timestamps import parse_time

NOW = parse_time("2026-06-15T12:00:00.000Z") or 0
DAY = 86_400_000_000


def moment(text: str) -> int:
    found = parse_time(f"{text}T00:00:00.000Z")
    assert found is not None
    return found


def phrase(*words: str, is_open: bool = False) -> Phrase:
    return Phrase(tuple(map(Piece, words)), is_open)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Disk full", Query((phrase("disk"), phrase("full")))),
        ('"no space left" x', Query((phrase("no", "space", "left"), phrase("x")))),
        ("/dev/sda", Query((phrase("dev", "sda"),))),
        ("raid* -solved", Query((phrase("raid", is_open=True),), (phrase("solved"),))),
        ('-"all good"', Query(unwanted=(phrase("all", "good"),))),
        ("from:Bob from:@eve", Query(speakers=("bob", "eve"))),
        ("from:me mentions:me", Query(speakers=("ann", "annie"), mentioned=("ann", "annie"))),
        ("in:#Ops in:bob", Query(places=("#Ops", "bob"))),
        ("has:link mentions:@Cy", Query(has_link=True, mentioned=("cy",))),
        ("after:2026-05-31", Query(after=moment("2026-05-31"))),
        ("before:2026-02", Query(before=moment("2026-02-01"))),
        ("on:2024-02-29", Query(after=moment("2024-02-29"), before=moment("2024-03-01"))),
        ("on:2025-12", Query(after=moment("2025-12-01"), before=moment("2026-01-01"))),
        ("on:2025", Query(after=moment("2025-01-01"), before=moment("2026-01-01"))),
        ("on:2025-12-31", Query(after=moment("2025-12-31"), before=moment("2026-01-01"))),
        ("after:2d after:1w", Query(after=NOW - 2 * DAY)),
        ("after:2026-05-31T10:00:00Z", Query(after=moment("2026-05-31") + 10 * DAY // 24)),
        ("note:x http://a.b", Query((phrase("note", "x"), phrase("http", "a", "b")))),
        ("日本", Query((Phrase((Piece("日本", True),)),))),
    ],
)
def test_a_question_means(text: str, query: Query) -> None:
    assert parse(text, NOW, ("Ann", "annie")) == query


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Say what to search for"),
        ("   ", "Say what to search for"),
        ('x "never closed', "has no second"),
        ("from: bob", "without a space"),
        ("-from:bob", "cannot be excluded"),
        (":-)", "no word"),
        ("a*", "at least 2 letters"),
        ("after:soon", "a day such as"),
        ("before:2026-13", "a day such as"),
        ("on:2026-02-30", "a day such as"),
        ("on:7d", "no day"),
        ("has:pictures", "has:link"),
        ("x " * (MOST_TERMS + 1), "search for fewer"),
    ],
)
def test_what_is_not_understood_is_told_with_the_mend(text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        parse(text, NOW)


@given(st.text() | st.lists(st.sampled_from([*(f"{one}:" for one in FILTERS), "2026", "-9", '"',
                                             "*", "-", "x", " ", "日"])).map("".join))  # fmt: skip
def test_any_text_is_a_question_or_told_what_is_wrong(text: str) -> None:
    with contextlib.suppress(QueryError):
        assert not parse(text, NOW, ("ann",)).is_empty
