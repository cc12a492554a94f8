"""What the stream says, and how it has to be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from nats.aio.msg import Msg

from hubbub.cluster.errors import StreamError
from hubbub.cluster.jetstream import stream
from hubbub.cluster.jetstream.stream import LogStream, Shape, answer, held, microseconds
from hubbub.journal.port import JournalUnusable
from tests.cluster.servers import SHAPE


@pytest.mark.parametrize(
    ("text", "fraction"),
    [
        ("2026-02-28T23:59:59Z", 0),
        ("2026-02-28T23:59:59.1Z", 100_000),
        ("2026-02-28T23:59:59.123456789Z", 123_456),
    ],
)
def test_a_time_is_read_to_the_microsecond(text: str, fraction: int) -> None:
    whole = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC).timestamp()
    assert microseconds(text) == int(whole) * 1_000_000 + fraction


def test_an_error_is_known_by_its_code() -> None:
    data = b'{"error": {"code": 400, "err_code": 10071, "description": "wrong last sequence: 3"}}'
    with pytest.raises(StreamError) as raised:
        answer(Msg(None, data=data))  # type: ignore[arg-type]
    assert (raised.value.code, raised.value.text) == (10071, "wrong last sequence: 3")


def test_a_batch_brings_its_place_along() -> None:
    headers = {"Nats-Sequence": "7", "Nats-Time-Stamp": "1970-01-01T00:00:01Z"}
    found = held(Msg(None, data=b"x", headers=headers))  # type: ignore[arg-type]
    assert (found.position, found.stamp, found.payload) == (7, 1_000_000, b"x")


class Servers:
    """Answer as servers of the log do, from a list."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.asked = list(answers), list[str]()

    async def request(self, subject: str, data: bytes, **_: object) -> Msg:
        self.asked.append(subject.split(".", 2)[2])
        found = self.answers.pop(0)
        return Msg(None, data=json.dumps(found).encode())  # type: ignore[arg-type]


NONE = {"error": {"code": 404, "err_code": 10059, "description": "stream not found"}}


def one(shape: Shape = SHAPE) -> dict[str, Any]:
    state = {"first_seq": 1, "last_seq": 9, "bytes": 100}
    return {"config": LogStream(None, shape)._wanted(), "state": state}  # type: ignore[arg-type]


async def test_a_stream_that_was_there_is_not_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SURE_SECONDS", 0.0)
    servers = Servers(*[NONE] * stream.SURE_TRIES)
    with pytest.raises(JournalUnusable, match="have none, and this node has heard 7 batches"):
        await LogStream(servers, SHAPE).open(7)  # type: ignore[arg-type]
    assert set(servers.asked) == {"STREAM.INFO.HUBBUB"}


async def test_it_grows_where_a_file_says_so_and_never_shrinks() -> None:
    more, less = (replace(SHAPE, max_bytes=size) for size in (2 << 30, 1 << 20))
    servers = Servers(one(), one(more))
    assert (await LogStream(servers, more).open(7)).max_size == 2 << 30  # type: ignore[arg-type]
    assert servers.asked == ["STREAM.INFO.HUBBUB", "STREAM.UPDATE.HUBBUB"]
    servers = Servers(one())
    assert (await LogStream(servers, less).open(7)).max_size == SHAPE.max_bytes  # type: ignore[arg-type]
    # The others' servers have no room for that as long as they were not restarted.
    full = {"error": {"code": 500, "err_code": 10047, "description": "insufficient storage"}}
    servers = Servers(one(), full)
    assert (await LogStream(servers, more).open(7)).max_size == SHAPE.max_bytes  # type: ignore[arg-type]


async def test_servers_that_come_up_are_given_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SURE_SECONDS", 0.0)
    servers = Servers(NONE, NONE, one())
    extent = await LogStream(servers, SHAPE).open(7)  # type: ignore[arg-type]
    assert (extent.first, extent.last) == (1, 9)


async def test_the_first_node_makes_it() -> None:
    servers = Servers(NONE, one())
    await LogStream(servers, SHAPE).open(0)  # type: ignore[arg-type]
    assert servers.asked == ["STREAM.INFO.HUBBUB", "STREAM.CREATE.HUBBUB"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"max_bytes": 1}, ""),
        ({"num_replicas": 5}, ""),
        ({"num_replicas": 1}, "num_replicas"),
        ({"storage": "memory"}, "storage"),
        ({"discard": "old"}, r'set it so, .*\{"discard": "new"\}'),
        ({"republish": None}, "republish"),
        ({"metadata": None}, "another journal"),
        ({"metadata": {"hubbub.journal": "x"}}, r"another journal \(x, "),
    ],
)
def test_how_it_has_to_be(change: dict[str, Any], words: str) -> None:
    made = LogStream(None, SHAPE)  # type: ignore[arg-type]
    config = {**made._wanted(), **change}
    if not words:
        made._check(config)
        return
    with pytest.raises(JournalUnusable, match=words):
        made._check(config)
