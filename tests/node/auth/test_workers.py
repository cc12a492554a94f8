"""Work beside the loop, a few pieces at a time."""

from __future__ import annotations

import asyncio
import threading

from hubbub.node.auth.workers import Workers


async def test_the_outcome_comes_back_on_the_loop() -> None:
    workers = Workers(1, 10)
    here = threading.get_ident()
    outcomes: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()

    def then(outcome: str) -> None:
        outcomes.put_nowait((outcome, threading.get_ident() == here))

    workers.submit(lambda: "first", then)
    workers.submit(lambda: "second", then)
    assert await outcomes.get() == ("first", True)
    assert await outcomes.get() == ("second", True)
    workers.stop()


async def test_past_the_queue_they_are_refused_until_there_is_room() -> None:
    go = threading.Event()
    workers = Workers(1, 2)
    outcomes: asyncio.Queue[bool] = asyncio.Queue()

    def work() -> bool:
        return go.wait(20)

    for _ in range(3):
        workers.submit(work, outcomes.put_nowait)
    assert await outcomes.get() is None
    go.set()
    assert await outcomes.get()
    assert await outcomes.get()
    workers.submit(work, outcomes.put_nowait)
    assert await outcomes.get()
    workers.stop()


async def test_lines_take_turns_and_so_do_those_of_one_address() -> None:
    go = threading.Event()
    workers = Workers(1, 2000)
    done: asyncio.Queue[str] = asyncio.Queue()
    workers.submit(lambda: go.wait(20), lambda _: None)
    for number in range(1000):
        workers.submit(lambda n=number: f"many{n}", done.put_nowait, ("192.0.2.1", "ann"))  # type: ignore[misc]
    workers.submit(lambda: "neighbour", done.put_nowait, ("192.0.2.1", "bob"))
    workers.submit(lambda: "stranger", done.put_nowait, ("192.0.2.2", "ann"))
    go.set()
    first = [await done.get() for _ in range(5)]
    assert first == ["many0", "stranger", "neighbour", "many1", "many2"]
    workers.stop()


async def test_who_fills_the_queue_is_refused_and_not_those_who_meet_it_full() -> None:
    go = threading.Event()
    workers = Workers(1, 10)
    outcomes: asyncio.Queue[tuple[str, object]] = asyncio.Queue()

    def submit(who: str) -> None:
        workers.submit(lambda: go.wait(20), lambda got: outcomes.put_nowait((who, got)), (who, ""))

    for _ in range(10):
        submit("many")
    submit("few")
    assert outcomes.get_nowait() == ("many", None)
    submit("many")
    assert outcomes.get_nowait() == ("many", None), "that was the newcomer"
    go.set()
    rest = [await outcomes.get() for _ in range(10)]
    assert rest.index(("few", True)) < 3
    assert not workers._lines
    assert not workers._lengths
    workers.stop()


async def test_work_that_fails_has_no_outcome() -> None:
    def work() -> bool:
        raise ValueError("no hash")

    workers = Workers(1, 2)
    outcome: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
    workers.submit(work, outcome.set_result)
    assert await outcome is None
    workers.stop()
