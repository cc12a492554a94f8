"""The thread in which the log is, and how its servers are reached."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from hubbub.cluster.jetstream import connection
from hubbub.cluster.jetstream.connection import LogThread, LogUser, end


def test_no_password_is_shown() -> None:
    assert "word" not in repr(LogUser("hubbub", "word"))


def test_what_runs_in_the_thread_ends_with_it() -> None:
    thread, ended = LogThread(), threading.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def name() -> str:
        return threading.current_thread().name

    assert thread.run(name()).result(5) == "log"
    waiting = thread.run(wait())
    thread.run(name()).result(5)
    thread.stop()
    assert ended.is_set()
    with pytest.raises(BaseException):  # noqa: B017, PT011
        waiting.result(5)
    # Nobody is left to be told.
    thread.call(print, "no")


async def test_who_misses_the_word_to_end_is_told_again() -> None:
    heard = 0

    async def deaf(times: int) -> None:
        nonlocal heard
        while True:
            try:
                await asyncio.sleep(3_600)
            except asyncio.CancelledError:
                heard += 1
                if heard >= times:
                    raise

    task = asyncio.ensure_future(deaf(2))
    await asyncio.sleep(0)
    await end([task, None])
    assert task.cancelled()
    assert heard == 2


async def test_who_takes_no_notice_keeps_nobody_from_ending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "END_SECONDS", 0.001)
    is_over = False

    async def stubborn() -> None:
        while not is_over:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    task = asyncio.ensure_future(stubborn())
    await asyncio.sleep(0)
    await end([task])
    assert not task.done()
    is_over = True
    await task
