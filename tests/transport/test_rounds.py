"""What thousands of sockets bring at one moment: taken in rounds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial

import pytest

from hubbub.transport.rounds import ENDS_AT_LEAST, ROUND_SECONDS, Rounds, rounds_of
from hubbub.transport.stream import Stream

SOCKETS = 300
CALLS = round(ROUND_SECONDS * 1000)
"""How many calls fit a round, by a clock of which each look takes a millisecond."""


class _Loop:
    """A loop whose next calls are made by the test, a turn at a time."""

    def __init__(self) -> None:
        self.soon: list[Callable[[], object]] = []

    def call_soon(self, call: Callable[[], object]) -> None:
        self.soon.append(call)

    def turn(self) -> None:
        due, self.soon = self.soon, []
        for call in due:
            call()


class _Time:
    """A clock that shows a millisecond more at each look, as if each call took so long."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def loop() -> _Loop:
    return _Loop()


def test_that_a_turn_takes_a_bounded_part_and_the_next_go_on_in_order(loop: _Loop) -> None:
    rounds, taken = Rounds(loop.call_soon, _Time()), list[int]()
    for number in range(SOCKETS):
        rounds.later(partial(taken.append, number))
    turns = [0]
    while loop.soon:
        before = len(taken)
        loop.turn()
        turns.append(len(taken) - before)
    assert taken == list(range(SOCKETS))
    assert max(turns) <= CALLS + 1
    assert not rounds._coming


def test_that_a_newcomer_waits_behind_those_who_wait(loop: _Loop) -> None:
    rounds = Rounds(loop.call_soon, _Time())
    assert rounds.has_time()
    assert rounds.has_time()
    rounds.later(lambda: None)
    assert not rounds.has_time()
    while loop.soon:
        loop.turn()
    assert rounds.has_time()


def test_that_what_ends_waits_for_what_comes_but_not_for_ever(loop: _Loop) -> None:
    rounds, done = Rounds(loop.call_soon, _Time()), list[str]()
    for _ in range(ENDS_AT_LEAST * 2):
        rounds.end(lambda: done.append("end"))
    for _ in range(SOCKETS):
        rounds.later(lambda: done.append("came"))
    loop.turn()
    assert done[0] == "came"
    assert done.count("end") == ENDS_AT_LEAST
    while loop.soon:
        loop.turn()
    assert done.count("end") == ENDS_AT_LEAST * 2
    assert done.count("came") == SOCKETS


def fail() -> None:
    raise ZeroDivisionError


def test_that_a_failure_keeps_nobody_else_waiting(loop: _Loop) -> None:
    rounds, done = Rounds(loop.call_soon, _Time()), list[int]()
    rounds.later(lambda: 1 // 0)
    rounds.later(lambda: done.append(1))
    with pytest.raises(ZeroDivisionError):
        loop.turn()
    loop.turn()
    assert done == [1]


class _Peer:
    def __init__(self, told: Callable[[], None]) -> None:
        self.told = told

    def received(self, data: bytes) -> None:
        raise AssertionError(data)

    def writable(self) -> None:
        raise AssertionError

    def closed(self, error: str | None) -> None:
        self.told()


async def test_that_many_sockets_that_end_at_once_are_told_in_several_turns() -> None:
    """Each look at the clock costs what a slow call would; so a turn has room for few of them."""
    loop = asyncio.get_running_loop()
    rounds = rounds_of(loop)
    rounds._clock = _Time()
    turn, told, all_told = 0, list[int](), asyncio.Event()

    def count() -> None:
        nonlocal turn
        turn += 1
        if not all_told.is_set():
            loop.call_soon(count)

    def tell() -> None:
        told.append(turn)
        if len(told) == SOCKETS:
            all_told.set()

    pairs = [socket.socketpair() for _ in range(SOCKETS)]
    for ours, _ in pairs:
        ours.setblocking(False)
        Stream(loop, ours, ("", 0)).attach(_Peer(tell))
    for _, theirs in pairs:
        theirs.close()
    loop.call_soon(count)
    async with asyncio.timeout(20):
        await all_told.wait()
        closed = asyncio.Event()
        rounds.end(closed.set)
        await closed.wait()
    assert all(ours.fileno() < 0 for ours, _ in pairs)
    assert max(told.count(number) for number in set(told)) <= CALLS + 1
