"""What is asked of one node and done at all: REHASH, and telling owners of failed logins."""

from __future__ import annotations

import pytest

from hubbub.node.peers.payloads import packed
from hubbub.node.peers.peers import FAILED, REREAD
from tests.node.peers.stalling import servers


async def test_a_rehash_has_all_nodes_reread_their_settings() -> None:
    async with servers(3) as all_of_them:
        members = all_of_them.members
        members[0].node.hub.peers.have_reread("ann")
        await all_of_them.flow()
        assert [member.node.reloads for member in members] == [0, 1, 1]


async def test_who_says_rehash_reaches_all() -> None:
    async with servers() as both:
        one, two = both.members
        root = await both.operator(one, "root", "root")
        await both.ask(root, "REHASH")
        assert (one.node.reloads, two.node.reloads) == (1, 1)


async def test_an_owner_is_told_at_any_node_what_was_guessed_and_once() -> None:
    async with servers() as both:
        one, two = both.members
        await one.node.attach("ann", "ann")
        await both.flow()
        one.node.hub.peers.login_failed("ann", "tls")
        await both.flow()
        there = two.node.hub.sessions.failed_logins
        assert there.total == 0, "what each node counts for its operators is its own"
        failures = there.of("ann")
        assert failures is not None
        assert (failures.unseen, failures.door) == (1, "tls")


@pytest.mark.parametrize(("kind", "payload"), [(REREAD, b"[1]"), (FAILED, packed("nobody", "tls"))])
async def test_what_means_nothing_does_nothing(kind: str, payload: bytes) -> None:
    async with servers() as both:
        both.log.relay.of(1).send(kind, payload)
        await both.flow()
        two = both.members[1].node
        assert two.reloads == 0
        assert two.hub.sessions.failed_logins.of("nobody") is None
