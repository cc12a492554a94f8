"""Hosts as others see them."""

from __future__ import annotations

import pytest

from hubbub.node.cloak import cloak, is_loopback, network_of

KEY = b"k" * 32


def test_an_address_has_one_host_under_one_key() -> None:
    host = cloak(KEY, "192.0.2.7")
    assert host == cloak(KEY, "192.0.2.7")
    assert host != cloak(KEY, "192.0.2.8")
    assert host != cloak(b"other", "192.0.2.7")
    assert "192" not in host.removesuffix(".cloak") or len(host) == 26
    assert host.endswith(".cloak")


def test_an_ipv6_household_is_one() -> None:
    assert cloak(KEY, "2001:db8:1:2::1") == cloak(KEY, "2001:db8:1:2:ffff::9")
    assert cloak(KEY, "2001:db8:1:2::1") != cloak(KEY, "2001:db8:1:3::1")


def test_a_mapped_address_is_the_ipv4_address() -> None:
    assert network_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert network_of("fe80::1%eth0") == "fe80::/64"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("2001:db8::1", False),
        ("no address", False),
    ],
)
def test_loopback(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected
