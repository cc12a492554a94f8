"""What is seen is told with the time since the beginning, and on which connection."""

from __future__ import annotations

from hubbub.wire.seen import note
from hubbub.wire.showing.told import Sightings, TimedSight


def test_time_counts_from_the_beginning() -> None:
    told: list[TimedSight] = []
    times = iter([10.0, 10.5, 12.0])
    sightings = Sightings(told.append, lambda: next(times))
    sightings.on("1 client")(note("a"))
    sightings.on()(note("b"))
    assert [(one.seconds, one.connection, one.seen.name) for one in told] == [
        (0.5, "1 client", "a"),
        (2.0, "", "b"),
    ]
