"""What is wrong with the node, told in the log and for as long as it lasts in STATUS."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog

Source = Callable[[], Mapping[str, str]]
"""Return what is wrong just now, and what to do about it, by subject."""

AGAIN_SECONDS: Final = 86_400.0
"""How often the log is told of what lasts: whoever reads it by the day reads it each day."""
LOOK_AT: Final = "look-at"
"""What STATUS calls its line that names what somebody had better look at."""
NOTHING: Final = "nothing"

_log = structlog.get_logger(__name__)


class Troubles:
    """Ask the parts of the node what is wrong with them; `look` is for about once a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nobody to ask; `clock` shows seconds."""
        self._clock = clock
        self._sources: list[Source] = []
        self._facts: list[Source] = []
        self._told: dict[str, tuple[str, float]] = {}

    def ask(self, source: Source) -> None:
        """Ask one more from now on."""
        self._sources.append(source)

    def mention(self, source: Source) -> None:
        """Show in STATUS what one more tells, which nobody has to do anything about at once."""
        self._facts.append(source)

    def shown(self) -> dict[str, str]:
        """Return what STATUS shows: what is wrong just now, and what was noticed, by subject.

        Last comes which of them somebody had better look at.
        """
        found: dict[str, str] = {}
        for fact in self._facts:
            found.update(fact())
        wrong = self.now()
        return {**found, **wrong, LOOK_AT: " ".join(wrong) or NOTHING}

    def now(self) -> dict[str, str]:
        """Return what is wrong just now, by subject."""
        found: dict[str, str] = {}
        for source in self._sources:
            found.update(source())
        return found

    def look(self) -> None:
        """Tell the log what is wrong that was not, and once a day what still is; what no longer."""
        found, now = self.now(), self._clock()
        for subject in self._told.keys() - found.keys():
            del self._told[subject]
            _log.info("trouble is over", subject=subject)
        for subject, what in found.items():
            told, when = self._told.get(subject, ("", 0.0))
            if told != _kind(what) or now - when >= AGAIN_SECONDS:
                self._told[subject] = _kind(what), now
                _log.warning("trouble", subject=subject, what=what)


def _kind(what: str) -> str:
    """Return what is wrong without its numbers, which may change all the time."""
    return "".join(char for char in what if not char.isdigit())
