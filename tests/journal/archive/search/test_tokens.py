"""What goes into the index of words, and what a question asks of it."""

from __future__ import annotations

import pytest

from hubbub.core.records.entries import Body
from hubbub.core.searching.language import parse
from hubbub.journal.archive.search.tokens import (
    DIRECT,
    LINK,
    LONGEST,
    PUBLIC,
    SHIFTED,
    SLACK,
    expression,
    of_history,
    of_owner,
    words,
)
from tests.journal.keeper import joined, said


def tokens(text: str, *histories: str, lead: int = 0) -> list[str]:
    """Return the tokens of a message."""
    return words(said(text, *(histories or ("#a",))).record, Body(text), lead).split(" ")


def plain(text: str) -> list[str]:
    """Return the words of a message that are no tokens of something else."""
    return [token for token in tokens(text) if token[0] != "\ue000"]


def test_words_stand_once_and_runs_by_two_characters() -> None:
    assert plain("Disk, disk FULL") == ["disk", "full"]
    assert plain("日本語") == ["日本", "本語", "語"]
    assert plain("x" * 100) == ["x" * LONGEST]


def test_beside_the_words_is_what_else_is_asked_for() -> None:
    assert {PUBLIC, of_history("#a")} <= set(tokens("x"))
    direct = set(tokens("https://a.b", "@ann/bob", "@bob/ann"))
    assert {DIRECT, LINK, of_owner("ann"), of_owner("bob"), of_history("@ann/bob")} <= direct
    assert PUBLIC not in direct
    assert SHIFTED not in tokens("x", lead=SLACK)
    assert SHIFTED in tokens("x", lead=SLACK + 1)
    assert SHIFTED in tokens("x", lead=-SLACK - 1)


def test_what_was_not_said_has_none() -> None:
    assert words(joined("#a", "#a").record, Body("x"), 0) == ""
    assert words(said("x", "#a", command="TAGMSG").record, Body("x"), 0) == ""


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("disk", '(P) AND ("disk")'),
        ("dis*", '(P) AND ("dis"*)'),
        ('"disk full"', '(P) AND ("disk" AND "full")'),
        ("日本語", '(P) AND ("日本" AND "本語")'),
        ("語", '(P) AND ("語"*)'),
        ("disk -full", '((P) AND ("disk")) NOT ("full")'),
        # What holds both words may have them apart: then it is wanted.
        ('disk -"all full"', '(P) AND ("disk")'),
        ("disk -full*", '(P) AND ("disk")'),
        ("mentions:ann", '(P) AND (("ann"))'),
        # A nick without letters is no word, so all that is said there is looked at.
        ("mentions:^^", "(P)"),
        ("x" * 100, f'(P) AND ("{"x" * LONGEST}")'),
    ],
)
def test_the_index_is_asked_for_no_less_than_is_meant(question: str, asked: str) -> None:
    assert expression(parse(question, 0), "P") == asked
