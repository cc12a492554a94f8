"""Who is a proxy, and whom a chain of proxies speaks for."""

from __future__ import annotations

import pytest

from hubbub.transport.proxy.trusted import Proxies

PROXIES = Proxies(("10.0.0.0/8", "127.0.0.1", "2001:db8::/32"))


@pytest.mark.parametrize(
    ("address", "is_proxy"),
    [
        ("10.255.0.1", True),
        ("127.0.0.1", True),
        ("127.0.0.2", False),
        ("2001:db8::5", True),
        ("2001:db8::5%eth0", True),
        ("::ffff:10.0.0.1", True),
        ("::1", False),
        ("192.0.2.1", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_who_is_one(address: str, is_proxy: bool) -> None:
    assert (address in PROXIES) is is_proxy
    assert address not in Proxies()


def test_any_or_none() -> None:
    assert PROXIES
    assert not Proxies()
    assert 5 not in PROXIES
    with pytest.raises(ValueError, match="does not appear"):
        Proxies(("proxy.example.org",))


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["192.0.2.7"], "192.0.2.7"),
        (["198.51.100.1, 192.0.2.7"], "192.0.2.7"),
        (["192.0.2.7, 10.0.0.1", "10.0.0.2"], "192.0.2.7"),
        (["127.0.0.1, 192.0.2.7,10.0.0.1"], "192.0.2.7"),
        (["192.0.2.7:5000"], "192.0.2.7"),
        (["[2001:db9::7]:5000"], "2001:db9::7"),
        (["[2001:db9::7]"], "2001:db9::7"),
        (["2001:DB9:0::7"], "2001:db9::7"),
        (["::ffff:192.0.2.7"], "192.0.2.7"),
        (["10.0.0.9, 10.0.0.1"], "10.0.0.9"),
        (["192.0.2.7, unknown"], None),
        (["192.0.2.7, "], None),
        (["unknown, 192.0.2.7"], "192.0.2.7"),
        ([""], None),
        ([], None),
    ],
)
def test_the_rightmost_that_is_no_proxy(forwarded: list[str], client: str | None) -> None:
    assert PROXIES.client_of(forwarded) == client
