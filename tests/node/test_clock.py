"""What happens because time passes, with a clock that the test turns."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.node import clock as clock_module
from hubbub.node.clock import Clock
from hubbub.node.limits.bounds import Bounds
from tests.node.node_harness import Guest, Node, commands
from tests.node.turned_loop import TurnedLoop


class Turned:
    """Turn the clock of a node's sessions by hand, and count the snapshots that it asks for."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.loop = TurnedLoop(node)
        self.ticks = self.loop.ticks
        self.snapshots = 0

    def clock(self) -> Clock:
        """Return a clock that this turns."""
        hub = self._node.hub
        return Clock(hub.sessions, hub.take_away_expired, lambda: self.store())

    def store(self) -> None:
        self.snapshots += 1

    async def after(self, seconds: float) -> None:
        """Let so much time pass, then tick once."""
        self.loop.now += seconds
        self.ticks.pop()()
        await self._node.quiet()


@pytest.fixture
def bounds() -> Bounds:
    return Bounds(registration_seconds=30, idle_seconds=90, pong_seconds=60, stalled_seconds=120)


def start(node: Node) -> Turned:
    turned = Turned(node)
    turned.clock().start()
    return turned


async def test_who_does_not_register_in_time_is_told_and_closed(bounds: Bounds) -> None:
    node = Node(bounds=bounds)
    time = start(node)
    ann = Guest(node)
    await time.after(29)
    assert not ann.stream.ended
    await time.after(2)
    (error,) = ann.read()
    assert error.params[0].endswith("(Registration timed out)")
    assert node.hub.sessions.roster.connections == {}


async def test_waiting_for_a_password_does_not_count(bounds: Bounds) -> None:
    node = Node(bounds=bounds)
    time = start(node)
    ann = Guest(node)
    ann.connection.checking = True
    await time.after(100)
    assert not ann.stream.ended
    ann.connection.checking = False
    ann.connection.checked_seconds = 90.0
    await time.after(0)
    assert not ann.stream.ended
    await time.after(30)
    assert ann.stream.ended


async def test_who_is_silent_is_pinged_then_closed(bounds: Bounds) -> None:
    node = Node(bounds=bounds)
    time = start(node)
    ann = await node.guest("ann")
    await time.after(89)
    assert ann.read() == []
    await time.after(2)
    assert commands(ann.read()) == ["PING"]
    await time.after(59)
    assert ann.read() == []
    await time.after(2)
    (error,) = ann.read()
    assert error.params[0].endswith("(Ping timeout: 60 seconds)")
    assert node.world.users == {}


async def test_an_answer_is_life(bounds: Bounds) -> None:
    node = Node(bounds=bounds)
    time = start(node)
    ann = await node.guest("ann")
    for _ in range(5):
        await time.after(91)
        assert commands(ann.read()) == ["PING"]
        await ann.ask("PONG x")
    assert not ann.stream.ended


async def test_bytes_that_a_slow_socket_takes_are_life(bounds: Bounds) -> None:
    node = Node(bounds=bounds)
    time = start(node)
    ann = await node.guest("ann")
    ann.stream.stuck = True
    ann.stream.kept = b"much"
    for _ in range(10):
        ann.stream.last_accepted = time.loop.now
        await time.after(50)
    assert not ann.stream.ended


async def test_a_socket_that_takes_nothing_is_given_up(bounds: Bounds) -> None:
    node = Node(bounds=bounds)
    time = start(node)
    ann = await node.guest("ann")
    ann.stream.last_accepted = time.loop.now
    ann.stream.stuck = True
    ann.stream.kept = b"much"
    await time.after(119)
    assert not ann.stream.ended
    await time.after(2)
    assert ann.stream.aborted
    assert node.world.users == {}


async def test_who_is_not_read_is_not_timed_out(bounds: Bounds) -> None:
    node = Node(bounds=bounds)
    time = start(node)
    ann = await node.guest("ann")
    node.journal.hold = True
    ann.give("AWAY :wait", *(f"PING :{'x' * 400}" for _ in range(50)))
    assert ann.stream.paused
    for _ in range(10):
        await time.after(100)
    assert not ann.stream.ended
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert commands(ann.read()).count("PONG") == 50
    await time.after(91)
    assert commands(ann.read()) == ["PING"]


async def test_a_clock_that_was_stopped_ticks_no_more(bounds: Bounds) -> None:
    node = Node(bounds=bounds)
    turned = Turned(node)
    clock = turned.clock()
    clock.start()
    clock.stop()
    await turned.after(1)
    assert turned.ticks == []
    assert turned.snapshots == 0


async def test_it_ticks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "TICK_SECONDS", 0.001)
    node = Node(bounds=Bounds(registration_seconds=0.0))
    ann = Guest(node)
    clock = Clock(node.hub.sessions, node.hub.take_away_expired, node.hub.store_snapshot_if_due)
    clock.start()
    async with asyncio.timeout(20):
        await ann.stream.over.wait()
    clock.stop()


async def test_a_fault_in_one_look_is_not_the_last_look(
    bounds: Bounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(bounds=bounds)
    turned = Turned(node)
    turned.clock().start()

    def broken() -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(turned, "store", broken)
        with pytest.raises(RuntimeError):
            await turned.after(1.0)
    await turned.after(1.0)
    assert turned.snapshots == 1
