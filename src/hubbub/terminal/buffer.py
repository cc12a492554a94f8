"""The text being typed and the place in it, in graphemes."""

from __future__ import annotations

from typing import Final

from hubbub.client import graphemes

LONGEST: Final = 8 * 1024
"""The most characters (code points) of the text; what would be more is not taken."""
_JOINED: Final = 16
"""How many graphemes on either side of a change are looked at anew."""


class Buffer:
    """Hold a text as graphemes, and the cursor as a place between two of them."""

    def __init__(self) -> None:
        """Begin empty."""
        self.graphemes: list[str] = []
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
            self.graphemes[start:end] = text
            self.cursor = start + len(text)
            return
        left, right = max(0, left - 1), right + 1
        head = "".join(self.graphemes[left:start]) + text
        tail = "".join(self.graphemes[end:right])
        self.graphemes[left:right] = graphemes.split(head + tail)
        place, length = left, len(head)
        while length > 0:
            length -= len(self.graphemes[place])
            place += 1
        self.cursor = place

    def word_left(self) -> int:
        """Return where the word before the cursor begins."""
        place = self.cursor
        while place > 0 and not _in_word(self.graphemes[place - 1]):
            place -= 1
        while place > 0 and _in_word(self.graphemes[place - 1]):
            place -= 1
        return place

    def word_right(self) -> int:
        """Return where the word after the cursor ends."""
        place, last = self.cursor, len(self.graphemes)
        while place < last and not _in_word(self.graphemes[place]):
            place += 1
        while place < last and _in_word(self.graphemes[place]):
            place += 1
        return place

    def blank_left(self) -> int:
        """Return where what stands before the cursor begins, up to a blank, as Ctrl-W takes it."""
        place = self.cursor
        while place > 0 and self.graphemes[place - 1].isspace():
            place -= 1
        while place > 0 and not self.graphemes[place - 1].isspace():
            place -= 1
        return place

    def line_start(self, place: int | None = None) -> int:
        """Return where the line of a place begins, by default the cursor's."""
        place = self.cursor if place is None else place
        while place > 0 and self.graphemes[place - 1] != "\n":
            place -= 1
        return place

    def line_end(self, place: int | None = None) -> int:
        """Return where the line of a place ends, by default the cursor's."""
        place, last = self.cursor if place is None else place, len(self.graphemes)
        while place < last and self.graphemes[place] != "\n":
            place += 1
        return place

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


def _in_word(grapheme: str) -> bool:
    return grapheme[0].isalnum() or grapheme[0] == "_"
