"""Addresses and places to listen are read, and what is none says how one looks."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.address import WireAddress, parse_address, parse_listen
from hubbub.wire.failures import NoAddress


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("irc://localhost", WireAddress("irc", "localhost", 6667)),
        ("IRCS://irc.example.org/", WireAddress("ircs", "irc.example.org", 6697)),
        ("ssh://ann@[::1]:2222", WireAddress("ssh", "::1", 2222, "ann")),
        ("wss://h/path?x=1", WireAddress("wss", "h", 443, path="/path?x=1")),
        ("ws://h:8080", WireAddress("ws", "h", 8080)),
    ],
)
def test_addresses(text: str, address: WireAddress) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("localhost", "is no address"),
        ("ftp://x", "ftp:// cannot be looked at"),
        ("irc://", "is no address"),
        ("irc://x:0", "is no port"),
        ("irc://x:99999", "is no port"),
        ("ssh://[zz]", "is no IPv6 address"),
        ("ssh://a\udcff@x", "is no address"),
        ("irc://x\x1b[2J", "is no address"),
        ("ssh://ann:hunter2@x", "holds no password"),
        ("ircs://:hunter2@[::1]:6697", "holds no password"),
        ("ircs://ann:hunter2@", "holds no password"),
    ],
)
def test_what_is_none_says_so(text: str, said: str) -> None:
    with pytest.raises(NoAddress, match=said) as failure:
        parse_address(text)
    assert "hunter2" not in str(failure.value)


@given(st.text())
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for parse in (parse_address, parse_listen):
        with suppress(NoAddress):
            parse(text)


def test_where_to_listen() -> None:
    assert parse_listen("6698") == ("127.0.0.1", 6698)
    assert parse_listen("[::1]:0") == ("::1", 0)
    assert parse_listen("host:6698") == ("host", 6698)
    with pytest.raises(NoAddress):
        parse_listen("everywhere")


def test_names_and_what_is_this_machine() -> None:
    assert parse_address("ssh://[::1]:2222").name == "[::1]:2222"
    assert parse_address("ws://localhost").is_loopback
    assert not parse_address("wss://example.org").is_loopback
    assert parse_address("wss://example.org").tls
