"""Lines painted once for all sessions that show them with the same width and colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hubbub.client.timeline.transcript import Line
from hubbub.ui.drawing.theme import Depth, paint_rows

REMEMBERED: Final = 512
"""How many painted lines are remembered."""


class Painter:
    """Paint lines, each once for each width and depth.

    What two sessions are shown is the same line, not an equal one, where the transcript drew it
    once for both; so a line is known by being itself, which costs least.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, Depth], tuple[Line, str]] = {}

    def rows(self, lines: Iterable[Line], columns: int, depth: Depth) -> str:
        """Return lines as rows of a terminal, each with its end."""
        known = self._known
        parts: list[str] = []
        for line in lines:
            key = (id(line), columns, depth)
            found = known.get(key)
            if found is None or found[0] is not line:
                if len(known) >= REMEMBERED:
                    known.clear()
                found = known[key] = (line, paint_rows((line,), columns, depth))
            parts.append(found[1])
        return "".join(parts)
