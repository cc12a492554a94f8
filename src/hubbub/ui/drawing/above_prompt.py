"""What is said above the prompt: the lines that are still to be shown, and those that were last."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from hubbub.client.timeline.transcript import Fragment, Line, Role, rule, visible_lines
from hubbub.ui.drawing.layout import Size
from hubbub.ui.drawing.row_cache import Painter
from hubbub.ui.drawing.theme import Depth

WAITING: Final = 2000
"""Lines that wait for a terminal that takes none; of more, the newest are shown."""


class Above:
    """Gather lines until the terminal takes them, and remember a screen full of them."""

    def __init__(self, painter: Painter, columns: int) -> None:
        """Begin with nothing, on a terminal of so many columns."""
        self._painter = painter
        self._waiting: list[Line] = []
        self._left_out = 0
        self._shown: deque[Line] = deque()
        self._columns = columns

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, lines: Iterable[Line]) -> None:
        """Let lines wait to be shown."""
        self._waiting += lines

    def tell(self, text: str, role: Role = Role.NOTICE) -> None:
        """Let a text wait to be shown; "" is none."""
        if text:
            self._waiting += [(Fragment(line, role),) for line in visible_lines(text)]

    def hold(self) -> None:
        """Wait for longer, with no more lines than may wait."""
        if (more := len(self._waiting) - WAITING) > 0:
            del self._waiting[:more]
            self._left_out += more

    def take(self, size: Size, depth: Depth) -> str:
        """Return what waits, as painted rows for a terminal."""
        lines, self._waiting = self._waiting, []
        if self._left_out:
            lines.insert(0, rule(f"{self._left_out} lines were left out: this terminal took none"))
            self._left_out = 0
        self._shown += lines
        while len(self._shown) > size.rows:
            self._shown.popleft()
        return self._painter.rows(lines, size.columns, depth)

    def narrowed(self, size: Size, depth: Depth) -> list[str]:
        """Return what was shown last, each line painted anew, if the terminal became narrower."""
        before, self._columns = self._columns, size.columns
        if size.columns >= before:
            return []
        return [self._painter.rows((line,), size.columns, depth) for line in self._shown]

    def clear(self) -> None:
        """Forget what was shown: the screen is empty."""
        self._shown.clear()
