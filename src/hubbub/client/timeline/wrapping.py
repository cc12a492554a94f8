"""Lines as rows of a terminal: broken between words, with a hanging indent, by display width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hubbub.client.graphemes import split, width
from hubbub.client.timeline.transcript import Fragment, Line, Role, text_of

NARROWEST: Final = 8
"""The fewest columns that rows are made for."""
_HANGING: Final = 2


def wrap(line: Line, columns: int) -> list[Line]:
    """Return a line as rows of at most so many columns.

    Rows after the first begin below the text, two columns right of the time's end. A row ends at a
    blank, which is left out, or beside a wide character; a word that is longer than a row is
    broken where the row ends.
    """
    columns = max(columns, NARROWEST)
    if width(text_of(line)) <= columns:
        return [line]
    indent = Fragment(" " * min(_indent(line), columns // 3), Role.TIME)
    rows: list[Line] = []
    pieces = list(_pieces(line))
    start, room, next_room = 0, columns, columns - len(indent.text)
    while start < len(pieces):
        end, following = _row(pieces, start, room, next_room)
        row = _joined(line, pieces[start:end])
        rows.append((indent, *row) if rows else row)
        start, room = following, next_room
    return rows


_Piece = tuple[str, int, int]
"""A grapheme, its width, and the number of its fragment."""


def _pieces(line: Line) -> Iterator[_Piece]:
    for number, fragment in enumerate(line):
        if fragment.text.isascii():
            yield from ((character, 1, number) for character in fragment.text)
        else:
            yield from ((each, width(each), number) for each in split(fragment.text))


def _row(pieces: list[_Piece], start: int, room: int, next_room: int) -> tuple[int, int]:
    """Return where a row ends, and where the next one begins."""
    used, end = 0, start
    blank: tuple[int, int] | None = None
    while end < len(pieces) and used + pieces[end][1] <= room:
        if pieces[end][0] == " " and end > start and pieces[end - 1][0] != " ":
            blank = end, _after_blanks(pieces, end)
        used += pieces[end][1]
        end += 1
    if end == len(pieces):
        return end, end
    if pieces[end][0] == " ":
        return end, _after_blanks(pieces, end)
    end = max(end, start + 1)
    if pieces[end][1] > 1 or pieces[end - 1][1] > 1:
        return end, end
    # A word that is longer than the next row is broken here rather than there.
    return blank if blank and _length(pieces, blank[1]) <= next_room else (end, end)


def _after_blanks(pieces: list[_Piece], place: int) -> int:
    while place < len(pieces) and pieces[place][0] == " ":
        place += 1
    return place


def _length(pieces: list[_Piece], place: int) -> int:
    """Return the width of what stands from here to the next place for a break."""
    length = 0
    while place < len(pieces) and pieces[place][0] != " " and pieces[place][1] < 2:
        length += pieces[place][1]
        place += 1
    return length


def _joined(line: Line, pieces: list[_Piece]) -> Line:
    """Return pieces as fragments again."""
    texts: dict[int, list[str]] = {}
    for grapheme, _, number in pieces:
        texts.setdefault(number, []).append(grapheme)
    return tuple(replace(line[number], text="".join(text)) for number, text in texts.items())


def _indent(line: Line) -> int:
    """Return the columns of the time, or of what stands in its place, and of the hanging."""
    return _HANGING + (width(line[0].text) if line[0].role is Role.TIME else 0)
