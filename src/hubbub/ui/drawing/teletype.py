"""A terminal that cannot move its cursor, or whose person hears it: lines, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hubbub.ui.drawing.layout import Header, Row, Size, label_cells, text_cells
from hubbub.ui.drawing.theme import Depth, printable
from hubbub.ui.editing.editor import Editor

OPENING: Final = (
    "simple mode, for this terminal cannot move its cursor, or /set plain is on: type a line and "
    "press Enter; /help lists the commands, /quit or Ctrl-D leaves"
)
"""What a person is told first."""
_LISTED: Final = 20
"""The most words of Tab that are listed."""


class Teletype:
    """Draw with characters, backspaces and ends of lines alone.

    What is typed at the end is echoed, and taken back by backspaces; after any other change the
    line is written again below. So it is after messages, where something was typed.
    """

    def __init__(self, size: Size) -> None:
        """Begin at the start of a row."""
        self.size = size
        self.depth = Depth.PLAIN
        self._wanted: Row = []
        self._written: Row = []
        self._offered: tuple[str, ...] = ()
        self._listed = False

    def begin(self) -> str:
        """Return nothing: it has no modes that would be needed."""
        return ""

    def show(self, editor: Editor, prompt: str, header: Header) -> None:
        """Take up the text, after the prompt where it is a question.

        A prompt below a status line says what is known; it would be read out again and again.
        """
        known = header.status and editor.search is None
        self._wanted = ([] if known else label_cells(editor, prompt)) + text_cells(editor)
        offered = editor.offer.words if editor.offer else ()
        self._listed = self._listed and offered == self._offered
        self._offered = offered

    def draw(self, above: str = "") -> str:
        """Write painted rows, and the text where it is another."""
        if self._offered and not self._listed:
            self._listed = True
            words = " ".join(word.strip() for word in self._offered[:_LISTED])
            above = f"{above}{printable(words)}\r\n"
        old, new = self._written, self._wanted
        self._written = new
        if above:
            return f"{self._line_end(old)}{above}{_text(new)}"
        if new[: len(old)] == old:
            return _text(new[len(old) :])
        removed = old[len(new) :]
        if old[: len(new)] == new and all(cell[0] != "\n" for cell in removed):
            return "\b \b" * sum(cell[1] for cell in removed)
        return f"{self._line_end(old)}{_text(new)}"

    def enter(self) -> str:
        """End the line."""
        self._written = []
        return "\r\n"

    def resize(self, size: Size) -> str:
        """Do nothing: the terminal breaks lines itself."""
        self.size = size
        return ""

    def clear(self) -> str:
        """Begin a new line: nothing can be taken away."""
        return self.end()

    def renew(self, painted: Sequence[str]) -> str:
        """Do nothing: what was written stays."""
        return ""

    def end(self) -> str:
        """End the line, where something stands on it."""
        text = self._line_end(self._written)
        self._written = []
        return text

    @staticmethod
    def _line_end(written: Row) -> str:
        return "\r\n" if written else ""


def _text(cells: Row) -> str:
    return "".join("\r\n" if cell[0] == "\n" else printable(cell[0]) for cell in cells)
