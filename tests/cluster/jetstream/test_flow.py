"""Hearing without a gap, whatever comes when."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from hubbub.cluster.jetstream import flow
from hubbub.cluster.jetstream.flow import Flow
from hubbub.cluster.jetstream.stream import LogStream
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.port import LogBroken
from tests.cluster.jetstream.fake_stream import FakeStream
from tests.cluster.waiting import until


class Ear:
    """Hear a fake stream."""

    def __init__(self) -> None:
        self.stream = FakeStream()
        self.learnt: list[int] = []
        self.broken: list[LogBroken] = []
        self.flow = Flow(lambda ordered: self.learnt.append(ordered.position), self.broken.append)
        self.heard: list[int] = []
        self.task = asyncio.ensure_future(self.flow.run(cast(LogStream, self.stream)))

    def put(self, *positions: int) -> list[object]:
        return [self.stream.put(at, DraftBatch(1, 1, at, [])) for at in positions]

    def take(self, ordered: Ordered) -> None:
        self.heard.append(ordered.position)

    async def until(self, *positions: int) -> None:
        await until(lambda: self.heard == list(positions))


async def test_what_follows_is_taken_as_it_comes() -> None:
    ear = Ear()
    ear.flow.hear(0, ear.take)
    await asyncio.sleep(0.01)
    asked = len(ear.stream.asked)
    for message in ear.put(1, 2, 3):
        await ear.stream.send_on(message)  # type: ignore[arg-type]
    assert ear.heard == ear.learnt == [1, 2, 3]
    # Again, and older: nothing new.
    await ear.stream.send_on(ear.put(2)[0])  # type: ignore[arg-type]
    assert ear.heard == [1, 2, 3]
    assert len(ear.stream.asked) == asked
    ear.task.cancel()


async def test_what_is_missing_is_asked_for_until_a_copy_has_it() -> None:
    ear = Ear()
    ear.put(1, 2, 5)
    (late,) = ear.put(9)
    ear.stream.lags = 3
    ear.flow.hear(0, ear.take)
    await asyncio.sleep(0)
    # 3, 4 and 6 to 8 are no more: they were erased.
    await ear.stream.send_on(late)  # type: ignore[arg-type]
    await ear.until(1, 2, 5, 9)
    ear.task.cancel()


async def test_who_hears_nothing_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "SILENT_SECONDS", 0.02)
    ear = Ear()
    ear.flow.hear(0, ear.take)
    await asyncio.sleep(0.01)
    # The last one was sent on while nobody was connected.
    ear.put(1)
    await ear.until(1)
    ear.task.cancel()


async def test_nothing_is_taken_while_it_rests() -> None:
    ear = Ear()
    ear.flow.hear(0, ear.take)
    ear.flow.rest()
    await ear.stream.send_on(ear.put(1)[0]) if ear.stream.client.came else None  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    assert ear.heard == []
    ear.put(1)
    ear.flow.hear(0, ear.take)
    await ear.until(1)
    ear.task.cancel()


async def test_what_cannot_be_read_ends_it() -> None:
    ear = Ear()
    ear.put(1, 3)
    ear.stream.held[2] = b"[99]"
    ear.flow.hear(0, ear.take)
    await ear.until(1)
    await asyncio.sleep(0.01)
    assert ear.heard == [1]
    assert "update this node" in str(ear.broken[0])
    ear.task.cancel()
