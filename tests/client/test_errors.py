"""Tests of what errors say: none speaks only in a numeric's words."""

from __future__ import annotations

import pytest

from hubbub.client import errors
from hubbub.irc import numerics
from tools.failures import FAILURES

ERRORS = {
    each.code: each.text
    for name, each in vars(numerics).items()
    if isinstance(each, numerics.Numeric) and name.startswith("ERR_")
}


def test_every_numeric_and_every_code_has_its_words() -> None:
    assert set(errors.NUMERICS) == set(ERRORS)
    assert set(errors.FAILURES) == set(FAILURES)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_no_numeric_is_repeated_and_each_names_what_it_is_about(code: str) -> None:
    text = errors.numeric(code, ("ann", "#x", "bob", ERRORS[code] or "a reason"))
    assert ERRORS[code] == "" or ERRORS[code] not in text
    assert "(+" not in text
    assert "{" not in text.replace("[]\\`_^{|}-", "")
    assert errors.numeric(code, ("ann", ERRORS[code]))
    assert errors.numeric(code, ())


def test_what_a_server_says_besides_is_shown_too() -> None:
    shown = errors.numeric("404", ("ann", "#x", "No CTCP here"))
    assert shown.startswith("you may not speak in #x")
    assert shown.endswith("(No CTCP here)")
    assert errors.numeric("499", ("ann", "#x", "Something else")) == "#x: Something else"
    assert errors.failure("NEVER_HEARD_OF", "So it is") == "So it is"
    login = "This nick belongs to an account: log in (SASL, or NickServ IDENTIFY)"
    assert errors.numeric("433", ("ann", "eve", login)) == errors.numeric("433", ("ann", "eve", ""))
    advised = "This code is wrong; is the clock of your device right?"
    assert errors.failure("INVALID_CODE", advised) == advised
    assert errors.failure("TRY_AGAIN", "Too many.") == "Too many: try again in a moment"


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
    assert errors.closing(said) == told
