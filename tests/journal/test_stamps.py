"""Times: never backwards, told apart in milliseconds while that stays near the clock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.journal.stamps import AHEAD, Stamps

NOW = 1_700_000_000_000_000
HISTORIES = st.lists(st.sampled_from(["#a", "#b", "#c"]), max_size=2).map(tuple)
STEPS = st.lists(st.tuples(st.integers(-5_000, 5_000), HISTORIES), max_size=60)


@given(STEPS)
def test_times_rise(steps: list[tuple[int, tuple[str, ...]]]) -> None:
    stamps = Stamps(NOW)
    clock, last = NOW, NOW
    newest: dict[str, int] = {}
    for step, histories in steps:
        clock += step
        time = stamps.stamp(clock, histories)
        assert time >= last
        assert time >= clock
        for history in set(histories):
            assert time // 1000 > newest.get(history, 0) // 1000
            newest[history] = time
        last = time


def test_without_need_it_is_the_clocks() -> None:
    stamps = Stamps(0)
    times = [NOW + 7, NOW + 8, NOW + 1_500]
    assert [stamps.stamp(t, (h,)) for t, h in zip(times, "abb", strict=True)] == times


def test_far_ahead_of_the_clock_microseconds_must_do() -> None:
    stamps = Stamps(0)
    times = [stamps.stamp(NOW, ("#a",)) for _ in range(5_000)]
    assert times == sorted(set(times))
    assert times[1_000] == NOW + AHEAD
    assert times[-1] == NOW + AHEAD + 3_999
    assert stamps.stamp(NOW + 10_000, ("#a",)) // 1000 > times[-1] // 1000


def test_what_was_long_ago_is_not_remembered() -> None:
    stamps = Stamps(0)
    for number in range(1_000):
        stamps.stamp(NOW + number * 1_000, (f"#{number}",))
    assert len(stamps._in_millisecond) == 1
