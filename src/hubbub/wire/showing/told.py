"""When and on which connection something was seen, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hubbub.wire.seen import Seen, Show


@dataclass(frozen=True, slots=True)
class TimedSight:
    """Hold what was seen, how many seconds after the beginning, and on which connection.

    `connection` is "" where there is one only.
    """

    seconds: float
    connection: str
    seen: Seen


class Sightings:
    """Tell one writer what is seen on several connections, with the time since the first."""

    def __init__(self, write: Callable[[TimedSight], None], clock: Callable[[], float]) -> None:
        """Begin the time now; `clock` counts seconds."""
        self._write = write
        self._clock = clock
        self._began = clock()

    def on(self, connection: str = "") -> Show:
        """Return who takes what is seen on a connection."""

        def show(seen: Seen) -> None:
            self._write(TimedSight(self._clock() - self._began, connection, seen))

        return show
