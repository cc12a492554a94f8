"""What is wrong with the node, told once in the log and for as long as it lasts in STATUS."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

Source = Callable[[], Mapping[str, str]]
"""Return what is wrong just now, and what to do about it, by subject."""

_log = structlog.get_logger(room="node")


class Troubles:
    """Ask the parts of the node what is wrong with them; `look` is for about once a second."""

    def __init__(self) -> None:
        """Begin with nobody to ask."""
        self._sources: list[Source] = []
        self._told: set[str] = set()

    def ask(self, source: Source) -> None:
        """Ask one more from now on."""
        self._sources.append(source)

    def now(self) -> dict[str, str]:
        """Return what is wrong just now, by subject."""
        found: dict[str, str] = {}
        for source in self._sources:
            found.update(source())
        return found

    def look(self) -> None:
        """Tell the log what is wrong that was not, and what no longer is."""
        found = self.now()
        for subject in found.keys() - self._told:
            _log.warning("trouble", subject=subject, what=found[subject])
        for subject in self._told - found.keys():
            _log.info("trouble is over", subject=subject)
        self._told = set(found)
