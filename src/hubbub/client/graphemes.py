"""Characters as people see them: their boundaries, and how many cells they fill."""

from __future__ import annotations

from itertools import chain
from typing import Final

import wcwidth

LONGEST: Final = 32
"""The most code points of one grapheme. No real one is as long (a family of four is 11); of what
goes on, joiners or marks without end, each so many are one."""


def split_bytes(text: str, limit: int) -> list[str]:
    """Split a text into parts of at most `limit` bytes of UTF-8, none through a grapheme.

    A part ends at a blank where there is one in its second half; that blank stays with it. A
    grapheme longer than the limit is split between its code points. `limit` is at least 4.
    """
    parts: list[str] = []
    current: list[str] = []
    size = 0
    for piece in _pieces(text, limit):
        length = len(piece.encode())
        if size + length > limit:
            kept = _break_at(current)
            parts.append("".join(current[:kept]))
            current = current[kept:]
            size = sum(len(each.encode()) for each in current)
        current.append(piece)
        size += length
    if current:
        parts.append("".join(current))
    return parts


def split(text: str) -> list[str]:
    """Return a text's graphemes, none of more than LONGEST code points."""
    if text.isascii():
        return list(text)
    found = list(wcwidth.iter_graphemes(text))
    if max(map(len, found)) > LONGEST:
        return list(chain.from_iterable(map(_bounded, found)))
    return found


def _bounded(grapheme: str) -> list[str]:
    return [grapheme[at : at + LONGEST] for at in range(0, len(grapheme), LONGEST)]


def width(text: str) -> int:
    """Return how many cells a safe text fills on a terminal."""
    # The library takes time by the square of a text of flags; each grapheme is short.
    return len(text) if text.isascii() else sum(map(_width, split(text)))


def _width(grapheme: str) -> int:
    return max(0, wcwidth.width(grapheme))


def shorten(text: str, cells: int) -> str:
    """Return a safe text cut to a number of cells, with `…` where something was left out."""
    if width(text) <= cells:
        return text
    kept, used = [], 0
    for grapheme in split(text):
        used += width(grapheme)
        if used > cells - 1:
            break
        kept.append(grapheme)
    return "".join(kept) + "…" if cells > 0 else ""


def _pieces(text: str, limit: int) -> list[str]:
    pieces: list[str] = []
    for grapheme in split(text):
        pieces.extend(grapheme if len(grapheme.encode()) > limit else (grapheme,))
    return pieces


def _break_at(graphemes: list[str]) -> int:
    """Return how many graphemes stay in a full part."""
    for position in range(len(graphemes) - 1, len(graphemes) // 2, -1):
        if graphemes[position] == " ":
            return position + 1
    return len(graphemes)
