"""How long is waited between two attempts to connect; the attempts themselves are in test_line."""

from __future__ import annotations

from hubbub.terminal.reconnecting import wait_before


def test_waits_grow_to_a_minute_and_spread() -> None:
    assert [wait_before(attempt, 1.0) for attempt in (0, 1, 2, 6, 100)] == [1, 2, 4, 60, 60]
    assert wait_before(2, 0.0) == 2.0
