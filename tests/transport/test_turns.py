"""Turns: how much of the loop peers have, together and each, by a clock that counts steps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hubbub.transport import turns
from hubbub.transport.turns import AT_ONCE_SECONDS, SHARE, SLICE_SECONDS, Share, Turns


class Clock:
    """Let every step take so many seconds of this thread."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Worker:
    """Have so many steps to do, each of which takes as long."""

    def __init__(
        self, clock: Clock, steps: int, seconds: float, share: Share | None = None
    ) -> None:
        self.share = share or Share()
        self.left = steps
        self.errors: list[Exception] = []
        self.fails = False
        self.over = asyncio.Event()
        self._clock = clock
        self._seconds = seconds

    def step(self) -> bool:
        self._clock.now += self._seconds
        if self.fails:
            raise ValueError
        self.left -= 1
        if not self.left:
            self.over.set()
        return self.left > 0

    def failed(self, error: Exception) -> None:
        self.errors.append(error)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def timed() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(timed())


def test_what_is_short_is_done_at_once() -> None:
    async def test() -> None:
        clock = Clock()
        worker = Worker(clock, 3, 0.0001)
        Turns(clock=clock).add(worker)
        assert worker.left == 0

    run(test)


def test_what_is_long_is_done_in_slices_and_all_come_on_alike() -> None:
    async def test() -> None:
        clock = Clock()
        workers = [Worker(clock, 40, 0.0002) for _ in range(5)]
        all_turns = Turns(clock=clock)
        most = 0.0
        for worker in workers:
            all_turns.add(worker)
        while any(worker.left for worker in workers):
            before = clock.now
            await asyncio.sleep(0)
            most = max(most, clock.now - before)
            left = [worker.left for worker in workers if worker.left]
            # The first had a slice for itself, when nobody else was there yet.
            assert max(left[1:], default=0) - min(left[1:], default=0) <= 8
        assert most <= SLICE_SECONDS + 0.0006

    run(test)


def test_who_has_used_up_its_share_waits_and_nobody_else_does() -> None:
    async def test() -> None:
        clock = Clock()
        loop = asyncio.get_running_loop()
        all_turns = Turns(clock=clock)
        share = Share()
        greedy = [Worker(clock, 200, 0.001, share) for _ in range(2)]
        begun = loop.time()
        for worker in greedy:
            all_turns.add(worker)
        await asyncio.sleep(0.2)
        # Two of one share have no more than one would have.
        used = clock.now
        assert used <= AT_ONCE_SECONDS + (loop.time() - begun) * SHARE + 0.002
        assert share.delay(loop.time()) >= 0
        modest = Worker(clock, 2, 0.0001)
        all_turns.add(modest)
        await modest.over.wait()
        assert all(worker.left for worker in greedy)

    run(test)


def test_a_fault_is_its_own() -> None:
    async def test() -> None:
        clock = Clock()
        all_turns = Turns(clock=clock)
        bad, good = Worker(clock, 3, 0.0001), Worker(clock, 3, 0.0001)
        bad.fails = True
        all_turns.add(bad)
        all_turns.add(good)
        await good.over.wait()
        assert [type(error) for error in bad.errors] == [ValueError]

    run(test)


def test_a_step_that_holds_the_loop_is_told() -> None:
    async def test() -> None:
        clock = Clock()
        told: list[tuple[str, float]] = []
        all_turns = Turns(lambda what, seconds: told.append((what, seconds)), clock)
        all_turns.add(Worker(clock, 1, 2 * turns.LONG_SECONDS))
        assert [what for what, _ in told] == ["Worker"]

    run(test)


@pytest.mark.parametrize("part", [0.1, 0.5])
def test_a_share_is_as_large_as_it_is_said_to_be(part: float) -> None:
    share = Share(part)
    share.take(AT_ONCE_SECONDS + 1.0, 100.0)
    assert share.delay(100.0) == pytest.approx(1.0 / part)
    assert share.delay(100.0 + 1.0 / part) == pytest.approx(0.0)
