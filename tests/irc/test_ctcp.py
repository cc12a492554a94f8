"""What is CTCP, and what a person says."""

from __future__ import annotations

import pytest

from hubbub.irc.ctcp import is_ctcp


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", False),
        ("\x01ACTION waves\x01", False),
        ("\x01ACTION waves", False),
        ("hello\n\x01ACTION waves\x01", False),
        ("\x01VERSION\x01", True),
        ("\x01ACTION\x01", True),
        ("\x01action waves\x01", True),
        ("\x01DCC SEND a 1 2 3\x01", True),
        ("hello\n\x01PING 1\x01", True),
        ("hello\r\x01PING 1\x01", True),
        # Eggdrop looks for requests anywhere in a line.
        ("hello \x01VERSION\x01", True),
        ("\x01ACTION waves\x01\x01VERSION\x01", True),
        ("\x01ACTION \x01", False),
    ],
)
def test_what_only_programs_ask(text: str, expected: bool) -> None:
    assert is_ctcp(text) == expected
