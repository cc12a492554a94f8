"""Checks beside the loop, a few at a time."""

from __future__ import annotations

import asyncio
import threading

from hubbub.node.passwords import PasswordChecks


async def test_the_outcome_comes_back_on_the_loop() -> None:
    checks = PasswordChecks(lambda digest, given: digest == given, 1, 10)
    here = threading.get_ident()
    outcomes: asyncio.Queue[tuple[bool, bool]] = asyncio.Queue()

    def then(right: bool) -> None:
        outcomes.put_nowait((right, threading.get_ident() == here))

    assert checks.submit("a", "a", then)
    assert checks.submit("a", "b", then)
    assert await outcomes.get() == (True, True)
    assert await outcomes.get() == (False, True)
    checks.stop()


async def test_past_the_queue_they_are_refused_until_there_is_room() -> None:
    go = threading.Event()
    checks = PasswordChecks(lambda digest, given: go.wait(20), 1, 2)
    outcomes: asyncio.Queue[bool] = asyncio.Queue()
    assert checks.submit("", "", outcomes.put_nowait)
    assert checks.submit("", "", outcomes.put_nowait)
    assert not checks.submit("", "", outcomes.put_nowait)
    go.set()
    assert await outcomes.get()
    assert await outcomes.get()
    assert checks.submit("", "", outcomes.put_nowait)
    assert await outcomes.get()
    checks.stop()


async def test_a_check_that_fails_is_no_match() -> None:
    def check(digest: str, given: str) -> bool:
        raise ValueError("no hash")

    checks = PasswordChecks(check, 1, 2)
    outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    assert checks.submit("", "", outcome.set_result)
    assert await outcome is False
    checks.stop()
