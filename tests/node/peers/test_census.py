"""Whom a ban of an address would hit: on all nodes, or said where that is not known."""

from __future__ import annotations

import pytest

from hubbub.node.peers.census import ANSWER, ANSWER_SECONDS, ASK
from hubbub.node.peers.payloads import packed
from tests.node.peers.stalling import heard, servers

# The hub's clock is the test's, which no compiled class takes.
pytestmark = pytest.mark.pure


async def test_a_ban_of_an_address_asks_who_would_be_hit_on_all_nodes() -> None:
    async with servers(3) as all_of_them:
        one, two, three = all_of_them.members
        root = await all_of_them.operator(one, "root", "root")
        for member, nick in ((two, "bob"), (two, "cat"), (three, "dan")):
            guest = await all_of_them.person(member, nick)
            guest.connection.address = "198.51.100.7"
        told = await all_of_them.ask(root, "UBAN TEST 198.51.100.0/24")
        assert any("meets 3 who are here" in line for line in told)
        assert any("bob cat dan" in line for line in told)


async def test_who_is_an_owner_elsewhere_is_protected() -> None:
    async with servers() as both:
        one, two = both.members
        mod = await both.operator(one, "mod", "mod")
        root = await both.operator(two, "root", "root")
        root.connection.address = "198.51.100.7"
        told = await both.ask(mod, "UBAN ADD 198.51.100.7 1d :spam")
        assert any("FAIL UBAN INVALID_TARGET" in line and "an operator" in line for line in told)


async def test_a_node_that_does_not_answer_is_named_and_keeps_nobody_waiting() -> None:
    async with servers(3) as all_of_them:
        one, _, three = all_of_them.members
        root = await all_of_them.operator(one, "root", "root")
        all_of_them.cut_off.add(three)
        assert await all_of_them.ask(root, "UBAN TEST 198.51.100.0/24") == []
        await all_of_them.passes(ANSWER_SECONDS + 0.25)
        told = heard(root)
        assert any("node 3 did not answer" in line for line in told)
        assert any("meets nobody" in line for line in told)


async def test_one_node_answers_at_once() -> None:
    async with servers(1) as alone:
        root = await alone.operator(alone.members[0], "root", "root")
        told = await alone.ask(root, "UBAN TEST 198.51.100.0/24")
        assert any("meets nobody" in line for line in told)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (ASK, b"x"),
        (ASK, packed(1, "no network")),
        (ANSWER, packed(1, 1, 1, False, [99, 98])),
        (ANSWER, packed(7, 1, 1, False, [1])),
        (ANSWER, packed(1, 2, 1, False, [1])),
        (ANSWER, packed(1, "1", 1, False, [1])),
    ],
)
async def test_a_peer_that_talks_nonsense_hits_nobody(kind: str, payload: bytes) -> None:
    async with servers() as both:
        one, two = both.members
        root = await both.operator(one, "root", "root")
        both.log.relay.of(two.number).take(ASK, lambda node, asked: None)
        root.give("UBAN TEST 198.51.100.0/24")
        await both.flow()
        both.log.relay.of(two.number).send(kind, payload)
        await both.passes(ANSWER_SECONDS + 0.25)
        assert any("meets nobody" in line for line in heard(root))
