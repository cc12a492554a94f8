"""What thousands of sockets bring at one moment: taken in rounds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from hubbub.transport.rounds import ENDS_AT_LEAST, Rounds, rounds_of
from hubbub.transport.stream import Stream

SOCKETS = 300


class _Loop(asyncio.SelectorEventLoop):
    """A loop whose next calls are made by the test, a turn at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.soon: list[Callable[[], object]] = []

    def call_soon(self, callback, *args, context=None):  # type: ignore[no-untyped-def, override]
        self.soon.append(lambda: callback(*args))

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
def loop():  # type: ignore[no-untyped-def]
    loop = _Loop()
    yield loop
    loop.close()


def test_that_a_turn_takes_a_bounded_part_and_the_next_go_on_in_order(loop: _Loop) -> None:
    rounds, taken = Rounds(loop, _Time()), list[int]()
    for number in range(SOCKETS):
        rounds.later(lambda number=number: taken.append(number))  # type: ignore[misc]
    turns = [0]
    while loop.soon:
        before = len(taken)
        loop.turn()
        turns.append(len(taken) - before)
    assert taken == list(range(SOCKETS))
    assert max(turns) <= 5
    assert not rounds._coming


def test_that_a_newcomer_waits_behind_those_who_wait(loop: _Loop) -> None:
    rounds = Rounds(loop, _Time())
    assert rounds.has_time()
    assert rounds.has_time()
    rounds.later(lambda: None)
    assert not rounds.has_time()
    while loop.soon:
        loop.turn()
    assert rounds.has_time()


def test_that_what_ends_waits_for_what_comes_but_not_for_ever(loop: _Loop) -> None:
    rounds, done = Rounds(loop, _Time()), list[str]()
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
    rounds, done = Rounds(loop, _Time()), list[int]()
    rounds.later(fail)
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
        while any(ours.fileno() >= 0 for ours, _ in pairs):  # noqa: ASYNC110 - turns are what is tried
            await asyncio.sleep(0)
    assert max(told.count(number) for number in set(told)) <= 6
