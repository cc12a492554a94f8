"""Which lines that are typed hold a secret, and are not remembered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.ui.editing.secrets import may_be_kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hello", True),
        ("/join #c", True),
        ("/join #c key", False),
        ("/raw OPER me secret", False),
        ("/quote OPER me secret", False),
        ("/oper me secret", False),
        ("/mode #k +k key", False),
        ("/mode +nk key", False),
        ("/mode #k +o bob +k key", False),
        ("/mode #k k key", False),
        ("/mode #k +o bob", True),
        ("/mode #k +b kim!*@*", True),
        ("/mode #kitchen +k", True),
        ("/msg NickServ identify secret", False),
        ("please register", True),
        ("/login ann", True),
        ("/login ann secret", False),
        ("/register", True),
        ("/register AAAA-BBBB", False),
        ("/redeem AAAA", False),
        ("/verify ann AAAA", False),
        ("/reset ann", True),
        ("/reset ann AAAA-BBBB", False),
        ("/password old new", False),
        ("/2fa on", True),
        ("/2fa off AAAA", False),
        ("/token add ci", True),
        ("/query NickServ SET PASSWORD x", False),
        ("", True),
    ],
)
def test_secrets_are_not_kept(typed: str, kept: bool) -> None:
    assert may_be_kept(typed) is kept


@given(st.sampled_from(["/oper", "/RAW", "/Quote", "/redeem", "/ns"]), st.text())
def test_nothing_behind_a_command_that_takes_secrets_is_kept(command: str, rest: str) -> None:
    assert not may_be_kept(f"{command} {rest}")


@given(st.text().filter(lambda text: not text.startswith("/")))
def test_what_is_said_is_kept(text: str) -> None:
    assert may_be_kept(text)
