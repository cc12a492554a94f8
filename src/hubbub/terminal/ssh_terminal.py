"""The chat on the terminal of one SSH session: the prompt at the bottom, scrollback above."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from hubbub.client import commands
from hubbub.client.completion import complete
from hubbub.client.console import Console
from hubbub.client.events import Event, PresenceChanged, Said
from hubbub.client.transcript import Fragment, Line, Role, visible_lines
from hubbub.irc.text import visible
from hubbub.terminal import status
from hubbub.terminal.conversation import Connection, LinkState
from hubbub.terminal.editor import (
    Editor,
    Ended,
    Entered,
    Interrupted,
    Outcome,
    TooLong,
    Unbound,
)
from hubbub.terminal.history import History
from hubbub.terminal.inline import BELL, Drawing, Inline
from hubbub.terminal.inside import Inside
from hubbub.terminal.keys import Decoder
from hubbub.terminal.layout import Header, Size
from hubbub.terminal.look import Depth, depth_of
from hubbub.terminal.painting import Painter
from hubbub.terminal.profile import may_be_kept
from hubbub.terminal.teletype import Teletype

ESCAPE_SECONDS: Final = 0.05
"""How long an Escape waits for what may follow it."""
GOODBYE_SECONDS: Final = 2.0
"""How long the node has to tell the others that somebody leaves."""
LEFT: Final = "Left"
"""What others are told of somebody who pressed Ctrl-D."""
_DUMB: Final = ("", "dumb", "unknown")


class Output(Protocol):
    """What the chat is drawn on: an SSH session."""

    @property
    def is_blocked(self) -> bool:
        """Say whether too much waits."""

    def write(self, data: bytes, error: bool = False) -> bool:
        """Write to the terminal."""

    def pause_reading(self) -> None:
        """Take no more keys."""

    def resume_reading(self) -> None:
        """Take keys again."""

    def exit(self, code: int) -> None:
        """End with this code."""


@dataclass(slots=True)
class _Question:
    """Hold a question that stands in the place of the prompt, and who takes the answer.

    Who does not want to answer has answered "".
    """

    editor: Editor
    prompt: str
    answered: Callable[[str], None]


class _Typed(History):
    """Remember what was typed, but no secrets."""

    def add(self, entry: str) -> None:
        """Append an entry that may be kept."""
        super().add(entry if may_be_kept(entry) else "")


class SSHTerminal:
    """Show a session on a terminal, and say what is typed there."""

    joined: Inside

    def __init__(
        self,
        output: Output,
        console: Console,
        painter: Painter,
        term: str,
        size: Size,
        room: str,
    ) -> None:
        """Take the terminal over; `term` is its TERM, `room` where somebody goes who is nowhere."""
        self._room = room
        self._output = output
        self._console = console
        self._painter = painter
        self._term = term
        self._size = size
        self._decoder = Decoder()
        self._editor = Editor(lambda before: complete(console, before), _Typed())
        self._question: _Question | None = None
        self._lines: list[Line] = []
        self._timer: asyncio.TimerHandle | None = None
        self._lagging = False
        self._over = False
        # Counts what changes the prompt besides messages: keys, sizes, settings.
        self._typed = 0
        self._stale = True
        self._shown: object = None
        self._preferences = console.preferences
        self._drawing = self._new_drawing()
        self._write(self._drawing.begin())

    # What the conversation tells

    @property
    def is_blocked(self) -> bool:
        """Say whether too much waits for the terminal."""
        return self._output.is_blocked

    def show(self, events: list[Event]) -> None:
        """Show what happened; who came and went shows in the status line a moment later."""
        view = self._console.view
        now = time.monotonic()
        due = False
        for event in events:
            self._lines += view.receive(event, now)
            # What others say where one is changes nothing of the prompt.
            if type(event) is not Said or event.own or event.room != view.current:
                self._stale = True
                due = due or type(event) is not PresenceChanged
        if self._room and self._console.session.registered:
            self._go_somewhere()
        asked = self._question
        self._ask()
        if self._question is not asked:
            self._stale = due = True
        if due or self._lines:
            self._draw(BELL if view.take_bell() else "")

    def _go_somewhere(self) -> None:
        """Enter a room, unless the account is in some already, as the node has just told."""
        room, self._room = self._room, ""
        if not self._console.session.rooms:
            self._console.session.join(room)

    def tick(self) -> None:
        """Let time pass."""
        self._lines += self._console.view.tick(time.monotonic())
        if self._console.session.pending:
            # What waits for longer is shown.
            self._touch()
            self._draw()
        elif self._lines or self._stale:
            self._draw()

    def over(self, reason: str) -> None:
        """Leave the terminal as it was."""
        if self._timer is not None:
            self._timer.cancel()
        if self._over:
            return
        self._over = True
        # Of the reason the conversation has told.
        self._lines += self._console.view.flush()
        rows = self._painter.rows(self._lines, self._size.columns, self._drawing.depth)
        self._write(f"{self._drawing.end()}{rows}")
        self._output.exit(0 if self._console.quitting is not None else 1)

    # What the SSH session tells

    def received(self, data: bytes) -> None:
        """Take keys."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._touch()
        for key in self._decoder.feed(data):
            self._press(self._current.press(key))
        if self._decoder.pending:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(ESCAPE_SECONDS, self._flush_keys)
        self._draw()

    def input_ended(self) -> None:
        """Leave: no key will come any more."""
        self._quit(LEFT)

    def resized(self, columns: int, rows: int) -> None:
        """Take up the terminal's new size."""
        self._size = Size(columns, rows)
        self._touch()
        self._write(self._drawing.resize(self._size))
        self._draw()

    def writable(self) -> None:
        """Go on: show what could not be shown, and take keys and messages again."""
        if self._lagging:
            self._lagging = False
            self._output.resume_reading()
        self._draw()
        self.joined.unblock()

    def closed(self, error: str | None) -> None:
        """Leave without a word: the line is gone."""
        self._over = True
        self.joined.hang_up(error or "Connection lost")

    # Keys

    @property
    def _current(self) -> Editor:
        return self._editor if self._question is None else self._question.editor

    def _flush_keys(self) -> None:
        self._timer = None
        self._touch()
        for key in self._decoder.flush():
            self._press(self._current.press(key))
        self._draw()

    def _press(self, outcome: Outcome | None) -> None:
        match outcome:
            case Entered(text, pasted):
                self._write(self._drawing.enter())
                self._entered(text, pasted)
            case Interrupted():
                self._write(self._drawing.enter())
                if self._question is None:
                    self._tell("Ctrl-D or /quit leaves")
                else:
                    self._entered("", False)
            case Ended() if self._question is not None:
                self._entered("", False)
            case Ended():
                self._quit(LEFT)
            case TooLong():
                self._tell("there is no room for more", Role.ERROR)
            case Unbound("m-a"):
                if name := self._console.view.next_unread():
                    self._lines += self._console.view.switch(name)
            case Unbound("c-l"):
                self._write(self._drawing.clear())

    def _entered(self, text: str, pasted: bool) -> None:
        question, self._question = self._question, None
        if question is not None:
            question.answered(text)
        elif pasted and "\n" in text.strip():
            self._confirm(text)
        else:
            self._carry_out(text)

    def _confirm(self, text: str) -> None:
        """Ask whether a paste of several lines is to be said."""
        count = len(text.strip().split("\n"))
        whole = self._console.session.state.wire().multiline_lines
        way = "as one message" if whole else f"as {count} messages"

        def answered(answer: str) -> None:
            if answer.strip().lower() in ("y", "yes"):
                self._carry_out(text)

        prompt = f"Say these {count} lines {way}? [y/n] "
        self._question = _Question(Editor(), prompt, answered)

    def _ask(self) -> None:
        """Ask what the session wants to know, which is neither shown nor kept."""
        session = self._console.session
        asked = session.question
        if asked is None or self._question is not None:
            return

        def answered(answer: str) -> None:
            session.answer(answer.strip() if asked.shown else answer)
            self.joined.flush()
            self.show(session.take_events())

        self._question = _Question(Editor(masked=not asked.shown), visible(asked.prompt), answered)

    def _carry_out(self, text: str) -> None:
        console = self._console
        commands.run(console, text if text.startswith("/") else text.rstrip())
        if console.clearing:
            console.clearing = False
            self._write(self._drawing.clear())
        self._lines += console.lines
        console.lines = []
        if console.preferences != self._preferences:
            self._adopt_preferences()
        self._ask()
        self.joined.flush()
        if console.quitting is not None:
            self._quit(console.quitting)

    def _quit(self, reason: str) -> None:
        if self._console.quitting is None:
            self._console.quitting = reason
        self.joined.quit(reason)
        asyncio.get_running_loop().call_later(GOODBYE_SECONDS, self.joined.abort)

    # The screen

    def _new_drawing(self) -> Drawing:
        preferences = self._console.preferences
        if preferences.plain == "on" or self._term in _DUMB:
            return Teletype(self._size)
        depth = depth_of({"TERM": self._term})
        if preferences.colours == "off":
            depth = min(depth, Depth.NO_COLOURS)
        return Inline(self._size, depth)

    def _adopt_preferences(self) -> None:
        self._preferences = self._console.preferences
        self._write(self._drawing.end())
        self._drawing = self._new_drawing()
        self._write(self._drawing.begin())

    def _tell(self, text: str, role: Role = Role.NOTICE) -> None:
        self._lines += [(Fragment(line, role),) for line in visible_lines(text)]

    def _draw(self, bell: str = "") -> None:
        """Show what is new, all in one write; while the terminal takes nothing, it waits here."""
        if self._over:
            return
        if self._output.is_blocked:
            self._lag()
            return
        lines, self._lines = self._lines, []
        drawing = self._drawing
        above = self._painter.rows(lines, self._size.columns, drawing.depth) if lines else ""
        self._show_prompt()
        self._write(f"{drawing.draw(above)}{bell}")

    def _lag(self) -> None:
        """Take no keys while what they would show cannot be shown."""
        if not self._lagging:
            self._lagging = True
            self._output.pause_reading()

    def _show_prompt(self) -> None:
        """Lay the prompt out anew, where something of what it shows may have changed."""
        if not self._stale:
            return
        self._stale = False
        key = self._prompt_key()
        if key == self._shown:
            return
        self._shown = key
        if self._question is not None:
            self._drawing.show(self._question.editor, self._question.prompt, Header())
            return
        columns = self._size.columns
        pending = status.pending(self._console, time.time(), columns)
        line = status.status(self._console, _CONNECTED, 0.0, columns)
        header = Header(tuple(pending), line)
        self._drawing.show(self._editor, status.prompt(self._console), header)

    def _touch(self) -> None:
        """Take note that the prompt is to be laid out anew."""
        self._typed += 1
        self._stale = True

    def _prompt_key(self) -> object:
        console = self._console
        view, session = console.view, console.session
        room = session.state.rooms.get(view.current)
        return (
            self._typed,
            self._question,
            view.current,
            len(room.members) if room else 0,
            view.unread,
            session.nick,
            session.registered,
            session.pending,
        )

    def _write(self, text: str) -> None:
        if text and not self._output.write(text.encode(errors="replace")):
            self._lag()


_CONNECTED: Final = LinkState(Connection.CONNECTED)
