"""The client on a terminal that cannot or shall not move its cursor: a line typed, a line shown."""

from __future__ import annotations

import sys
import termios
from collections.abc import Callable
from typing import TextIO

from hubbub.client import commands
from hubbub.client.console import Console
from hubbub.client.events import Event
from hubbub.client.preferences import Preferences
from hubbub.client.state import Question
from hubbub.client.transcript import Line, text_of
from hubbub.irc.text import visible
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
        self._asked: Question | None = None
        self._print(OPENING)
        self._ask()

    def events(self, events: list[Event]) -> None:
        """Show everything that happens in the room one is in, and what matters elsewhere."""
        view = self._console.view
        for event in events:
            self._show(view.receive(event, 0.0))
        # Nothing would show later what is gathered now.
        self._show(view.flush())
        self._ask()
        self._changed.set()

    async def _line(self, line: str) -> None:
        """Say a line where one is, carry it out, or take it as an answer."""
        if self._session.question is not None:
            _set_echo(True)
            self._session.answer(line)
        else:
            commands.run(self._console, line)
        if self._console.preferences != self._kept:
            self._kept = self._console.preferences
            try:
                self._keep(self._kept)
            except OSError as error:
                self._console.complain(f"settings cannot be kept: {error.strerror}")
        lines, self._console.lines = self._console.lines, []
        self._show(lines)
        self._ask()
        if self._console.quitting is not None:
            self._end(self.code)

    def put_away(self) -> None:
        """Leave the terminal as it was found."""
        _set_echo(True)

    def _ask(self) -> None:
        """Ask what the next line is the answer to, without showing it."""
        question = self._session.question
        if question is not None and question is not self._asked:
            self._asked = question
            _set_echo(question.shown)
            self._print(visible(question.prompt))

    def _show(self, lines: list[Line]) -> None:
        for line in lines:
            self._print(text_of(line))


def _set_echo(on: bool) -> None:
    """Have the terminal show what is typed, or not."""
    if sys.stdin.isatty():
        modes = termios.tcgetattr(sys.stdin)
        modes[3] = modes[3] | termios.ECHO if on else modes[3] & ~termios.ECHO
        termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)
