"""One budget for all that holds a turn of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from hubbub.node.limits.rounds import CommandRounds
from hubbub.node.limits.slices import Slices
from hubbub.transport.budget import LEAST_SECONDS, TURN_SECONDS, TurnBudget, budget_of
from hubbub.transport.rounds import Rounds, rounds_of

KINDS = 8
STEP = 0.0005


class Time:
    """A clock that goes on by a step whenever somebody works."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self) -> None:
        self.now += STEP

    def steps(self) -> Iterator[None]:
        for _ in range(100):
            self.work()
            yield


def longest_turn(turns: list[Callable[[], object]], time: Time) -> float:
    """Take turns until there is nothing to do any more; return how long the longest took."""
    longest = 0.0
    while turns:
        begun, due = time.now, turns[:]
        turns.clear()
        for call in due:
            call()
        longest = max(longest, time.now - begun)
    return longest


def test_each_has_its_own_part_until_the_turn_is_used_up_and_a_little_after_that() -> None:
    turns: list[Callable[[], None]] = []
    time = Time()
    budget = TurnBudget(turns.append, time)
    used = []
    for _ in range(KINDS):
        share = budget.share(0.004)
        used.append(share)
        time.now += share
    assert used[0] == 0.004
    assert min(used) == LEAST_SECONDS
    assert sum(used) <= TURN_SECONDS + KINDS * LEAST_SECONDS
    assert len(turns) == 1
    turns.pop()()
    assert budget.share(0.004) == 0.004


class Asker:
    """One of many whose commands have come."""

    def __init__(self, rounds: CommandRounds, work: Callable[[], None]) -> None:
        self._rounds, self._do, self._left = rounds, work, 100

    def work(self) -> None:
        while self._left and self._rounds.has_turn(self):
            self._left -= 1
            self._do()


def test_what_thousands_bring_at_one_moment_fits_one_turn_whatever_it_is() -> None:
    """Sockets, commands, what is applied and what is written: each has more to do than its part."""
    turns: list[Callable[[], object]] = []
    time = Time()
    share = TurnBudget(turns.append, time).share
    sockets = Rounds(turns.append, time, share)
    commands = CommandRounds(turns.append, time, share)
    kinds = [Slices(turns.append, time, share=share) for _ in range(KINDS)]
    while sockets.has_time():
        time.work()
    for asker in [Asker(commands, time.work) for _ in range(10)]:
        asker.work()
    for kind in kinds:
        kind.do(time.steps())
    longest = max(time.now, longest_turn(turns, time))
    assert longest <= TURN_SECONDS + (KINDS + 3) * (LEAST_SECONDS + STEP)
    assert not any(kind.is_busy for kind in kinds)


async def test_all_of_a_loop_have_the_same_budget() -> None:
    loop = asyncio.get_running_loop()
    time = Time()
    budget = budget_of(loop)
    budget._clock = time
    assert budget_of(loop) is budget
    budget.share(1.0)
    time.now += TURN_SECONDS
    rounds = rounds_of(loop)
    rounds._clock = time
    assert rounds.has_time()
    assert rounds._until == time.now + LEAST_SECONDS
    await asyncio.sleep(0)
    assert budget.share(1.0) == TURN_SECONDS
