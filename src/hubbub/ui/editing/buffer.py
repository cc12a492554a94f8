"""The text being typed and the place in it, in graphemes.

Beside the graphemes stands a text with one character for each of them, their marks. What goes
through the whole text for one key goes through the marks, at the speed of `str` and `re`: whoever
holds a key down on a full line takes no time from others.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from typing import Final

from hubbub.client import graphemes

LONGEST: Final = 8 * 1024
"""The most characters (code points) of the text; what would be more is not taken."""
_JOINED: Final = 16
"""How many graphemes on either side of a change are looked at anew."""
_WORD = re.compile(r"\W*\w*")
_BLANK = re.compile(r"\s*\S*")


class Buffer:
    """Hold a text as graphemes, and the cursor as a place between two of them."""

    def __init__(self) -> None:
        """Begin empty."""
        self.graphemes: list[str] = []
        self.marks = ""
        self.cursor = 0
        self._size = 0

    @property
    def text(self) -> str:
        """Return the text."""
        return "".join(self.graphemes)

    @property
    def before(self) -> str:
        """Return the text before the cursor."""
        return "".join(self.graphemes[: self.cursor])

    def set(self, text: str) -> None:
        """Replace the text, cut at LONGEST, and go to its end."""
        self.graphemes = graphemes.split(text[:LONGEST])
        self.marks = _marks(self.graphemes)
        self.cursor = len(self.graphemes)
        self._size = min(len(text), LONGEST)

    def insert(self, text: str) -> bool:
        """Put a text before the cursor; return False where some of it found no room."""
        room = LONGEST - self._size
        self.replace(self.cursor, self.cursor, text[:room])
        return len(text) <= room

    def delete(self, start: int, end: int) -> str:
        """Take out the graphemes from `start` up to `end`, go there, and return them."""
        taken = "".join(self.graphemes[start:end])
        self.replace(start, end, "")
        return taken

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of graphemes, and the cursor behind it.

        A change may join its neighbours: an accent to a letter, one flag's letter to another's.
        """
        self._size += len(text) - sum(map(len, self.graphemes[start:end]))
        left, right = self._ascii_before(start), self._ascii_after(end)
        if left == start and right == end and text.isascii():
            self._splice(start, end, list(text))
            self.cursor = start + len(text)
            return
        left, right = max(0, left - 1), right + 1
        head = "".join(self.graphemes[left:start]) + text
        tail = "".join(self.graphemes[end:right])
        new = graphemes.split(head + tail)
        self._splice(left, right, new)
        # Behind the grapheme in which the head ends.
        ends = list(accumulate(map(len, new)))
        self.cursor = left + (bisect_left(ends, len(head)) + 1 if head else 0)

    def _splice(self, start: int, end: int, new: list[str]) -> None:
        self.graphemes[start:end] = new
        self.marks = f"{self.marks[:start]}{_marks(new)}{self.marks[end:]}"

    def word_left(self) -> int:
        """Return where the word before the cursor begins."""
        return self.cursor - _length(_WORD, self.marks[: self.cursor][::-1])

    def word_right(self) -> int:
        """Return where the word after the cursor ends."""
        return self.cursor + _length(_WORD, self.marks[self.cursor :])

    def blank_left(self) -> int:
        """Return where what stands before the cursor begins, up to a blank, as Ctrl-W takes it."""
        return self.cursor - _length(_BLANK, self.marks[: self.cursor][::-1])

    def line_start(self, place: int | None = None) -> int:
        """Return where the line of a place begins, by default the cursor's."""
        return self.marks.rfind("\n", 0, self.cursor if place is None else place) + 1

    def line_end(self, place: int | None = None) -> int:
        """Return where the line of a place ends, by default the cursor's."""
        end = self.marks.find("\n", self.cursor if place is None else place)
        return len(self.marks) if end < 0 else end

    def line_above(self) -> int | None:
        """Return the cursor's place one line up, None in the first."""
        start = self.line_start()
        if start == 0:
            return None
        return min(self.line_start(start - 1) + self.cursor - start, start - 1)

    def line_below(self) -> int | None:
        """Return the cursor's place one line down, None in the last."""
        end = self.line_end()
        if end == len(self.graphemes):
            return None
        return min(end + 1 + self.cursor - self.line_start(), self.line_end(end + 1))

    def _ascii_before(self, place: int) -> int:
        first = max(0, place - _JOINED)
        while place > first and not self.graphemes[place - 1].isascii():
            place -= 1
        return place

    def _ascii_after(self, place: int) -> int:
        last = min(len(self.graphemes), place + _JOINED)
        while place < last and not self.graphemes[place].isascii():
            place += 1
        return place


def _marks(new: list[str]) -> str:
    """Return for each grapheme a character that is blank, of a word or a line's end as it is."""
    text = "".join(new)
    return text if len(text) == len(new) else "".join(map(_mark, new))


def _mark(grapheme: str) -> str:
    first = grapheme[0]
    # A blank with an accent is no blank, and no part of a word.
    return "!" if first.isspace() and not grapheme.isspace() else first


def _length(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found is not None else 0
