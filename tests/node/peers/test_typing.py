"""Typing on several nodes: seen by whoever would see it on one."""

from __future__ import annotations

import pytest

from hubbub.node.peers.payloads import packed
from hubbub.node.peers.typing import KIND
from tests.node.peers.stalling import heard, servers

# The hub's clock is the test's, which no compiled class takes.
pytestmark = pytest.mark.pure

ACTIVE = "@+typing=active TAGMSG"


async def test_who_is_elsewhere_sees_it_and_who_types_does_not() -> None:
    async with servers(3) as all_of_them:
        one, two, three = all_of_them.members
        ann, bob = await all_of_them.person(one, "ann"), await all_of_them.person(two, "bob")
        cat = await all_of_them.person(three, "cat", "echo-message")
        for guest in (ann, bob, cat):
            heard(guest)
        ann.give(f"{ACTIVE} #room")
        await one.node.quiet()
        line = "@+typing=active :ann!ann@host.cloak TAGMSG #room"
        assert heard(bob) == [line]
        assert heard(ann) == [line], "her own echo, once"
        assert heard(cat) == [], "she has no message-tags"


async def test_it_leaves_a_node_once_in_three_seconds_for_a_target() -> None:
    async with servers() as both:
        one, two = both.members
        ann, bob = await both.person(one, "ann"), await both.person(two, "bob")
        heard(bob)
        ann.give(f"{ACTIVE} #room", f"{ACTIVE} #room", f"{ACTIVE} bob")
        await one.node.quiet()
        assert [line.split()[-1] for line in heard(bob)] == ["#room", "bob"]
        both.now += 3
        ann.give(f"{ACTIVE} #room")
        await one.node.quiet()
        assert len(heard(bob)) == 1


async def test_nothing_leaves_a_node_where_nobody_elsewhere_hears_it() -> None:
    async with servers() as both:
        one, two = both.members
        sent: list[bytes] = []
        both.log.relay.of(two.number).take(KIND, lambda node, payload: sent.append(payload))
        ann = await both.person(one, "ann")
        ann.give(f"{ACTIVE} #room")
        await one.node.quiet()
        assert sent == []


@pytest.mark.parametrize(
    "payload",
    [
        packed("bob!bob@host.cloak", "#room", "active", ""),
        packed("ann!ann@elsewhere", "#room", "active", ""),
        packed("nobody!x@y", "#room", "active", ""),
        packed("ann!ann@host.cloak", "#nowhere", "active", ""),
        packed("ann!ann@host.cloak", "#room", "dancing", ""),
        packed("ann!ann@host.cloak", "#room", "", ""),
        packed("ann!ann@host.cloak", "#room x", "active", ""),
        b"nonsense",
    ],
)
async def test_what_a_peer_makes_up_is_not_shown(payload: bytes) -> None:
    async with servers() as both:
        one, two = both.members
        await both.person(one, "ann")
        cat = await both.person(two, "cat")
        heard(cat)
        both.log.relay.of(one.number).send(KIND, payload)
        await two.node.quiet()
        assert heard(cat) == []
