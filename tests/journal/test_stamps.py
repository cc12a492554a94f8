"""Times: never backwards, and told apart in milliseconds whatever the clock does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.journal.stamps import AHEAD, Stamps

NOW = 1_700_000_000_000_000
HISTORIES = st.lists(st.sampled_from(["#a", "#b", "#c"]), max_size=2).map(tuple)
LEAPS = st.integers(-5_000, 5_000) | st.integers(-40_000_000_000_000, 40_000_000_000_000)
STEPS = st.lists(st.tuples(LEAPS, HISTORIES), max_size=60)


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
            known = newest.get(history, 0)
            is_told_apart = time // 1000 > known // 1000
            assert is_told_apart or (time > known and time - clock > AHEAD - 1_000)
            newest[history] = time
        last = time


def test_without_need_it_is_the_clocks() -> None:
    stamps = Stamps(0)
    times = [NOW + 7, NOW + 8, NOW + 1_500]
    assert [stamps.stamp(t, (h,)) for t, h in zip(times, "abb", strict=True)] == times


@given(STEPS, STEPS)
def test_what_follows_from_the_entries_is_all_there_is(
    before: list[tuple[int, tuple[str, ...]]], after: list[tuple[int, tuple[str, ...]]]
) -> None:
    lived = Stamps(NOW)
    clock = NOW
    given: list[tuple[int, tuple[str, ...]]] = []
    for step, histories in before:
        clock += step
        given.append((lived.stamp(clock, histories), histories))
    last = given[-1][0] if given else NOW
    seen = {name for time, names in given for name in names if time // 1000 == last // 1000}
    started = Stamps(last, seen)
    for step, histories in after if given and seen else []:
        clock += step
        assert started.stamp(clock, histories) == lived.stamp(clock, histories)


def test_what_was_long_ago_is_not_remembered() -> None:
    stamps = Stamps(0)
    for number in range(1_000):
        stamps.stamp(NOW + number * 1_000, (f"#{number}",))
    assert len(stamps._in_millisecond) == 1


def test_no_load_takes_times_far_ahead_of_the_clock() -> None:
    stamps = Stamps(0)
    times = [stamps.stamp(NOW, ("#a",)) for _ in range(5_000)]
    assert len(set(times)) == 5_000
    assert times[-1] - NOW <= AHEAD + 5_000
    # Once there is less to do, they are told apart in milliseconds again.
    later = [stamps.stamp(NOW + 2_000_000, ("#a",)) for _ in range(3)]
    assert len({time // 1000 for time in later}) == 3
