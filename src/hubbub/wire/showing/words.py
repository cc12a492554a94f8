"""What was seen in words, for people: a line for each thing, its details below, colours or none."""

from __future__ import annotations

import textwrap
from typing import Final

from hubbub.wire.seen import Fact, OnLayer, Way
from hubbub.wire.showing.lessons import Lessons
from hubbub.wire.showing.safe import safe, safe_details
from hubbub.wire.showing.told import TimedSight

COLUMNS: Final = 100
"""How wide it is where no terminal says."""
NARROWEST: Final = 30
"""Below this many columns what is said is not cut any more; the terminal does."""
_DEPTH: Final = 6
_ARROWS: Final = {Way.SENT: "->", Way.RECEIVED: "<-", Way.NEITHER: "  "}
_COLOURS: Final = {
    OnLayer.TCP: "2",
    OnLayer.TLS: "35",
    OnLayer.SSH: "36",
    OnLayer.WEBSOCKET: "34",
    OnLayer.IRC: "32",
    OnLayer.HUBBUB: "33",
}
_FAINT: Final = "2"
_LESSON: Final = "3"


class InWords:
    """Make text of what was seen."""

    def __init__(
        self, coloured: bool = False, lessons: Lessons | None = None, columns: int = COLUMNS
    ) -> None:
        """Explain what comes for the first time where there are `lessons`."""
        self._coloured = coloured
        self._lessons = lessons
        self._columns = max(NARROWEST, columns)

    def text(self, told: TimedSight) -> str:
        """Return its lines, each with its ending."""
        seen = told.seen
        lines = [self._headline(told)]
        lines += [
            line for name, fact in safe_details(seen.details) for line in self._detail(name, fact)
        ]
        if self._lessons is not None:
            lines += self._lesson(self._lessons.next(seen.subject))
        return "".join(f"{line}\n" for line in lines)

    def _headline(self, told: TimedSight) -> str:
        seen = told.seen
        where = f"{told.connection} " if told.connection else ""
        time = self._in(_FAINT, f"{told.seconds:8.3f}")
        if seen.layer is OnLayer.HUBBUB:
            return f"{time} {where}{self._in(_COLOURS[seen.layer], f'** {safe(seen.name)}')}"
        layer = self._in(_COLOURS[seen.layer], f"{seen.layer:<9} {safe(seen.name)}")
        size = "" if seen.size is None else self._in(_FAINT, f", {_bytes(seen.size)}")
        return f"{time} {where}{_ARROWS[seen.way]} {layer}{size}"

    def _detail(self, name: str, fact: Fact) -> list[str]:
        said = " | ".join(fact) if isinstance(fact, tuple) else str(fact)
        label = f"{' ' * _DEPTH}{name}: "
        wrapped = textwrap.wrap(
            label + said,
            self._columns,
            subsequent_indent=" " * (_DEPTH + 2),
            break_on_hyphens=False,
        )
        return [self._in(_FAINT, line) for line in wrapped]

    def _lesson(self, lesson: str) -> list[str]:
        if not lesson:
            return []
        bar = f"{' ' * (_DEPTH - 2)}| "
        wrapped = textwrap.wrap(
            lesson, min(self._columns, 88), initial_indent=bar, subsequent_indent=bar
        )
        return [self._in(_LESSON, line) for line in wrapped]

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured else text


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count} bytes"
