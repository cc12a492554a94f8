"""An editor on an emulated terminal, and rows as the simplest way of breaking them makes them."""

from __future__ import annotations

import re
from datetime import UTC
from itertools import takewhile
from typing import Final

import pyte

from hubbub.client.events import ChatMessage, Speech
from hubbub.client.graphemes import split, width
from hubbub.client.timeline.transcript import Line, Transcript
from hubbub.ui.drawing.inline import Drawing, Inline
from hubbub.ui.drawing.layout import Header, Size
from hubbub.ui.drawing.theme import Depth, paint_rows
from hubbub.ui.editing.editor import Editor, Submitted
from hubbub.ui.editing.key_decoder import Decoder

PROMPT: Final = "#c> "


HEADER: Final = Header(status=" #c | ann ")


class Terminal:
    """Join an editor to a terminal that is emulated by pyte."""

    def __init__(
        self,
        columns: int = 20,
        rows: int = 10,
        drawing: Drawing | None = None,
        prompt: str = PROMPT,
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=1000)
        self._stream = pyte.Stream(self.screen)
        self.drawing = drawing or Inline(Size(columns, rows), Depth.MANY, reflows=False)
        self.editor = Editor(lambda before: (before[-1:], ["bob: ", "bobby: "]))
        self.header = HEADER
        self.prompt = prompt
        self.raw = ""
        self._decoder = Decoder()
        self._put(self.drawing.begin())
        self.draw()

    def type(self, data: str | bytes) -> list[str]:
        """Send bytes as they come from a terminal; return what was entered."""
        entered = []
        for key in self._decoder.feed(data.encode() if isinstance(data, str) else data):
            outcome = self.editor.press(key)
            if isinstance(outcome, Submitted):
                entered.append(outcome.text)
                self._put(self.drawing.enter())
        self.draw()
        return entered

    def draw(self, *lines: Line) -> str:
        """Show messages and what changed; return what was sent for it."""
        self.drawing.show(self.editor, self.prompt, self.header)
        above = paint_rows(lines, self.drawing.size.columns, self.drawing.depth)
        return self._put(self.drawing.draw(above))

    def say(self, text: str) -> str:
        """Show a message."""
        said = ChatMessage("#c", "bob", text, Speech.MESSAGE, 60.0)
        return self.draw(*Transcript(UTC, times=False).draw(said))

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        self._put(self.drawing.resize(Size(columns, rows)))
        self.draw()

    def _put(self, text: str) -> str:
        self.raw += text
        self._stream.feed(text)
        return text

    @property
    def lines(self) -> list[str]:
        """Return the rows that are not empty, without blanks at their ends."""
        return [row.rstrip() for row in self.screen.display if row.strip()]

    @property
    def cursor(self) -> tuple[int, int]:
        return self.screen.cursor.y, self.screen.cursor.x


def rows_of(text: str, cursor: int, columns: int) -> tuple[list[str], int, int]:
    """Break a shown text into rows in the simplest way; return them and the cursor's place."""
    rows, place, begun = list[str](), (0, 0), 0
    for line in "".join(split(text)).split("\n"):
        rest = split(line)
        while True:
            taken = first_row(rest, columns)
            hidden = taken < len(rest) and rest[taken] == " "
            if begun <= cursor:
                place = len(rows), width("".join(rest[: min(taken, cursor - begun)]))
            rows.append("".join(rest[:taken]))
            begun += taken + hidden
            rest, more = rest[taken + hidden :], taken < len(rest)
            if not more:
                break
        begun += 1
    if place[1] == columns:
        place = place[0] + 1, 0
    return rows, *place


def first_row(rest: list[str], columns: int) -> int:
    """Return how many graphemes of a line fill its first row."""
    most = 0
    while most < len(rest) and width("".join(rest[:most])) + width(rest[most]) <= columns:
        if width("".join(rest[:most])) == columns:
            break
        most += 1
    if most == len(rest) or rest[most] == " ":
        return most
    blank = max((at for at in range(1, most) if rest[at] == " "), default=0)
    word = list(takewhile(lambda each: each != " " and width(each) < 2, rest[blank + 1 :]))
    wide = width(rest[most]) > 1 or width(rest[most - 1]) > 1
    fits = width("".join(word)) <= columns
    return blank + 1 if blank and fits and not wide else most


_OURS = re.compile(
    r"\x1b\[(?:[0-9]{1,4}[ABG]|[JK]|2J|H|\?7[hl]|\?2004[hl]|[0-9;]*m)|\r\n|\r|\x07|\x08 \x08"
)


def check_safe(raw: str) -> None:
    """Assert that nothing is left after our own sequences but safe text."""
    rest = _OURS.sub("", raw)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", rest)
