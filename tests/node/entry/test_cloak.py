"""Hosts as others see them."""

from __future__ import annotations

from hubbub.node.entry.cloak import cloak

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
