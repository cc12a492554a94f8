"""What answers instead of what was expected is named, and what to try."""

from __future__ import annotations

import pytest

from hubbub.wire.decoding.guessing import guess
from hubbub.wire.seen import Way


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "try ssh://"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "try ircs://"),
        (b"HTTP/1.1 400 Bad Request\r\n", "ws://"),
        (b"<!doctype html>\n<html>", "ws://"),
        (b":irc.example.org NOTICE * :hello\r\n", "try irc://"),
        (b"", "not one byte came"),
    ],
)
def test_known_beginnings_are_named(data: bytes, said: str) -> None:
    assert said in guess(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PASS hunter2\r\n", "speaks IRC without TLS"),
        (b"pass hunter2\r\n", "speaks IRC without TLS"),
        (b"GET /?hunter2 HTTP/1.1\r\n", "speaks HTTP"),
        (b"SSH-2.0-x\r\n", "speaks SSH"),
        (b"\x16\x03\x01\x00", "speaks TLS"),
        (b"hunter2\r\n", "not shown"),
    ],
)
def test_of_a_client_nothing_is_quoted(data: bytes, said: str) -> None:
    assert said in guess(data, way=Way.SENT)
    assert "hunter2" not in guess(data, way=Way.SENT)


def test_what_was_expected_is_no_advice() -> None:
    assert "try" not in guess(b":irc.example.org NOTICE * :hello", "irc")


def test_what_is_quoted_controls_no_terminal() -> None:
    assert guess(b"\x1b[2J\x07") == "it begins with '\u241b[2J\u2407'"
