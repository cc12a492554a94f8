"""How fast."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.policy.flood import Bucket, parse_rate


def test_a_burst_then_a_rate() -> None:
    bucket = Bucket(burst=3, rate=2)
    assert [bucket.delay(1, 0) for _ in range(3)] == [0, 0, 0]
    assert bucket.delay(1, 0) == 0.5
    assert bucket.delay(1, 0.25) == 0.25
    assert bucket.delay(1, 0.5) == 0


def test_waiting_never_saves_more_than_the_burst() -> None:
    bucket = Bucket(burst=2, rate=1)
    assert [bucket.delay(1, 1000) for _ in range(2)] == [0, 0]
    assert bucket.delay(1, 1000) == 1


def test_what_has_been_done_already_makes_the_next_wait_the_longer() -> None:
    bucket = Bucket(burst=2, rate=1)
    bucket.charge(5)
    assert bucket.delay(1, 0) == 4
    assert bucket.delay(1, 4) == 0


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 1)), max_size=50))
def test_who_waits_as_told_is_let_through(steps: list[tuple[float, float]]) -> None:
    bucket, now = Bucket(burst=2, rate=3), 0.0
    for pause, cost in steps:
        now += pause
        wait = bucket.delay(cost, now)
        if wait:
            now += wait * 1.001 + 1e-9
            assert bucket.delay(cost, now) == 0
        assert bucket.level <= bucket.burst


@pytest.mark.parametrize("text", ["5:10", "1:1", "1000:3600"])
def test_a_rate_reads_back_as_it_is_shown(text: str) -> None:
    assert str(parse_rate(text)) == text


@pytest.mark.parametrize("text", ["", "5", "5:", ":5", "0:5", "5:0", "1001:5", "5:3601", "٣:5"])
def test_what_is_no_rate(text: str) -> None:
    assert parse_rate(text) is None


def test_what_was_done_already_has_what_comes_next_wait_the_longer() -> None:
    bucket = Bucket(burst=1, rate=1)
    bucket.charge(5)
    assert bucket.delay(1, 0) == 5
    assert bucket.used(3) == 2
