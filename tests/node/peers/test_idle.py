"""For how long somebody on another node has said nothing."""

from __future__ import annotations

import pytest

from hubbub.core.records.base import SessionId
from hubbub.core.world.world import World
from hubbub.node.peers import idle
from hubbub.node.peers.idle import LastSaid
from tests.node.fake_log import Member
from tests.node.peers.stalling import heard, servers

# The hub's clock is the test's, which no compiled class takes.
pytestmark = pytest.mark.pure


def idle_of(lines: list[str]) -> int:
    """Return the seconds that a WHOIS tells."""
    (line,) = (line for line in lines if " 317 " in line)
    return int(line.split()[4])


def at(member: Member, microseconds: int) -> None:
    """Let a node's clock show a time."""
    member.node.hub.sessions.clock = lambda: microseconds


async def test_every_node_tells_the_same() -> None:
    async with servers() as both:
        one, two = both.members
        ann, bob = await both.person(one, "ann"), await both.person(two, "bob")
        start = both.log.stamp
        for member in both.members:
            at(member, start + 60_000_000)
            member.node.hub.sessions.last_said._since = start // 1_000_000
        both.log.stamp = start + 60_000_000
        await both.ask(ann, "PRIVMSG #room :hello")
        for member in both.members:
            at(member, start + 100_000_000)
        heard(bob)
        here, there = await both.ask(ann, "WHOIS ann"), await both.ask(bob, "WHOIS ann")
        assert idle_of(here) == idle_of(there) == 40
        (row,) = [line for line in await both.ask(bob, "WHO ann %nl") if " 354 " in line]
        assert row.endswith("40")


async def test_who_has_said_nothing_since_this_node_began_is_idle_since_then() -> None:
    async with servers() as both:
        one, two = both.members
        await both.person(one, "ann")
        bob = await both.person(two, "bob")
        now = both.log.stamp + 500_000_000
        two.node.hub.sessions.last_said._since = now // 1_000_000 - 7
        at(two, now)
        assert idle_of(await both.ask(bob, "WHOIS ann")) == 7


def test_sessions_that_have_gone_are_forgotten_in_time() -> None:
    said = LastSaid(World(), 0)
    for number in range(3 * idle.SPARE):
        said.said(SessionId(2, 1, number), 5_000_000)
    assert len(said._said) <= idle.SPARE + 1
