"""The thread in which the log is, and how its servers are reached."""

from __future__ import annotations

import asyncio
import threading

import pytest

from hubbub.cluster.jetstream.connection import LogThread, LogUser


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
