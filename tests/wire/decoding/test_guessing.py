"""What answers instead of what was expected is named, and what to try."""

from __future__ import annotations

import pytest

from hubbub.wire.decoding.guessing import guess


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "try ssh://"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "try ircs://"),
        (b"HTTP/1.1 400 Bad Request\r\n", "ws://"),
        (b":irc.example.org NOTICE * :hello\r\n", "try irc://"),
        (b"", "not one byte came"),
    ],
)
def test_known_beginnings_are_named(data: bytes, said: str) -> None:
    assert said in guess(data)


def test_what_was_expected_is_no_advice() -> None:
    assert "try" not in guess(b":irc.example.org NOTICE * :hello", "irc")


def test_what_is_quoted_controls_no_terminal() -> None:
    assert guess(b"\x1b[2J\x07") == "it begins with '\u241b[2J\u2407'"
