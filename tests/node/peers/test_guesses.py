"""Guesses at several nodes: no more of them than one node would let through."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.node.auth.login_delays import (
    ACCOUNT_FREE,
    ADDRESS_FREE,
    FREE_CODES,
    PAIR_FREE,
    PAIR_SECONDS,
    REGISTRATIONS,
    Guess,
    LoginDelays,
    Turn,
)
from hubbub.node.peers.guesses import KIND, SharedDelays
from hubbub.node.peers.payloads import packed
from hubbub.node.peers.signals import Relay

ANN = Guess("192.0.2.1", "ann")


class Nodes:
    """Three nodes and a clock."""

    def __init__(self, count: int = 3) -> None:
        self.now = 100.0
        self.relay = Relay()
        ends = [self.relay.of(number) for number in range(count)]
        self.delays = [SharedDelays(LoginDelays(), end, lambda: self.now) for end in ends]

    async def guess(self, node: int, guess: Guess = ANN) -> bool:
        """Guess wrong at a node; say whether it was let through at once."""
        turn = self.delays[node].take(guess, self.now)
        await told()
        if not isinstance(turn, Turn) or turn.wait:
            return False
        self.delays[node].wrong(turn, self.now)
        return True


async def told() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_pair_has_its_guesses_once_whichever_node_it_asks() -> None:
    nodes = Nodes()
    assert sum([await nodes.guess(number % 3) for number in range(30)]) == PAIR_FREE
    nodes.now += 30 * PAIR_SECONDS
    assert await nodes.guess(2), "time gives them back everywhere"


async def test_an_address_and_an_account_have_theirs_once() -> None:
    nodes = Nodes()
    at = [Guess("192.0.2.1", f"name{number}") for number in range(60)]
    assert sum([await nodes.guess(n % 3, guess) for n, guess in enumerate(at)]) == ADDRESS_FREE
    of = [Guess(f"198.51.100.{number}", "bob") for number in range(60)]
    assert sum([await nodes.guess(n % 3, guess) for n, guess in enumerate(of)]) == ACCOUNT_FREE


async def test_what_is_right_at_one_node_is_forgiven_at_all() -> None:
    nodes = Nodes()
    for node in range(3):
        await nodes.guess(node)
    turn = nodes.delays[0].take(ANN, nodes.now)
    assert isinstance(turn, Turn)
    nodes.delays[0].right(turn, nodes.now)
    await told()
    again = [await nodes.guess(number % 3) for number in range(3 * PAIR_FREE)]
    assert sum(again) == PAIR_FREE


async def test_what_was_not_checked_is_given_back_everywhere() -> None:
    nodes = Nodes()
    for _ in range(40):
        turn = nodes.delays[0].take(ANN, nodes.now)
        assert isinstance(turn, Turn)
        assert not turn.wait
        nodes.delays[0].give_back(turn, nodes.now)
        await told()
    assert await nodes.guess(1)


async def test_an_owner_known_at_one_node_is_known_at_all() -> None:
    nodes = Nodes()
    nodes.delays[0].logged_in(ANN.address, ANN.account)
    await told()
    for number in range(60):
        await nodes.guess(number % 3, Guess(f"198.51.100.{number}", "ann"))
    assert await nodes.guess(1), "strangers keep no owner out"


async def test_one_time_passwords_are_counted_together() -> None:
    nodes = Nodes()
    for number in range(FREE_CODES):
        assert nodes.delays[1].takes_codes(ANN, nodes.now)
        nodes.delays[number % 3].code_failed(ANN, nodes.now)
        await told()
    assert not any(each.takes_codes(ANN, nodes.now) for each in nodes.delays)
    nodes.delays[2].code_right(ANN)
    await told()
    assert all(each.takes_codes(ANN, nodes.now) for each in nodes.delays)


async def test_registrations_of_an_address_are_counted_together() -> None:
    nodes = Nodes()
    made = 0
    for number in range(3 * REGISTRATIONS):
        made += nodes.delays[number % 3].may_register(ANN.address, nodes.now)
        await told()
    assert made == REGISTRATIONS
    assert nodes.delays[0].may_register("", nodes.now)


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", packed("taken", 1, "a", True, True), packed("no-such", "a", "b", True, True)],
)
async def test_what_cannot_be_read_counts_nothing(payload: bytes) -> None:
    nodes = Nodes(1)
    nodes.relay.of(9).send(KIND, payload)
    await told()
    assert await nodes.guess(0)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["ann", "bob"])), max_size=80))
def test_however_they_are_spread_there_are_no_more_than_at_one_node(
    tries: list[tuple[int, str]],
) -> None:
    async def count(nodes: Nodes, spread: bool) -> int:
        found = 0
        for node, account in tries:
            found += await nodes.guess(node if spread else 0, Guess("192.0.2.1", account))
        return found

    async def compare() -> None:
        assert await count(Nodes(), spread=True) == await count(Nodes(1), spread=False)

    asyncio.run(compare())
