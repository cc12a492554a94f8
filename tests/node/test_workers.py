"""Work beside the loop, a few pieces at a time."""

from __future__ import annotations

import asyncio
import threading

from hubbub.node.workers import Workers


async def test_the_outcome_comes_back_on_the_loop() -> None:
    workers = Workers(1, 10)
    here = threading.get_ident()
    outcomes: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()

    def then(outcome: str) -> None:
        outcomes.put_nowait((outcome, threading.get_ident() == here))

    assert workers.submit(lambda: "first", then)
    assert workers.submit(lambda: "second", then)
    assert await outcomes.get() == ("first", True)
    assert await outcomes.get() == ("second", True)
    workers.stop()


async def test_past_the_queue_they_are_refused_until_there_is_room() -> None:
    go = threading.Event()
    workers = Workers(1, 2)
    outcomes: asyncio.Queue[bool] = asyncio.Queue()

    def work() -> bool:
        return go.wait(20)

    assert workers.submit(work, outcomes.put_nowait)
    assert workers.submit(work, outcomes.put_nowait)
    assert not workers.submit(work, outcomes.put_nowait)
    go.set()
    assert await outcomes.get()
    assert await outcomes.get()
    assert workers.submit(work, outcomes.put_nowait)
    assert await outcomes.get()
    workers.stop()


async def test_work_that_fails_has_no_outcome() -> None:
    def work() -> bool:
        raise ValueError("no hash")

    workers = Workers(1, 2)
    outcome: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
    assert workers.submit(work, outcome.set_result)
    assert await outcome is None
    workers.stop()
