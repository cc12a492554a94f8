"""prompt_toolkit's renderer, for terminals that break rows anew when they become narrower."""

from __future__ import annotations

from collections.abc import Mapping

from prompt_toolkit.data_structures import Point
from prompt_toolkit.layout.screen import Char
from prompt_toolkit.renderer import Renderer

from hubbub.terminal.layout import rows_reflowed


class ReflowingRenderer(Renderer):
    """Erase all of the prompt, though it takes more rows now than were drawn."""

    def erase(self, leave_alternate_screen: bool = True) -> None:
        """Go to where the first row begins now, and erase from there."""
        screen, columns = self.last_rendered_screen, self.output.get_size().columns
        if screen is not None and self._last_size and columns < self._last_size.columns:
            above = [_width(screen.data_buffer[row]) for row in range(self._cursor_pos.y)]
            rows = rows_reflowed(above, self._cursor_pos.x, columns)
            self._cursor_pos = Point(x=self._cursor_pos.x % columns, y=rows)
        super().erase(leave_alternate_screen)


def _width(row: Mapping[int, Char]) -> int:
    """Return the columns of a row up to the last cell that was drawn."""
    drawn = (
        column + cell.width
        for column, cell in row.items()
        if cell.char != " " or " reverse" in f" {cell.style}"
    )
    return max(drawn, default=0)
