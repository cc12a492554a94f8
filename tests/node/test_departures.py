"""Who has gone: alone, or with many others at the same moment; with a loop that the test turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from hubbub.node import departures as module
from hubbub.node.backlog import Backlog
from hubbub.node.connection import Connection
from hubbub.node.departures import ALONE, GATHERINGS, TOGETHER_SECONDS, Departures
from hubbub.node.limits.slices import Slices
from tests.node.node_harness import Node, commands

MANY = 20


class Turned:
    """Stand for a loop, its time and its timers; and for a journal with `waiting` records."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waiting = 0
        self._soon: list[Callable[[], None]] = []
        self._timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_soon(self, call: Callable[..., None], *given: object) -> None:
        self._soon.append(lambda: call(*given))

    def call_later(self, seconds: float, call: Callable[..., None], *given: object) -> None:
        self._timers.append((self.now + seconds, lambda: call(*given)))

    def turn(self) -> None:
        """Call what is to be called by now."""
        due = [call for at, call in self._timers if at <= self.now]
        self._timers = [(at, call) for at, call in self._timers if at > self.now]
        due += self._soon
        self._soon = []
        for call in due:
            call()

    def after(self, seconds: float) -> None:
        """Let so much time pass."""
        self.now += seconds
        self.turn()


class Ends:
    """Hold departures on such a loop, and in `ended` who was ended, in order."""

    def __init__(self, loop: Turned) -> None:
        self.ended: list[int] = []
        self.backlog = Backlog(cast(Any, loop), loop.call_soon)
        slices = Slices(loop.call_soon)
        self.departures = Departures(cast(Any, loop), self.backlog, self._end, slices)

    def _end(self, connection: Connection, reason: str) -> None:
        self.ended.append(int(reason))

    def go(self, *numbers: int) -> None:
        for number in numbers:
            self.departures.add(cast(Connection, None), str(number))


@pytest.fixture
def loop() -> Turned:
    return Turned()


@pytest.fixture
def ends(loop: Turned) -> Ends:
    return Ends(loop)


def test_who_goes_alone_waits_for_nobody(loop: Turned, ends: Ends) -> None:
    for number in range(MANY):
        ends.go(number)
        loop.turn()
        assert ends.ended == list(range(number + 1))
        loop.after(2 * TOGETHER_SECONDS)


def test_a_few_at_one_moment_wait_for_nobody(loop: Turned, ends: Ends) -> None:
    ends.go(*range(ALONE))
    loop.turn()
    assert ends.ended == list(range(ALONE))
    assert not ends.departures.are_there


def test_many_are_ended_when_no_more_go(loop: Turned, ends: Ends) -> None:
    ends.go(*range(MANY))
    loop.turn()
    ends.go(MANY)
    loop.after(TOGETHER_SECONDS)
    assert (ends.ended, ends.departures.is_gathering) == ([], True)
    assert not ends.departures.are_many
    loop.after(TOGETHER_SECONDS)
    assert ends.ended == list(range(MANY + 1))


def test_those_who_are_many_one_after_the_other_wait_as_well(loop: Turned, ends: Ends) -> None:
    """A loop that is told of a few in each turn has many who go all the same."""
    for number in range(MANY):
        ends.go(number)
        loop.after(TOGETHER_SECONDS / 100)
    assert ends.ended == list(range(ALONE))
    loop.after(TOGETHER_SECONDS)
    loop.after(TOGETHER_SECONDS)
    assert ends.ended == list(range(MANY))


def test_nobody_waits_for_ever_for_others_to_go(loop: Turned, ends: Ends) -> None:
    ends.go(*range(MANY))
    loop.turn()
    number = MANY
    while not ends.ended:
        assert loop.now <= (GATHERINGS + 1) * TOGETHER_SECONDS
        ends.go(number)
        number += 1
        loop.after(TOGETHER_SECONDS / 2)
    assert loop.now > GATHERINGS / 2 * TOGETHER_SECONDS
    assert ends.ended == list(range(number))


def test_a_part_is_ended_each_time_that_more_is_applied(
    loop: Turned, ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENDS_AT_ONCE", 5)
    ends.go(*range(12))
    loop.waiting = 1
    loop.turn()
    loop.after(TOGETHER_SECONDS)
    for number in (5, 10):
        assert len(ends.ended) == number
        loop.turn()
        assert (len(ends.ended), ends.departures.are_many) == (number, True)
        ends.backlog.applied(0, bound=100)
        loop.turn()
    assert (len(ends.ended), ends.departures.are_there) == (12, False)


def test_they_go_on_where_nothing_is_to_be_applied(
    loop: Turned, ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENDS_AT_ONCE", 5)
    ends.go(*range(12))
    loop.turn()
    loop.after(TOGETHER_SECONDS)
    for _ in range(3):
        loop.turn()
    assert ends.ended == list(range(12))


def test_a_session_that_cannot_be_ended_keeps_no_other_from_it(
    loop: Turned, ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENDS_AT_ONCE", 5)
    ends.go(0)
    ends.departures.add(cast(Connection, None), "no number")
    ends.go(*range(1, 12))
    for _ in range(9):
        loop.after(TOGETHER_SECONDS)
    assert ends.ended == list(range(12))
    assert not ends.departures.are_there


async def test_who_waits_until_all_have_gone_is_let_go_on() -> None:
    node = Node()
    guests = [await node.guest(f"n{number}") for number in range(MANY)]
    for guest in guests[1:]:
        await guest.ask("JOIN #c")
    for guest in guests[1:]:
        guest.stream.ended = True
        guest.connection.closed(None)
    async with asyncio.timeout(20):
        await node.hub.settle()
    assert len(node.world.users) == 1


async def test_others_hear_of_who_goes_alone_before_any_time_passes() -> None:
    node = Node()
    ann, bob = await node.guest("ann"), await node.guest("bob")
    for guest in (ann, bob):
        await guest.ask("JOIN #c")
    ann.read()
    bob.stream.ended = True
    bob.connection.closed(None)
    assert not node.hub.sessions.departures._slices.is_busy
    for _ in range(10):
        await asyncio.sleep(0)
    assert commands(ann.read()) == ["QUIT"]
