"""What the stream says, and how it has to be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from nats.aio.msg import Msg

from hubbub.cluster.jetstream.stream import LogStream, StreamError, answer, held, microseconds
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
    stream = LogStream(None, SHAPE)  # type: ignore[arg-type]
    config = {**stream._wanted(), **change}
    if not words:
        stream._check(config)
        return
    with pytest.raises(JournalUnusable, match=words):
        stream._check(config)
