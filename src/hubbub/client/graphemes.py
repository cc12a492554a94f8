"""Characters as people see them: their boundaries, and how many cells they fill."""

from __future__ import annotations

import wcwidth


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
    """Return a text's graphemes."""
    return list(text) if text.isascii() else list(wcwidth.iter_graphemes(text))


def width(text: str) -> int:
    """Return how many cells a safe text fills on a terminal."""
    return max(0, wcwidth.width(text))


def shorten(text: str, cells: int) -> str:
    """Return a safe text cut to a number of cells, with `…` where something was left out."""
    if width(text) <= cells:
        return text
    kept, used = [], 0
    for grapheme in wcwidth.iter_graphemes(text):
        used += width(grapheme)
        if used > cells - 1:
            break
        kept.append(grapheme)
    return "".join(kept) + "…" if cells > 0 else ""


def _pieces(text: str, limit: int) -> list[str]:
    pieces: list[str] = []
    for grapheme in wcwidth.iter_graphemes(text):
        pieces.extend(grapheme if len(grapheme.encode()) > limit else (grapheme,))
    return pieces


def _break_at(graphemes: list[str]) -> int:
    """Return how many graphemes stay in a full part."""
    for position in range(len(graphemes) - 1, len(graphemes) // 2, -1):
        if graphemes[position] == " ":
            return position + 1
    return len(graphemes)
