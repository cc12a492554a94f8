"""The clock of whoever leads the log."""

from __future__ import annotations

import pytest

from hubbub.cluster.jetstream.clocks import LeadersClock

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
    clock.note(NOW + int(ahead * 1_000_000), NOW)
    assert ("the clock of hubbub-1 is" in clock.fault("hubbub-1")) is says
    assert clock.asks_for_another(5.0) is steps_down
    # Once a minute: the others' may be no better.
    assert not clock.asks_for_another(6.0)
    assert clock.asks_for_another(66.0) is steps_down
    clock.note(NOW, NOW)
    assert clock.fault("") == ""
    assert not clock.asks_for_another(500.0)
