"""The client on a terminal that cannot or shall not move its cursor: a line typed, a line shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from hubbub.client import commands
from hubbub.client.commands import Console
from hubbub.client.events import Event
from hubbub.client.preferences import Preferences
from hubbub.client.transcript import Line, text_of
from hubbub.terminal.pipe import Pipe

OPENING = (
    "simple mode, for this terminal cannot move its cursor, or /set plain is on: type a line and "
    "press Enter; /help lists the commands, /quit or Ctrl-D leaves"
)
"""What a person is told first."""


class Plain(Pipe):
    """Join a person who types line by line to a session."""

    def __init__(
        self, console: Console, target: str, out: TextIO, keep: Callable[[Preferences], None]
    ) -> None:
        """Go to `target` first; everything is shown on `out`, changed settings go to `keep`."""
        super().__init__(console, target, with_commands=True, out=out)
        self._keep = keep
        self._kept = console.preferences
        self._print(OPENING)

    def events(self, events: list[Event]) -> None:
        """Show everything that happens in the room one is in, and what matters elsewhere."""
        view = self._console.view
        for event in events:
            self._show(view.receive(event, 0.0))
        # Nothing would show later what is gathered now.
        self._show(view.flush())
        self._changed.set()

    async def _line(self, line: str) -> None:
        """Say a line where one is, or carry it out."""
        commands.run(self._console, line)
        if self._console.oper:
            self._console.oper = ""
            self._console.complain("a password cannot be asked for in the simple mode")
        if self._console.preferences != self._kept:
            self._kept = self._console.preferences
            try:
                self._keep(self._kept)
            except OSError as error:
                self._console.complain(f"settings cannot be kept: {error.strerror}")
        lines, self._console.lines = self._console.lines, []
        self._show(lines)
        if self._console.quitting is not None:
            self._end(self.code)

    def _show(self, lines: list[Line]) -> None:
        for line in lines:
            self._print(text_of(line))
