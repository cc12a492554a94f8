"""Who is let in to a door, and who is turned away with which words."""

from __future__ import annotations

import pytest

from hubbub.core.world.bans import NetworkBan
from hubbub.node.entry.gate import BUSY, DRAINING, NOT_IN, TOO_MANY, ConnectionCounts, Gate
from hubbub.node.limits.bounds import Bounds
from hubbub.transport.proxy.trusted import Proxies
from tests.node.node_harness import Node

HERE = ("127.0.0.1", 1)


class Counted:
    """A gate whose chance a test decides."""

    def __init__(self, *proxies: str, **bounds: int) -> None:
        self.node = Node(bounds=Bounds(**{"unauthenticated": 10, **bounds}))
        self.chance = 0.999
        self.counts = ConnectionCounts(self.node.hub.sessions, Proxies(proxies))
        self.gate = Gate(
            self.counts, lambda bounds: bounds.unauthenticated, str.encode, lambda: self.chance
        )

    def come(self, *addresses: str) -> list[str]:
        """Return what those are told who are turned away."""
        told = [self.gate.admit((address, 1)) for address in addresses]
        return [words.decode() for words in told if words is not None]


async def test_so_many_from_an_address_whether_they_are_in_or_not() -> None:
    door = Counted(connections_per_address=2)
    assert door.come("192.0.2.1") == []
    door.gate.entered(("192.0.2.1", 1))
    assert door.come("192.0.2.1", "192.0.2.1", "192.0.2.2") == [TOO_MANY]
    door.gate.left(("192.0.2.1", 1))
    assert door.come("192.0.2.1") == []
    assert door.gate.refused == {"address": 1}


async def test_few_who_are_not_in_yet() -> None:
    door = Counted(unauthenticated_per_address=2)
    assert door.come(*["192.0.2.1"] * 3) == [NOT_IN]
    door.gate.entered(("192.0.2.1", 1))
    assert door.come("192.0.2.1") == []
    door.gate.released(("192.0.2.1", 1))
    assert door.come("192.0.2.1", "192.0.2.1") == [NOT_IN]
    assert door.gate.refused == {"outside": 2}


async def test_networks_of_an_ipv6_site_are_one_address() -> None:
    door = Counted(unauthenticated_per_address=1)
    assert door.come("2001:db8::1", "2001:db8::2", "2001:db9::1") == [NOT_IN]


async def test_from_half_of_the_bound_on_chance_decides_and_at_the_bound_nothing_does() -> None:
    door = Counted(unauthenticated_refused_percent=30)
    others = (f"198.51.100.{number}" for number in range(20))
    door.chance = 0.0
    assert door.come(*(next(others) for _ in range(5))) == []
    # Three of ten at half of the bound, then evenly more.
    for outside, refused in enumerate((0.3, 0.44, 0.58, 0.72, 0.86), 5):
        door.chance = refused - 0.01
        assert door.come(next(others)) == [BUSY], outside
        door.chance = refused + 0.01
        assert door.come(next(others)) == [], outside
    assert door.come(next(others)) == [BUSY]


async def test_this_machine_is_counted_by_itself_and_keeps_nobody_out() -> None:
    door = Counted(connections_per_address=1, unauthenticated_per_address=1)
    assert door.come(*["127.0.0.1"] * 11) == [BUSY]
    door.chance = 0.0
    assert door.come("192.0.2.1") == []
    door.gate.released(HERE)
    assert door.come("127.0.0.1") == []


async def test_behind_a_proxy_this_machine_is_one_as_all_others() -> None:
    door = Counted("10.0.0.1", connections_per_address=1)
    assert door.come("127.0.0.1", "127.0.0.1") == [TOO_MANY]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("192.0.2.1", ["You are banned from this server: spam"]),
        ("10.0.0.1", []),
        ("127.0.0.1", []),
        ("192.0.3.1", []),
    ],
)
async def test_who_is_banned_is_told_why_but_no_proxy_is(address: str, told: list[str]) -> None:
    door = Counted("10.0.0.1")
    for network in ("192.0.2.0/24", "10.0.0.0/8", "127.0.0.0/8"):
        door.node.world.bans.add(NetworkBan("address", network, "oper", 0, reason="spam"))
    assert door.come(address) == told
    assert door.gate.refused.total() == len(told)


async def test_who_comes_to_a_node_that_drains_is_told_where_that_is_heard() -> None:
    door = Counted()
    assert door.gate.admit_plain(HERE) is None
    assert door.gate.late_reason(HERE) == ""
    door.node.hub.sessions.is_draining = True
    assert door.gate.admit_plain(HERE) == DRAINING.encode()
    # Over TLS only behind the handshake.
    assert door.gate.admit(HERE) is None
    assert door.gate.late_reason(HERE) == DRAINING
    assert door.gate.refused == {"draining": 2}
