"""Tests of zones: each time has the offset that held then, and an unknown name does no harm."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hubbub.client.timeline.transcript import Transcript
from hubbub.ui.time_zones import LOCAL, zone_of

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp()
SUMMER = datetime(2026, 7, 15, 12, tzinfo=UTC).timestamp()


@pytest.fixture
def vienna(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have this machine stand in a place that has summers."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_this_machines_zone_knows_summer_and_winter(vienna: None) -> None:
    shown = Transcript(LOCAL)
    assert (shown.clock(WINTER), shown.clock(SUMMER)) == ("13:00", "14:00")
    assert datetime.fromtimestamp(SUMMER, LOCAL).tzname() == "CEST"
    # The hour that there is twice.
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC).timestamp() for hour in (0, 1)]
    assert [shown.clock(each) for each in twice] == ["02:30", "02:30"]
    assert [datetime.fromtimestamp(each, LOCAL).timestamp() for each in twice] == twice


def test_a_zone_that_is_named_is_used(vienna: None) -> None:
    shown = Transcript(zone_of("America/New_York"))
    assert (shown.clock(WINTER), shown.clock(SUMMER)) == ("07:00", "08:00")
    assert Transcript(zone_of(":Asia/Tokyo")).clock(WINTER) == "21:00"


@pytest.mark.parametrize("name", ["", "Nowhere/Else", "../../etc/passwd", "/etc/passwd", "\0", "."])
def test_what_is_no_zone_is_this_machines(name: str) -> None:
    assert zone_of(name) is LOCAL
