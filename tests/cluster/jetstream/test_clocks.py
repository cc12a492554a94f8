"""The clock of whoever leads the log."""

from __future__ import annotations

import pytest

from hubbub.cluster.jetstream.clocks import AGREED_SECONDS, LeadersClock

NOW = 1_700_000_000_000_000


@pytest.mark.parametrize(
    ("ahead", "says", "steps_down"),
    [
        (-600, False, False),
        (0, False, False),
        (1.9, False, False),
        (2, True, False),
        (31, True, True),
    ],
)
def test_only_a_clock_that_is_ahead_is_a_fault(ahead: float, says: bool, steps_down: bool) -> None:
    clock = LeadersClock()
    assert clock.fault("hubbub-1") == ""
    agree(clock, 0.0)
    hear(clock, 5.0 + AGREED_SECONDS, ahead)
    assert ("the clock of hubbub-1 is" in clock.fault("hubbub-1")) is says
    assert clock.asks_for_another(5.0) is steps_down
    # Once a minute: the others' may be no better.
    assert not clock.asks_for_another(6.0)
    assert clock.asks_for_another(66.0) is steps_down
    hear(clock, 100.0)
    assert clock.fault("") == ""
    assert not clock.asks_for_another(500.0)


def hear(clock: LeadersClock, at: float, ahead: float = 0.0, own: float = 0.0) -> None:
    """Hear a batch whose stamp is so far ahead, where this machine's clock leapt by `own`."""
    now = NOW + int((at + own) * 1_000_000)
    clock.note(now + int(ahead * 1_000_000), now, at)


def agree(clock: LeadersClock, at: float, own: float = 0.0) -> None:
    """Let the clocks agree for long enough."""
    hear(clock, at, own=own)
    hear(clock, at + AGREED_SECONDS, own=own)


def test_whose_own_clock_was_behind_from_the_first_asks_for_no_other() -> None:
    clock = LeadersClock()
    # While it catches up it hears what was stamped as long ago as its own clock is behind.
    for at, ahead in ((0, -900), (0.1, -1), (0.2, 1), (0.3, 600), (60, 600), (600, 600)):
        hear(clock, at, ahead)
        assert not clock.asks_for_another(at)
    assert "600 s ahead" in clock.fault("hubbub-1")


def test_whose_own_clock_leaps_back_asks_for_no_other() -> None:
    clock = LeadersClock()
    agree(clock, 0.0)
    hear(clock, 20.0, ahead=600, own=-600)
    assert not clock.asks_for_another(20.0)
    # Set right again, it sees what a leader's clock does.
    agree(clock, 30.0)
    hear(clock, 50.0, ahead=600)
    assert clock.asks_for_another(50.0)
