"""Addresses of doors: what is understood, and what counts as this machine."""

import pytest

from hubbub.settings.address import Address, loopback, parse_address, parse_network, parse_port


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:6697", (Address("127.0.0.1", 6697),)),
        ("[::1]:6697", (Address("::1", 6697),)),
        ("[0:0::1]:0", (Address("::1", 0),)),
        ("0.0.0.0:65535", (Address("0.0.0.0", 65535),)),  # noqa: S104
        ("localhost:6697", loopback(6697)),
    ],
)
def test_understood(text: str, expected: tuple[Address, ...]) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "6697", ":6697", "127.0.0.1", "::1:6697", "[::1]", "127.0.0.1:", "127.0.0.1:65536",
     "127.0.0.1:-1", "127.0.0.1:١", "chat.example.org:6697", "300.0.0.1:1", "[127.0.0.1:1"],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_address(text)


@pytest.mark.parametrize("address", [Address("127.0.0.1", 6697), Address("::1", 6697)])
def test_written_as_read(address: Address) -> None:
    assert parse_address(str(address)) == (address,)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("::", False),
        ("192.168.1.5", False),
        ("fe80::1%eth0", False),
    ],
)
def test_loopback(host: str, local: bool) -> None:
    assert Address(host, 1).is_loopback is local


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("2001:db8::1", "2001:db8::1/128"),
    ],
)
def test_a_network_is_one_however_it_is_written(text: str, network: str) -> None:
    assert str(parse_network(text)) == network


@pytest.mark.parametrize("text", ["", "-1", "65536", "9" * 5000, "٤", "http"])
def test_what_is_no_port(text: str) -> None:
    with pytest.raises(ValueError, match="is not a port from 0 to 65535"):
        parse_port(text)
