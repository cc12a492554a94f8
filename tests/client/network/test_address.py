"""Tests of reading URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.errors import AddressError
from hubbub.client.network.address import DEFAULT_URL, ServerAddress, parse
from hubbub.irc.text import is_safe


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (DEFAULT_URL, ServerAddress("localhost", 6697, True, ("#lobby",))),
        ("ircs://chat.example.org", ServerAddress("chat.example.org", 6697)),
        ("chat.example.org/team", ServerAddress("chat.example.org", 6697, True, ("#team",))),
        ("irc://h:7000/%23a,b", ServerAddress("h", 7000, False, ("#a", "#b"))),
        ("ircs://ann@[::1]:1/#a", ServerAddress("::1", 1, True, ("#a",), "ann")),
        ("IRCS://h#a", ServerAddress("h", 6697, True, ("#a",))),
        (
            "ircs://ann@a,b:7000,[::1]/#c,d",
            ServerAddress(
                "a",
                6697,
                True,
                ("#c", "#d"),
                "ann",
                (ServerAddress("b", 7000), ServerAddress("::1", 6697)),
            ),
        ),
        ("a,a:6697,a", ServerAddress("a", 6697)),
    ],
)
def test_urls_are_read(url: str, address: ServerAddress) -> None:
    assert parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "http://h/", "ircs://", "ircs://h:0/", "ircs://h:99999", "ircs://h:x", "ircs://9a@h",
        "ircs://[::g]/", "ircs://h/#a%20b", "ircs://h\x1b[2J/", "ircs://-x/", "ircs://h/#a%07",
        "ircs://a,,b", "ircs://a,", "ircs://a,b:x",
        "ircs://" + ",".join(f"h{n}" for n in range(17)),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_without_control_characters(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse(url)
    assert str(caught.value).isprintable()


@given(st.text())
def test_any_text_is_an_address_or_an_error(text: str) -> None:
    try:
        address = parse(text)
    except AddressError:
        return
    assert is_safe(address.name)
    assert all(is_safe(channel) for channel in address.channels)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.9", True), ("::1", True), ("10.0.0.1", False), ("a.b", False)],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert ServerAddress(host, 1).is_loopback is loopback


def test_names() -> None:
    assert ServerAddress("::1", 6697).name == "[::1]:6697"
    assert ServerAddress("h", 1).name == "h:1"


def test_each_of_several_places_knows_the_others_and_what_to_join_is_asked_of_the_first() -> None:
    address = parse("ircs://a,b,c/#x")
    assert [place.host for place in address.choices] == ["a", "b", "c"]
    for place in address.choices:
        assert {other.host for other in place.others} == {"a", "b", "c"} - {place.host}
    assert parse("a").choices == (parse("a"),)
