"""The server's time: it rises at the pace of time, whatever the wall clock does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.journal.steady_clock import LEAN, SteadyClock, span

NOW = 1_700_000_000_000_000
HOUR = 3_600_000_000
YEAR = 365 * 24 * HOUR


class Machine:
    """Have two clocks: one that anybody can set, and one that nobody can."""

    def __init__(self) -> None:
        self.wall = NOW
        self.seconds = 1_000.0

    def passes(self, seconds: float) -> None:
        self.wall += int(seconds * 1_000_000)
        self.seconds += seconds

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.seconds)


STEPS = st.lists(
    st.tuples(st.floats(0, 5), st.just(0) | st.integers(-YEAR, YEAR), st.booleans()), max_size=40
)


@given(STEPS)
def test_it_keeps_the_pace_of_time(steps: list[tuple[float, int, bool]]) -> None:
    machine = Machine()
    clock = machine.clock()
    for seconds, leap, looked in steps:
        before = clock()
        machine.passes(seconds)
        machine.wall += leap
        passed = clock() - before
        assert seconds * (1 - LEAN) * 1e6 - 2 <= passed <= seconds * (1 + LEAN) * 1e6 + 2
        if looked:
            shown = clock()
            clock.look()
            assert abs(clock() - shown) <= 1


def live(machine: Machine, clock: SteadyClock, seconds: int) -> None:
    for _ in range(seconds):
        machine.passes(1)
        clock.look()


def test_a_leap_and_back_changes_nothing() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += YEAR
    live(machine, clock, 60)
    assert "365.0 days ahead" in clock.trouble
    assert "SIGHUP" in clock.trouble
    machine.wall -= YEAR
    live(machine, clock, 120)
    assert clock.trouble == ""
    assert abs(clock.lead) < 10_000


def test_a_clock_that_goes_back_is_worked_off() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall -= HOUR
    live(machine, clock, 60)
    assert "60 min behind" in clock.trouble
    live(machine, clock, 36_100)
    assert clock.trouble == ""
    assert abs(clock.lead) < 10_000


def test_its_operator_can_have_it_follow() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += HOUR
    clock.accept()
    assert abs(clock.lead) <= 1
    machine.wall -= HOUR
    before = clock()
    clock.accept()
    assert clock() == before


def test_it_begins_where_the_journal_ended() -> None:
    machine = Machine()
    clock = machine.clock()
    clock.begin_after(NOW - HOUR)
    assert clock() == NOW
    clock.begin_after(NOW + HOUR)
    machine.passes(2)
    assert abs(clock() - NOW - HOUR - 2_000_000) <= 1
    assert "60 min behind" in clock.trouble


def test_not_even_the_monotonic_clock_takes_it_back() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(3)
    before = clock()
    clock.look()
    machine.seconds -= 100
    assert clock() == before


def test_lengths_are_told_for_people() -> None:
    assert [span(n) for n in (1_500_000, -HOUR // 2, 5 * HOUR, YEAR)] == [
        "1.5 s",
        "30 min",
        "5.0 h",
        "365.0 days",
    ]
