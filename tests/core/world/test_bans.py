"""Network bans: which one meets whom, and when."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.world.bans import (
    ACCOUNT,
    ADDRESS,
    BANS,
    MASK,
    NetworkBan,
    NetworkBans,
    is_within,
    parse_network,
)

NOW = 1_700_000_000


def bans(*targets: tuple[str, str], expires: int = 0) -> NetworkBans:
    return NetworkBans(NetworkBan(kind, target, "root", NOW, expires) for kind, target in targets)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::1/128", "2001:db8::1/128"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
    ],
)
def test_networks(text: str, network: str) -> None:
    assert str(parse_network(text)) == network


@pytest.mark.parametrize("text", ["", "ann", "192.0.2", "192.0.2.0/33", "*!*@192.0.2.1", "1"])
def test_what_is_no_network(text: str) -> None:
    assert parse_network(text) is None


def test_a_mask_meets_the_source_and_an_account_the_account() -> None:
    held = bans((MASK, "*!bad@*.cloak"), (ACCOUNT, "Bob"))
    assert held.of_user("ann!bad@x.cloak", "", NOW) is not None
    assert held.of_user("ann!ann@x.cloak", "bob", NOW) is not None
    assert held.of_user("ann!ann@x.cloak", "", NOW) is None
    assert held.of_user("bob!ann@x.cloak", "ann", NOW) is None


def test_the_most_addresses_of_a_range_are_met() -> None:
    held = bans((ADDRESS, "192.0.2.0/24"), (ADDRESS, "2001:db8::/64"))
    assert held.of_address("192.0.2.255", NOW) is not None
    assert held.of_address("::ffff:192.0.2.1", NOW) is not None
    assert held.of_address("2001:db8::5%eth0", NOW) is not None
    for address in ("192.0.3.0", "2001:db8:0:1::1", "unix", ""):
        assert held.of_address(address, NOW) is None


def test_a_ban_ends_when_its_time_has_come() -> None:
    held = bans((MASK, "*!*@a"), (ADDRESS, "192.0.2.1/32"), (ACCOUNT, "ann"), expires=NOW + 60)
    for now, met in ((NOW + 59, True), (NOW + 60, False)):
        assert (held.of_user("x!y@a", "", now) is not None) == met
        assert (held.of_user("x!y@b", "ann", now) is not None) == met
        assert (held.of_address("192.0.2.1", now) is not None) == met
    held.remove_expired(NOW + 60)
    assert list(held) == []


def test_one_target_has_one_ban() -> None:
    held = bans((MASK, "A!*@*"), (ADDRESS, "192.0.2.1/32"), (ADDRESS, "192.0.2.1/32"))
    held.add(NetworkBan(MASK, "a!*@*", "other", NOW))
    assert [ban.by for ban in held] == ["other", "root"]
    held.remove(ADDRESS, "192.0.2.1/32")
    assert held.of_address("192.0.2.1", NOW) is None


def test_there_are_so_many_at_most() -> None:
    held = bans(*((MASK, f"{n}!*@*") for n in range(BANS[MASK] - 1)))
    held.add(NetworkBan(MASK, "old!*@*", "root", NOW, NOW + 1))
    assert not held.has_room(MASK, "new!*@*", NOW)
    assert held.has_room(MASK, "0!*@*", NOW), "one there is may be changed"
    assert held.has_room(ACCOUNT, "ann", NOW)
    assert held.has_room(MASK, "new!*@*", NOW + 1), "what has expired takes no room"


@given(
    st.lists(st.tuples(st.ip_addresses(v=4), st.integers(8, 32)), max_size=8),
    st.ip_addresses(v=4),
)
def test_looking_up_finds_what_looking_through_finds(
    ranges: list[tuple[ipaddress.IPv4Address, int]], address: ipaddress.IPv4Address
) -> None:
    networks = [ipaddress.ip_network((base, length), strict=False) for base, length in ranges]
    held = bans(*((ADDRESS, str(network)) for network in networks))
    found = held.of_address(str(address), NOW)
    assert (found is not None) == any(is_within(network, str(address)) for network in networks)


@pytest.mark.parametrize(
    ("address", "within"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("192.0.3.7", False),
        ("2001:db8::1", False),
        ("unix", False),
        ("", False),
    ],
)
def test_an_address_as_a_socket_tells_it_lies_in_a_network(address: str, within: bool) -> None:
    network = parse_network("192.0.2.0/24")
    assert network is not None
    assert is_within(network, address) == within
