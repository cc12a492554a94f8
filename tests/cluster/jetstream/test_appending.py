"""One batch on its way: again and again the same, until it is heard."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NoAnswer

from hubbub.cluster.errors import StreamError
from hubbub.cluster.jetstream import appending
from hubbub.cluster.jetstream.appending import TWIN, Appending
from hubbub.cluster.jetstream.batches import decode
from hubbub.cluster.jetstream.stream import LogStream
from hubbub.journal.log import DraftBatch
from hubbub.journal.port import JournalFull, LogBroken
from tests.cluster.jetstream.fake_stream import Answer, FakeStream
from tests.cluster.waiting import until
from tests.journal.keeper import said

FULL = StreamError(10077, "maximum bytes exceeded")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "AGAIN_SECONDS", 0.002)
    monkeypatch.setattr(appending, "HEARD_SECONDS", 0.01)


class Sender:
    """Append to a fake stream as node 1."""

    def __init__(self, *answers: Answer, last: int = 0) -> None:
        self.stream = FakeStream()
        self.stream.client.answers = list(answers)
        self.stream.last = last
        self.expected: list[int] = []
        self.refused: list[tuple[DraftBatch, JournalFull]] = []
        self.broken: list[LogBroken] = []
        self.appending = Appending(
            1,
            "j",
            "me",
            self.expected.append,
            lambda batch, error: self.refused.append((batch, error)),
            self.broken.append,
        )
        self.batch = DraftBatch(1, 2, 3, [said("x", "#a")])

    async def run(self) -> list[tuple[bytes, dict[str, str]]]:
        """Append until there are no more answers, or none is asked for; return what was sent."""
        task = asyncio.ensure_future(self.appending.run(cast(LogStream, self.stream)))
        self.appending.append(self.batch)
        await until(lambda: not self.stream.client.answers or self.refused)
        await asyncio.sleep(0.005)
        task.cancel()
        return self.stream.client.sent


async def test_no_answer_says_nothing_and_the_same_is_sent_again() -> None:
    sender = Sender(NoAnswer(), OSError(), NoRespondersError(), StreamError(10008, "later"), 9)
    sent = await sender.run()
    assert len(sent) == 5
    assert len({(payload, tuple(headers.items())) for payload, headers in sent}) == 1
    assert sent[0][1] == {
        "Nats-Msg-Id": "j.1.2.3.me",
        "Nats-Expected-LogStream": "HUBBUB",
        "Nats-Expected-Last-Subject-Sequence": "0",
    }
    assert sender.expected[0] == 9
    assert not sender.refused


async def test_it_is_to_follow_on_the_last_of_this_node() -> None:
    sender = Sender(12, last=7)
    (_, headers), *_ = await sender.run()
    assert headers["Nats-Expected-Last-Subject-Sequence"] == "7"


async def test_what_came_before_is_heard_first() -> None:
    wrong = StreamError(10071, "wrong last sequence: 9")
    sender = Sender(wrong, 12, last=7)
    before = DraftBatch(1, 2, 2, [])
    sender.stream.put(9, before)
    ordered = decode(sender.stream.held[9], 9, 0)
    sender.appending.learn(ordered)
    sent = await sender.run()
    assert sender.expected[0] == 9
    assert sent[-1][1]["Nats-Expected-Last-Subject-Sequence"] == "9"


async def test_where_all_was_trimmed_it_is_the_first() -> None:
    sender = Sender(StreamError(10071, "wrong last sequence: 0"), 12, last=7)
    sent = await sender.run()
    assert [headers["Nats-Expected-Last-Subject-Sequence"] for _, headers in sent[:2]] == ["7", "0"]


async def test_a_full_stream_refuses_what_was_never_in_it() -> None:
    sender = Sender(NoRespondersError(), FULL)
    await sender.run()
    ((batch, error),) = sender.refused
    assert batch is sender.batch
    assert "nothing was written" in str(error)


async def test_what_may_be_in_it_is_not_refused() -> None:
    sender = Sender(NoAnswer(), FULL, FULL, 5)
    assert len(await sender.run()) >= 4
    assert not sender.refused


async def test_once_it_is_heard_nothing_more_is_sent() -> None:
    sender = Sender(NoAnswer(), NoAnswer(), NoAnswer(), NoAnswer())
    task = asyncio.ensure_future(sender.appending.run(cast(LogStream, sender.stream)))
    sender.appending.append(sender.batch)
    await until(lambda: sender.stream.client.sent)
    payload, _ = sender.stream.client.sent[0]
    sender.appending.learn(decode(payload, 5, 0))
    sent = len(sender.stream.client.sent)
    await asyncio.sleep(0.02)
    assert len(sender.stream.client.sent) <= sent + 1
    assert not sender.broken
    task.cancel()


async def test_a_twin_s_batch_in_its_place_ends_it() -> None:
    sender = Sender(NoAnswer(), NoAnswer(), NoAnswer())
    task = asyncio.ensure_future(sender.appending.run(cast(LogStream, sender.stream)))
    sender.appending.append(sender.batch)
    await until(lambda: sender.stream.client.sent)
    sender.stream.put(5, sender.batch, nonce="another")
    sender.appending.learn(decode(sender.stream.held[5], 5, 0))
    assert [str(error) for error in sender.broken] == [TWIN]
    task.cancel()
