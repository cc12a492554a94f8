"""Times: in a history never backwards, and told apart in milliseconds whatever the clock does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.journal.stamps import Stamp, Stamps

NOW = 1_700_000_000_000_000
HISTORIES = st.lists(st.sampled_from(["#a", "#b", "#c"]), max_size=2, unique=True).map(tuple)
LEAPS = st.integers(-5_000, 5_000) | st.integers(-40_000_000_000_000, 40_000_000_000_000)
TIMES = st.integers(1, 1_200)
STEPS = st.lists(st.tuples(LEAPS, HISTORIES, st.just(1) | TIMES), max_size=40)


def lived(stamps: Stamps, steps: list[tuple[int, tuple[str, ...], int]]) -> list[tuple[int, Stamp]]:
    """Return what the clock showed and the stamp for each entry of some steps."""
    clock, given = NOW, []
    for step, histories, times in steps:
        clock += step
        given += [(clock, stamps.stamp(clock, histories)) for _ in range(times)]
    return given


@given(STEPS)
def test_times_rise_by_a_millisecond_in_each_history(
    steps: list[tuple[int, tuple[str, ...], int]],
) -> None:
    given = iter(lived(Stamps(NOW), steps))
    newest: dict[str, int] = {}
    shown = NOW
    for _, histories, times in steps:
        for _ in range(times):
            clock, (time, lead) = next(given)
            shown = max(shown, clock)
            assert time - lead == shown
            assert lead >= 0
            latest = max((newest.get(history, 0) for history in histories), default=0)
            assert time // 1000 > latest // 1000
            # It is ahead of the clock for no other reason.
            assert lead == 0 or time // 1000 == latest // 1000 + 1
            newest |= dict.fromkeys(histories, time)


def test_without_need_it_is_the_clocks() -> None:
    stamps = Stamps()
    times = [NOW + 7, NOW + 8, NOW + 1_500]
    given = [stamps.stamp(t, (h,)) for t, h in zip(times, "abb", strict=True)]
    assert given == [(time, 0) for time in times]


def test_what_is_said_in_one_history_takes_no_other_ahead() -> None:
    stamps = Stamps()
    times = [stamps.stamp(NOW, ("#busy",))[0] for _ in range(90_000)]
    assert times[-1] - NOW > 80_000_000
    assert stamps.stamp(NOW, ("#quiet",)) == (NOW, 0)
    assert stamps.stamp(NOW, ("#quiet", "#busy"))[0] > times[-1]
    assert stamps.latest - stamps.clock > 80_000_000
    later = stamps.stamp(NOW + 200_000_000, ("#busy",))
    assert later == (NOW + 200_000_000, 0)


@given(STEPS, STEPS)
def test_what_follows_from_the_entries_is_all_there_is(
    before: list[tuple[int, tuple[str, ...], int]], after: list[tuple[int, tuple[str, ...], int]]
) -> None:
    stamps = Stamps(NOW)
    given = iter(lived(stamps, before))
    newest: dict[str, int] = {}
    for _, histories, times in before:
        for _ in range(times):
            newest |= dict.fromkeys(histories, next(given)[1][0])
    recent = {name: time for name, time in newest.items() if time // 1000 >= stamps.clock // 1000}
    assert lived(Stamps(stamps.clock, recent), after) == lived(stamps, after)


def test_what_the_clock_has_passed_is_not_remembered() -> None:
    stamps = Stamps()
    for number in range(100_000):
        stamps.stamp(NOW + number * 1_000, (f"#{number}",))
        assert len(stamps._newest) <= 1_001
