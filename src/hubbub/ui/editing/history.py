"""What was typed: gone back through, searched, and kept within a bound."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from hubbub.ui.editing.secrets import may_be_kept

ENTRIES: Final = 500
"""The most entries; the oldest leave first."""
CHARACTERS: Final = 32 * 1024
"""The most characters of all entries together; the oldest leave first."""


class InputHistory:
    """Hold what was typed, the oldest first, and where in it the person is.

    An entry that was changed without being sent stays changed until something is sent; so does the
    draft below the newest.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        """Begin below the newest of these entries."""
        self._entries: deque[str] = deque()
        self._size = 0
        self._changed: dict[int, str] = {}
        self._place = 0
        for entry in entries:
            self.add(entry)

    def add(self, entry: str) -> None:
        """Append an entry, unless it is empty, too large or the newest again; go below it."""
        repeated = bool(self._entries) and self._entries[-1] == entry
        if entry.strip() and not repeated and len(entry) <= CHARACTERS:
            self._entries.append(entry)
            self._size += len(entry)
        while len(self._entries) > ENTRIES or self._size > CHARACTERS:
            self._size -= len(self._entries.popleft())
        self._changed.clear()
        self._place = len(self._entries)

    def move(self, step: int, current: str) -> str | None:
        """Go one entry up (-1) or down (1) from a text; return what is there, None at the end."""
        place = self._place + step
        if not 0 <= place <= len(self._entries):
            return None
        if self._at(self._place) != current:
            self._changed[self._place] = current
        self._place = place
        return self._at(place)

    def search(self, words: str, below: int) -> int | None:
        """Return the place of the newest entry before `below` that holds a text, or None."""
        for place in range(min(below, len(self._entries)) - 1, -1, -1):
            if words in self._entries[place]:
                return place
        return None

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: int) -> str:
        return self._entries[place]

    def _at(self, place: int) -> str:
        if place in self._changed:
            return self._changed[place]
        return self._entries[place] if place < len(self._entries) else ""


class Typed(InputHistory):
    """Remember what was typed, but no secrets."""

    def add(self, entry: str) -> None:
        """Append an entry that may be kept."""
        super().add(entry if may_be_kept(entry) else "")
