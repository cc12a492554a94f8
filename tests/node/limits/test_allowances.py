"""How fast a person may send: one allowance for an account, and a bound on an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from hubbub.core.policy.flood import Bucket
from hubbub.core.policy.policy import Policy
from hubbub.node.limits.allowances import CROWD, Allowances
from tests.node.node_harness import Guest, Node, commands

BURST = 20
FLOOD = (BURST, 0.001)
"""So slow that nothing comes back while a test runs."""


def answered(guests: Sequence[Guest]) -> int:
    """Return how many commands were answered since the last look."""
    return sum(commands(guest.read()).count("461") for guest in guests)


async def flood(node: Node, guests: Sequence[Guest], lines: int = 3 * BURST) -> int:
    """Send many commands that cost as much as a message; return how many were answered."""
    for guest in guests:
        guest.read()
        guest.give(*["TOPIC"] * lines)
    await node.quiet()
    return answered(guests)


async def test_all_sessions_of_an_account_have_one_allowance() -> None:
    node = Node(Policy(flood=FLOOD, replay=0))
    guests = [await node.attach("ann", "ann") for _ in range(8)]
    assert await flood(node, guests) <= BURST
    bob = await node.attach("bob", "bob")
    assert await flood(node, [bob]) > BURST // 2


async def test_a_new_session_brings_no_new_allowance() -> None:
    node = Node(Policy(flood=FLOOD, replay=0))
    first, second = await node.attach("ann", "ann"), await node.attach("ann", "ann")
    await flood(node, [first])
    assert await flood(node, [second]) == 0


async def test_guests_have_their_own_and_their_address_has_a_bound() -> None:
    node = Node(Policy(flood=(BURST, 0.001), replay=0))
    guests = [await node.guest(f"ann{number}") for number in range(3)]
    # Three of a school hold each other up in nothing.
    assert await flood(node, guests) > 3 * BURST // 2
    more = [await node.guest(f"bob{number}") for number in range(2 * CROWD)]
    assert await flood(node, more) <= CROWD * BURST


async def test_who_logs_in_pays_from_the_account() -> None:
    node = Node(Policy(flood=FLOOD, replay=0))
    ann = await node.attach("ann", "ann")
    await flood(node, [ann])
    guest = await node.guest("bob")
    guest.connection.session.account = "ann"
    assert await flood(node, [guest]) == 0


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("127.0.0.1", "127.0.0.1", False),
    ],
)
def test_which_guests_share_an_address(first: str, second: str, shared: bool) -> None:
    allowances = Allowances()

    def guest(address: str) -> float:
        return allowances.of((1, 1.0), "", address, True, 0.0).delay(1, 0.0)

    assert [guest(first) for _ in range(CROWD)] == [0.0] * CROWD
    assert (guest(second) > 0) is shared


def test_what_is_full_again_is_forgotten_and_what_is_not_is_kept() -> None:
    allowances = Allowances()
    busy = allowances.of((10, 1.0), "busy", "", False, 0.0)
    busy.charge(1000)
    for number in range(3000):
        allowances.of((10, 1.0), f"a{number}", "", False, float(number) / 100).delay(
            1, number / 100
        )
    assert len(allowances._shared) < 2000
    assert allowances.of((10, 1.0), "busy", "", False, 30.0) is busy


def test_other_settings_count_from_now_on_and_forgive_nothing() -> None:
    allowances = Allowances()
    assert allowances.of((4, 1.0), "ann", "", False, 0.0).delay(4, 0.0) == 0
    assert allowances.of((5, 1.0), "ann", "", False, 0.0).delay(2, 0.0) == pytest.approx(1)


def test_what_costs_more_than_the_burst_can_be_had_all_the_same() -> None:
    bucket = Bucket(burst=2, rate=1)
    assert bucket.delay(7, 0) == 0
    assert bucket.delay(7, 0) == 2
    assert bucket.delay(7, 2) == 0


async def test_other_settings_hold_for_those_who_are_here() -> None:
    policy = Policy(flood=FLOOD, replay=0)
    node = Node(policy)
    ann = await node.guest("ann")
    await ann.ask("LUSERS")
    node.hub.sessions.adopt(replace(policy, flood=None), node.hub.sessions.bounds)
    assert await flood(node, [ann]) == 3 * BURST


async def test_what_was_said_counts_for_all_of_ones_sessions() -> None:
    node = Node(Policy(flood=None, replay=0))
    op = await node.guest("op")
    await op.ask("JOIN #c", "MODE #c +d 3:600")
    sessions = [await node.attach("ann", "ann") for _ in range(4)]
    await sessions[0].ask("JOIN #c")
    op.read()
    for session in sessions:
        await session.ask(*["PRIVMSG #c :hi"] * 3)
    assert commands(op.read()).count("PRIVMSG") == 3
