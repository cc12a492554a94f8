"""What stands at the bottom of the terminal, as rows of cells: header, prompt and input."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hubbub.client.graphemes import shorten, split, width
from hubbub.irc.text import visible
from hubbub.ui.drawing import theme
from hubbub.ui.editing.buffer import LONGEST, Buffer
from hubbub.ui.editing.editor import Editor, Offer

Cell = tuple[str, int, str]
"""Safe text, the columns it fills, and its SGR attributes."""
Row = list[Cell]


@dataclass(frozen=True, slots=True)
class Size:
    """Hold a terminal's size; one that says it has none is taken to be of the usual size."""

    columns: int = 80
    rows: int = 24

    def __post_init__(self) -> None:
        """Put what no terminal is into bounds."""
        object.__setattr__(self, "columns", max(4, min(self.columns, 1000)) if self.columns else 80)
        object.__setattr__(self, "rows", max(2, min(self.rows, 1000)) if self.rows else 24)


@dataclass(frozen=True, slots=True)
class Block:
    """Hold the rows at the bottom, and the cursor's place among them."""

    rows: list[Row]
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Header:
    """Hold what stands above the prompt: what waits to be sent, and the status line."""

    pending: tuple[str, ...] = ()
    status: str = ""


_NO_HEADER: Final = Header()
_MASKED: Final[Cell] = ("*", 1, "")
_SIMPLE: Final[dict[str, Cell]] = {chr(code): (chr(code), 1, "") for code in range(32, 127)}
SEGMENT: Final = 500
"""Graphemes of a long text that are laid out at once, on either side of as many at the cursor."""


def lay_out(editor: Editor, size: Size, prompt: str, header: Header = _NO_HEADER) -> Block:
    """Return the rows for the editor's text after a prompt, the cursor's row always among them.

    The input never takes more than half of the terminal, and never all of it with the header: of a
    longer one the rows round the cursor are shown.
    """
    most = max(1, size.rows // 2)
    start, end = _segment(editor.buffer, size.columns * most)
    cells = text_cells(editor, start, end)
    label = label_cells(editor, prompt) if start == 0 else []
    cursor = len(label) + len(text_cells(editor, start, editor.buffer.cursor))
    rows, row, column = _fill(label + cells, cursor, size.columns)
    first, last = _window(len(rows), row, most)
    room = size.rows - (last - first)
    above = _above(editor, header, size.columns)[-room:] if room > 0 else []
    return Block([*above, *rows[first:last]], len(above) + row - first, column)


def _segment(buffer: Buffer, shown: int) -> tuple[int, int]:
    """Return where the part of a text begins and ends that has to be laid out for each key.

    What lies further from the cursor is not shown anyway, and a long text would cost much.
    """
    size = min(shown, SEGMENT)
    start = max(0, buffer.cursor // size - 1) * size
    return start, start + 3 * size


def label_cells(editor: Editor, prompt: str) -> Row:
    """Return the cells of what stands before the text: a prompt, or what is searched for."""
    return [(text, cells, theme.PROMPT) for text, cells, _ in _cells(split(_label(editor, prompt)))]


def text_cells(editor: Editor, start: int = 0, end: int = LONGEST) -> Row:
    """Return the cells of a part of the text; a line's end is a cell `\\n` without width."""
    graphemes = editor.buffer.graphemes[start:end]
    return [_MASKED] * len(graphemes) if editor.masked else _cells(graphemes)


def rows_reflowed(above: Iterable[int], column: int, columns: int) -> int:
    """Return how many rows above the cursor rows of these widths take in a narrower terminal."""
    return sum(max(1, -(-width // columns)) for width in above) + column // columns


def _label(editor: Editor, prompt: str) -> str:
    if editor.search is None:
        return prompt
    state = "nothing found" if editor.search.lost else "search"
    return f"({state}) {visible(editor.search.words)}: "


@lru_cache(maxsize=1024)
def _cells_of(grapheme: str) -> tuple[Cell, ...]:
    """Return the cells of one grapheme as it is shown: more than one where it is made visible."""
    if grapheme == "\n":
        return (("\n", 0, ""),)
    return tuple((each, width(each), "") for each in split(visible(grapheme)))


def _cells(graphemes: list[str]) -> Row:
    try:
        return [_SIMPLE[grapheme] for grapheme in graphemes]
    except KeyError:
        return [cell for grapheme in graphemes for cell in _cells_of(grapheme)]


def _fill(cells: list[Cell], cursor: int, columns: int) -> tuple[list[Row], int, int]:
    """Return the cells as rows, broken between words, and the row and column of the cursor."""
    if len(cells) < columns and all(cell[1] == 1 for cell in cells):
        return [cells], 0, cursor
    rows: list[Row] = []
    row = column = start = 0
    while start <= len(cells):
        end, following = _row_end(cells, start, columns)
        if start <= cursor:
            row, column = len(rows), sum(cell[1] for cell in cells[start : min(cursor, end)])
        rows.append(cells[start:end])
        start = following
    if column >= columns:
        # The cursor stands where the next character will.
        row, column = row + 1, 0
        if row == len(rows):
            rows.append([])
    return rows, row, column


def _row_end(cells: list[Cell], start: int, columns: int) -> tuple[int, int]:
    """Return where a row ends, and where the next begins: behind the last cell, if there is none.

    What ends a row is not shown: a line's end, or a blank for which there is no room any more.
    """
    used, blank = 0, 0
    for place in range(start, len(cells)):
        text, width_, _ = cells[place]
        if text == "\n":
            return place, place + 1
        if used + width_ > columns or used == columns:
            if text == " ":
                return place, place + 1
            wide = width_ > 1 or cells[place - 1][1] > 1
            if blank > start and not wide and _word(cells, blank + 1) <= columns:
                return blank + 1, blank + 1
            return place, place
        if text == " ":
            blank = place
        used += width_
    return len(cells), len(cells) + 1


def _word(cells: list[Cell], start: int) -> int:
    """Return the columns of the word that begins there."""
    used = 0
    for text, width_, _ in cells[start:]:
        if text in (" ", "\n") or width_ > 1:
            break
        used += width_
    return used


def _window(count: int, row: int, most: int) -> tuple[int, int]:
    """Return which rows are shown where there are too many."""
    first = max(0, min(row - most + 1, count - most))
    if row == count - 1 or count <= most:
        first = max(0, count - most)
    return first, min(count, first + most)


def _above(editor: Editor, header: Header, columns: int) -> list[Row]:
    """Return what stands above the prompt, one row each."""
    rows = [_line(text, theme.PENDING, columns) for text in header.pending]
    if header.status:
        rows.append(_line(header.status, theme.STATUS, columns))
    if editor.offer is not None:
        rows.append(_offered(editor.offer, columns))
    return rows


def _line(text: str, sgr: str, columns: int) -> Row:
    text = shorten(text, columns - 1)
    return [(text, width(text), sgr)] if text else []


def _offered(offer: Offer, columns: int) -> Row:
    """Return the words that Tab offers, from before the chosen one on, in one row."""
    row: Row = []
    room = columns - 1
    for number in range(max(0, offer.chosen - 1), len(offer.words)):
        text = shorten(visible(offer.words[number].strip()), room)
        if not text:
            break
        row.append((text, width(text), theme.STATUS if number == offer.chosen else theme.PENDING))
        row.append(("  ", 2, ""))
        room -= width(text) + 2
    return row[:-1]
