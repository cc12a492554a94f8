"""What is wrong with the node, told once in the log and for as long as it lasts in STATUS."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

Source = Callable[[], Mapping[str, str]]
"""Return what is wrong just now, and what to do about it, by subject."""

_log = structlog.get_logger(__name__)


class Troubles:
    """Ask the parts of the node what is wrong with them; `look` is for about once a second."""

    def __init__(self) -> None:
        """Begin with nobody to ask."""
        self._sources: list[Source] = []
        self._facts: list[Source] = []
        self._told: dict[str, str] = {}

    def ask(self, source: Source) -> None:
        """Ask one more from now on."""
        self._sources.append(source)

    def mention(self, source: Source) -> None:
        """Show in STATUS what one more tells, which nobody has to do anything about at once."""
        self._facts.append(source)

    def shown(self) -> dict[str, str]:
        """Return what STATUS shows: what is wrong just now, and what was noticed, by subject."""
        found = self.now()
        for fact in self._facts:
            found.update(fact())
        return found

    def now(self) -> dict[str, str]:
        """Return what is wrong just now, by subject."""
        found: dict[str, str] = {}
        for source in self._sources:
            found.update(source())
        return found

    def look(self) -> None:
        """Tell the log what is wrong that was not, and what no longer is."""
        found = self.now()
        for subject, what in found.items():
            if self._told.get(subject) != _kind(what):
                _log.warning("trouble", subject=subject, what=what)
        for subject in self._told.keys() - found.keys():
            _log.info("trouble is over", subject=subject)
        self._told = {subject: _kind(what) for subject, what in found.items()}


def _kind(what: str) -> str:
    """Return what is wrong without its numbers, which may change all the time."""
    return "".join(char for char in what if not char.isdigit())
