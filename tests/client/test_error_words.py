"""Tests of what errors say: none speaks only in a numeric's words."""

from __future__ import annotations

import pytest

from hubbub.client import error_words
from hubbub.irc import numerics
from tools.failures import FAILURES

ERRORS = {
    each.code: each.text
    for name, each in vars(numerics).items()
    if isinstance(each, numerics.Numeric) and name.startswith("ERR_")
}


def test_every_numeric_and_every_code_has_its_words() -> None:
    assert set(error_words.NUMERICS) == set(ERRORS)
    assert set(error_words.FAILURES) == set(FAILURES)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_no_numeric_is_repeated_and_each_names_what_it_is_about(code: str) -> None:
    text = error_words.numeric(code, ("ann", "#x", "bob", ERRORS[code] or "a reason"))
    assert ERRORS[code] == "" or ERRORS[code] not in text
    assert "(+" not in text
    assert "{" not in text.replace("[]\\`_^{|}-", "")
    assert error_words.numeric(code, ("ann", ERRORS[code]))
    assert error_words.numeric(code, ())


def test_what_a_server_says_besides_is_shown_too() -> None:
    shown = error_words.numeric("404", ("ann", "#x", "No CTCP here"))
    assert shown.startswith("you may not speak in #x")
    assert shown.endswith("(No CTCP here)")
    assert error_words.numeric("499", ("ann", "#x", "Something else")) == "#x: Something else"
    assert error_words.failure("NEVER_HEARD_OF", "So it is") == "So it is"
    login = "This nick belongs to an account: log in (SASL, or NickServ IDENTIFY)"
    assert error_words.numeric("433", ("ann", "eve", login)) == error_words.numeric(
        "433", ("ann", "eve", "")
    )
    advised = "This code is wrong; is the clock of your device right?"
    assert error_words.failure("INVALID_CODE", advised) == advised
    assert error_words.failure("TRY_AGAIN", "Too many.") == "Too many: try again in a moment"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Closing link: 1a2b.cloak (Server is stopping)", "Server is stopping"),
        ("Closing Link: ann[~u@h] (Ping timeout (240 s))", "Ping timeout (240 s)"),
        ("Closing link: (ann@host) [Quit]", "Closing link: (ann@host) [Quit]"),
        ("Closing link: too many from here", "Closing link: too many from here"),
        ("", ""),
    ],
)
def test_why_a_server_closes_is_told_without_what_frames_it(said: str, told: str) -> None:
    assert error_words.closing(said) == told
