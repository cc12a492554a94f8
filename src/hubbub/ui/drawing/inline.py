"""The prompt at the bottom of a terminal, and what is said in the scrollback above it.

Nothing here reads or writes: what comes out is the text to send to the terminal. Whatever is shown
was made safe before, and every sequence that leaves is one of the few in this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from hubbub.ui.drawing.layout import Block, Cell, Header, Row, Size, lay_out, rows_reflowed
from hubbub.ui.drawing.theme import Depth, styled
from hubbub.ui.editing.editor import Editor

BELL: Final = "\x07"
_PASTE_ON: Final = "\x1b[?2004h"
_PASTE_OFF: Final = "\x1b[?2004l"
_WRAP_ON: Final = "\x1b[?7h"
_WRAP_OFF: Final = "\x1b[?7l"
_ERASE_BELOW: Final = "\x1b[J"
_ERASE_RIGHT: Final = "\x1b[K"
_CLEAR: Final = "\x1b[H\x1b[2J"


class Drawing(Protocol):
    """Draw an editor and the messages before it; every method returns what to send, or nothing.

    `size` and `depth` say for what messages are painted (`theme.paint_rows`).
    """

    size: Size
    depth: Depth

    def begin(self) -> str:
        """Return what the terminal has to be told before anything is drawn."""

    def show(self, editor: Editor, prompt: str, header: Header) -> None:
        """Take up what `draw` is to show from now on."""

    def draw(self, above: str = "") -> str:
        """Show what is new: painted rows above the prompt, and what changed in it."""

    def enter(self) -> str:
        """Leave the text that was entered behind."""

    def resize(self, size: Size) -> str:
        """Take up the terminal's new size; `show` and `draw` are to follow."""

    def clear(self) -> str:
        """Empty the screen; `draw` is to follow."""

    def renew(self, painted: Sequence[str]) -> str:
        """Show the newest of these lines anew, for they were painted for a wider terminal."""

    def end(self) -> str:
        """Leave the terminal as it was, with the cursor below what was said."""


class Inline:
    """Draw on a terminal that moves its cursor; change as little as possible.

    `reflows` says that the terminal breaks rows anew when it becomes narrower, as most do.
    """

    def __init__(self, size: Size, depth: Depth, reflows: bool = True) -> None:
        """Begin with nothing drawn, the cursor at the start of a row."""
        self.size = size
        self.depth = depth
        self._reflows = reflows
        self._shown: tuple[Editor, int, str, Header, Size] | None = None
        self._wanted = Block([[]], 0, 0)
        self._drawn: Block | None = None
        self._row = 0
        self._column: int | None = 0
        self._painted: tuple[Block, str] | None = None

    def begin(self) -> str:
        """Ask for pastes in brackets."""
        return _PASTE_ON

    def show(self, editor: Editor, prompt: str, header: Header) -> None:
        """Lay out what `draw` is to show from now on, where something may be another."""
        shown = (editor, editor.changes, prompt, header, self.size)
        if shown != self._shown:
            self._shown = shown
            self._wanted = lay_out(editor, self.size, prompt, header)

    def draw(self, above: str = "") -> str:
        """Put painted rows above the block, or change of the block what is new."""
        if above or self._drawn is None:
            return f"{self._erase()}{above}{self._whole()}"
        return "" if self._drawn is self._wanted else self._difference(self._drawn, self._wanted)

    def enter(self) -> str:
        """Do nothing: the next `draw` takes the text away."""
        return ""

    def resize(self, size: Size) -> str:
        """Erase the block, which may have been broken into more rows."""
        drawn, columns = self._drawn, size.columns
        if drawn is not None and self._reflows and columns < self.size.columns:
            self._row = rows_reflowed(map(_width, drawn.rows[: drawn.row]), drawn.column, columns)
        self.size = size
        return self._erase()

    def clear(self) -> str:
        """Empty the screen."""
        self._drawn = None
        return _CLEAR

    def renew(self, painted: Sequence[str]) -> str:
        """Push what stands on the screen into the scrollback, and write as much as fits below it.

        Only the terminal knows how it broke the rows that it had, so none of them is written over.
        """
        room = self.size.rows - len(self._wanted.rows)
        first = len(painted)
        while first > 0 and (rows := painted[first - 1].count("\n")) <= room:
            room -= rows
            first -= 1
        pushed = "\n" * self.size.rows
        erased = self._erase()
        return (
            f"{erased}\x1b[{self.size.rows}H{pushed}\x1b[H{''.join(painted[first:])}{self._whole()}"
        )

    def end(self) -> str:
        """Take the block away."""
        return f"{self._erase()}{_PASTE_OFF}"

    def _erase(self) -> str:
        """Take the block away, and go where it began."""
        if self._drawn is None:
            return ""
        self._drawn = None
        return f"{_vertically(-self._row)}\r{_ERASE_BELOW}"

    def _whole(self) -> str:
        """Return the block from its first row to the cursor; the same one is painted once."""
        block = self._wanted
        if self._painted is None or self._painted[0] is not block:
            self._row, self._column = len(block.rows) - 1, None
            rows = "\r\n".join(self._cells(row) for row in block.rows)
            # What is wider than we think is cut, and moves nothing.
            text = f"{_WRAP_OFF}{rows}{self._go(block.row, block.column)}{_WRAP_ON}"
            self._painted = block, text
        self._drawn = block
        self._row, self._column = block.row, block.column
        return self._painted[1]

    def _difference(self, old: Block, new: Block) -> str:
        out: list[str] = []
        for number, row in enumerate(new.rows):
            if number >= len(old.rows):
                out.append(self._go(number - 1, self._column))
                out.append(f"\r\n{self._cells(row)}")
                self._row, self._column = number, None
            elif row != old.rows[number]:
                out.append(self._change(number, old.rows[number], row))
        if len(new.rows) < len(old.rows):
            out.append(f"{self._go(len(new.rows), 0)}{_ERASE_BELOW}")
        out.append(self._go(new.row, new.column))
        self._drawn = new
        text = "".join(out)
        simple = len(new.rows) == len(old.rows) and text.isascii() and self._fits(new)
        return text if simple else f"{_WRAP_OFF}{text}{_WRAP_ON}"

    def _fits(self, block: Block) -> bool:
        """Say whether no row reaches the edge."""
        return all(_width(row) < self.size.columns for row in block.rows)

    def _change(self, number: int, old: Row, new: Row) -> str:
        """Change one row from the first cell on that is another."""
        same = 0
        for before, after in zip(old, new, strict=False):
            if before != after:
                break
            same += 1
        column = _width(new[:same])
        text = f"{self._go(number, column)}{self._cells(new[same:])}"
        width = column + _width(new[same:])
        self._column = width if width < self.size.columns else None
        return text + (_ERASE_RIGHT if _width(old) > width else "")

    def _go(self, row: int, column: int | None) -> str:
        """Move the cursor; to None where the column does not matter."""
        text = _vertically(row - self._row)
        if column is not None and column != self._column:
            text += "\r" if column == 0 else f"\x1b[{column + 1}G"
        self._row, self._column = row, column
        return text

    def _cells(self, cells: Row) -> str:
        """Return cells with their attributes."""
        parts: list[str] = []
        start = 0
        while start < len(cells):
            end, sgr = start, cells[start][2]
            while end < len(cells) and cells[end][2] == sgr:
                end += 1
            parts.append(styled("".join(map(_text, cells[start:end])), sgr, self.depth))
            start = end
        return "".join(parts)


def _vertically(rows: int) -> str:
    if rows == 0:
        return ""
    return f"\x1b[{rows}B" if rows > 0 else f"\x1b[{-rows}A"


def _text(cell: Cell) -> str:
    return cell[0]


def _width(cells: Row) -> int:
    return sum(cell[1] for cell in cells)
