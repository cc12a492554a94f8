"""The chat on a terminal, here or at the other end of ssh: a prompt below, scrollback above."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from hubbub.client import commands
from hubbub.client.completion import complete
from hubbub.client.console import Console
from hubbub.client.events import Event, PresenceChanged, Said
from hubbub.client.transcript import Fragment, Line, Role, rule, visible_lines
from hubbub.terminal import asking, status
from hubbub.terminal.asking import Question
from hubbub.terminal.conversation import Connection, LinkState
from hubbub.terminal.editor import (
    Editor,
    Ended,
    Entered,
    Interrupted,
    Outcome,
    TooLong,
    Unbound,
    Unended,
)
from hubbub.terminal.ends import Conversing, Output
from hubbub.terminal.history import History
from hubbub.terminal.inline import BELL, Drawing, Inline
from hubbub.terminal.keyboard import Keyboard
from hubbub.terminal.keys import Key
from hubbub.terminal.layout import Header, Size
from hubbub.terminal.look import Depth, depth_of, moves_cursor
from hubbub.terminal.painting import Painter
from hubbub.terminal.teletype import OPENING, Teletype

GOODBYE_SECONDS: Final = 2.0
"""How long the node has to tell the others that somebody leaves."""
LEFT: Final = "Left"
"""What others are told of somebody who pressed Ctrl-D."""
WAITING: Final = 2000
"""Lines that wait for a terminal that takes none; of more, the newest are shown."""


class ChatScreen:
    """Show a session on a terminal, and say what is typed there."""

    joined: Conversing

    def __init__(
        self,
        output: Output,
        console: Console,
        painter: Painter,
        environment: Mapping[str, str],
        size: Size,
        history: History,
    ) -> None:
        """Draw on `output`, whose TERM and colours `environment` tells, from `begin` on."""
        self._room = ""
        self._link = LinkState(Connection.CONNECTED)
        self._retry_at = 0.0
        self._output = output
        self._console = console
        self._painter = painter
        self._environment = environment
        self._size = size
        self._keyboard = Keyboard(self._take_keys)
        self._editor = Editor(lambda before: complete(console, before), history)
        self._question: Question | None = None
        self._lines: list[Line] = []
        self._left_out = 0
        self._lagging = False
        self._over = False
        # Counts what changes the prompt besides messages: keys, sizes, settings.
        self._typed = 0
        self._stale = True
        self._shown: object = None
        self._preferences = console.preferences
        self._drawing = self._new_drawing()

    def begin(self, room: str = "") -> None:
        """Take the terminal over; who turns out to be in no room goes to `room`."""
        self._room = room
        self._take_told()
        self._begin_drawing()
        self._ask()
        self._draw()

    # What the conversation tells

    @property
    def is_blocked(self) -> bool:
        """Say whether too much waits for the terminal."""
        return self._output.is_blocked

    def show(self, events: list[Event]) -> None:
        """Show what happened; who came and went shows in the status line a moment later.

        So does what the session took up without a word, such as who is in a channel.
        """
        view = self._console.view
        now = time.monotonic()
        due = False
        self._stale = self._stale or not events
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

    def connected(self, link: LinkState) -> None:
        """Show how the connection is."""
        self._link = link
        self._retry_at = time.monotonic() + link.seconds
        self._touch()
        self._draw()

    def tell(self, text: str, role: Role = Role.NOTICE) -> None:
        """Show a text to the person."""
        self._tell(text, role)
        self._draw()

    def _go_somewhere(self) -> None:
        """Enter a room, unless the account is in some already, as the node has just told."""
        room, self._room = self._room, ""
        if not self._console.session.rooms:
            self._console.session.join(room)

    def tick(self) -> None:
        """Let time pass."""
        self._lines += self._console.view.tick(time.monotonic())
        if self._console.session.pending or self._link.connection is Connection.WAITING:
            # What waits for longer is shown, and how long it still takes.
            self._touch()
            self._draw()
        elif self._lines or self._stale:
            self._draw()

    def over(self, reason: str) -> None:
        """Leave the terminal as it was."""
        self._keyboard.close()
        if self._over:
            return
        self._over = True
        # Of the reason the conversation has told.
        self._lines += self._console.view.flush()
        if pending := self._console.session.pending:
            text = f"{pending} of your messages were not confirmed"
            self._lines.append((Fragment(text, Role.ERROR),))
        self._write(f"{self._drawing.end()}{self._take_rows()}")
        self._output.exit(0 if self._console.quitting is not None else 1)

    # What the terminal tells

    def received(self, data: bytes) -> None:
        """Take keys."""
        self._keyboard.feed(data)

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
        self._keyboard.close()
        self._over = True
        self.joined.hang_up(error or "Connection lost")

    def suspending(self) -> None:
        """Leave the terminal to others, for a while."""
        self._write(self._drawing.end())

    def resumed(self, columns: int, rows: int) -> None:
        """Take the terminal over again, whatever stands there now."""
        self._size = Size(columns, rows)
        self._drawing.end()
        self._drawing.resize(self._size)
        self._begin_drawing()
        self._draw()

    # Keys

    @property
    def _current(self) -> Editor:
        return self._editor if self._question is None else self._question.editor

    def _take_keys(self, keys: list[Key]) -> None:
        if self._over or self._console.quitting is not None:
            return
        self._touch()
        for key in keys:
            self._press(self._current.press(key))
        self._draw()

    def _press(self, outcome: Outcome | None) -> None:
        match outcome:
            case Entered():
                self._write(self._drawing.enter())
                self._entered(outcome)
            case Interrupted():
                self._write(self._drawing.enter())
                if self._question is None:
                    self._tell("Ctrl-D or /quit leaves")
                else:
                    self._entered(Entered(""))
            case Ended() if self._question is not None:
                self._entered(Entered(""))
            case Ended():
                self._quit(LEFT)
            case TooLong():
                self._tell("there is no room for more", Role.ERROR)
            case Unended():
                self._tell("a paste did not end; what came of it is in the prompt", Role.ERROR)
            case Unbound("m-a"):
                if name := self._console.view.next_unread():
                    self._lines += self._console.view.switch(name)
            case Unbound("c-l"):
                self._write(self._drawing.clear())
            case Unbound("c-z"):
                self._tell(self.joined.suspend())

    def _entered(self, entered: Entered) -> None:
        question, self._question = self._question, None
        if question is not None:
            question.answered(entered.text)
        elif why := _homeless(self._console, entered.text):
            self._editor.put_back(entered)
            self._tell(why, Role.ERROR)
        elif entered.pasted:
            refused = self._editor.put_back
            self._question = asking.whether_to_say(self._console, entered, self._carry_out, refused)
        else:
            self._carry_out(entered.text)

    def _ask(self) -> None:
        """Ask what the session wants to know."""
        session = self._console.session
        if session.question is not None and self._question is None:
            self._question = asking.what_is_wanted(session.question, self._answer)

    def _answer(self, answer: str) -> None:
        session = self._console.session
        session.answer(answer, time.time())
        self.joined.flush()
        self.show(session.take_events())

    def _carry_out(self, text: str) -> None:
        console = self._console
        commands.run(console, text if text.startswith("/") else text.rstrip())
        if console.clearing:
            console.clearing = False
            self._write(self._drawing.clear())
        self._take_told()
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
        if preferences.plain == "on" or not moves_cursor(self._environment):
            self._tell(OPENING)
            return Teletype(self._size)
        depth = depth_of(self._environment)
        if preferences.colours == "off":
            depth = min(depth, Depth.NO_COLOURS)
        return Inline(self._size, depth)

    def _begin_drawing(self) -> None:
        self._shown = None
        self._touch()
        self._write(self._drawing.begin())

    def _adopt_preferences(self) -> None:
        before, self._preferences = self._preferences, self._console.preferences
        if (before.plain, before.colours) == (self._preferences.plain, self._preferences.colours):
            return
        self._write(self._drawing.end())
        self._drawing = self._new_drawing()
        self._begin_drawing()

    def _take_told(self) -> None:
        lines, self._console.lines = self._console.lines, []
        self._lines += lines

    def _tell(self, text: str, role: Role = Role.NOTICE) -> None:
        if text:
            self._lines += [(Fragment(line, role),) for line in visible_lines(text)]

    def _draw(self, bell: str = "") -> None:
        """Show what is new, all in one write; while the terminal takes nothing, it waits here."""
        if self._over:
            return
        if self._output.is_blocked:
            self._lag()
            return
        above = self._take_rows() if self._lines else ""
        self._show_prompt()
        self._write(f"{self._drawing.draw(above)}{bell}")

    def _take_rows(self) -> str:
        """Return what waits to be shown above the prompt, painted."""
        lines, self._lines = self._lines, []
        if self._left_out:
            lines.insert(0, rule(f"{self._left_out} lines were left out: this terminal took none"))
            self._left_out = 0
        return self._painter.rows(lines, self._size.columns, self._drawing.depth)

    def _lag(self) -> None:
        """Take no keys while what they would show cannot be shown, and keep so many lines."""
        if not self._lagging:
            self._lagging = True
            self._output.pause_reading()
        if (more := len(self._lines) - WAITING) > 0:
            del self._lines[:more]
            self._left_out += more

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
        seconds = self._retry_at - time.monotonic()
        line = status.status(self._console, self._link, seconds, columns)
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
            session.state.away,
            session.pending,
        )

    def _write(self, text: str) -> None:
        if text and not self._output.write(text.encode(errors="replace")):
            self._lag()


def _homeless(console: Console, text: str) -> str:
    """Return why a text cannot be said yet, "" where it can or is a command."""
    is_command = text.startswith("/") and not text.startswith("//")
    if is_command or not text.strip() or console.view.current:
        return ""
    session = console.session
    if session.registered and not any(room.wanted for room in session.rooms):
        return "you are in no channel; go to one with /join #channel"
    return "you are in no channel yet; this stays here until you are: press Enter then"
