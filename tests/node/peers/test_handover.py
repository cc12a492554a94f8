"""A node of several that drains: on record, and its people go on at the others."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.node.peers import handover
from hubbub.node.peers.handover import RECONNECT, HandOver
from hubbub.server import drain
from hubbub.server.drain import Draining
from tests.node.fake_log import Member
from tests.node.node_harness import Guest
from tests.node.peers.stalling import Servers, heard, servers

# The hub's clock is the test's, which no compiled class takes.
pytestmark = pytest.mark.pure


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for balancers and slices."""
    monkeypatch.setattr(drain, "NOTICED_SECONDS", 0.0)
    monkeypatch.setattr(handover, "SLICE_SECONDS", 0.001)


async def drained(both: Servers, member: Member) -> list[str]:
    """Drain a node; return what happened, in order."""
    order: list[str] = []
    stopped = asyncio.Event()

    def stop() -> None:
        order.append("stop")
        stopped.set()

    sessions = member.node.hub.sessions
    draining = Draining(sessions, stop, lambda: 0, lambda: order.append("step down"))
    assert draining.begin(600).startswith("This server sends everybody to the others")
    async with asyncio.timeout(20):
        while not stopped.is_set():
            await both.flow()
    return order


async def test_everybody_is_told_to_reconnect_and_then_it_stops() -> None:
    async with servers() as both:
        one, two = both.members
        ann, bob = await both.person(one, "ann"), await both.person(two, "bob")
        assert await drained(both, one) == ["step down", "stop"]
        assert heard(ann)[-1].endswith(f"({RECONNECT})")
        assert not bob.stream.ended
        nodes = two.node.world.nodes
        assert nodes[1].is_draining
        assert nodes[1].is_up
        assert two.node.world.housekeeper == 2
        stopping = asyncio.ensure_future(one.node.hub.stop(0.0))
        while not stopping.done():
            await both.flow()
        assert not nodes[1].is_up


async def test_a_persisting_account_is_not_seen_to_leave() -> None:
    async with servers() as both:
        one, two = both.members
        bob = await both.person(two, "bob")
        ann = await account(both, one, "ann")
        heard(bob)
        await drained(both, one)
        assert ann.stream.ended
        assert not any(word in line for line in heard(bob) for word in ("QUIT", "PART", "ann"))
        again = Guest(two.node)
        again.connection.session.account = "ann"
        again.give("NICK ann", "USER ann 0 * :x")
        await both.flow()
        assert any(" JOIN " in line and "#room" in line for line in heard(again)), "she is in it"
        assert not any("JOIN" in line for line in heard(bob)), "and was all the time"


async def account(both: Servers, member: Member, name: str) -> Guest:
    """Return a session of an account that stays, in #room."""
    from hubbub.core.records.accounts import AccountRegistered, AccountSet

    sessions = member.node.hub.sessions
    sessions.append(lambda origin: AccountRegistered(origin, name, by="test"))
    sessions.append(lambda origin: AccountSet(origin, name, "persist", "on", "test"))
    await both.flow()
    guest = Guest(member.node)
    guest.connection.session.account = name
    guest.give(f"NICK {name}", f"USER {name} 0 * :x", "JOIN #room")
    await both.flow()
    return guest


async def test_who_waits_for_an_echo_has_it_first() -> None:
    async with servers() as both:
        one = both.members[0]
        ann = await both.person(one, "ann")
        heard(ann)
        ann.give("PRIVMSG #room :last words")
        await one.node.quiet()
        sending = asyncio.ensure_future(HandOver(one.node.hub.sessions).send_all(600))
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not ann.stream.ended
        await both.flow()
        await sending
        echo, error = heard(ann)
        assert echo.endswith("last words")
        assert "ERROR" in error


async def test_one_node_sends_nobody_away() -> None:
    async with servers(1) as alone:
        one = alone.members[0]
        ann = await alone.person(one, "ann")
        draining = Draining(one.node.hub.sessions, lambda: None, lambda: 0)
        assert draining.begin(600).startswith("The server takes in nobody")
        await alone.flow()
        assert not ann.stream.ended
        assert HandOver(one.node.hub.sessions).others == []
        draining.end()
