"""The chat on a terminal, here or at the other end of ssh: a prompt below, scrollback above."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from hubbub.client.commands import table
from hubbub.client.commands.completion import complete
from hubbub.client.commands.context import Console
from hubbub.client.events import ChatMessage, Event, PresenceChanged
from hubbub.client.link_state import LinkState
from hubbub.client.timeline.transcript import Role
from hubbub.transport.turns import Share, Turns
from hubbub.ui import asking
from hubbub.ui.drawing.above_prompt import Above
from hubbub.ui.drawing.inline import BELL, Drawing, Inline
from hubbub.ui.drawing.layout import Size
from hubbub.ui.drawing.row_cache import Painter
from hubbub.ui.drawing.teletype import OPENING, Teletype
from hubbub.ui.drawing.theme import Depth, depth_of, moves_cursor
from hubbub.ui.editing.editor import (
    BufferFull,
    Editor,
    Ended,
    Interrupted,
    Outcome,
    Submitted,
    Unbound,
    Unended,
)
from hubbub.ui.editing.history import InputHistory
from hubbub.ui.editing.key_decoder import Key
from hubbub.ui.ends import Conversing, Output
from hubbub.ui.frame_scheduler import FrameScheduler
from hubbub.ui.keyboard import Keyboard
from hubbub.ui.prompt import Prompt

SETTLED_SECONDS: Final = 0.25
"""How long a terminal keeps its size, before what stands on a narrower one is shown anew."""
GOODBYE_SECONDS: Final = 2.0
"""How long the node has to tell the others that somebody leaves."""
GREETING: Final = "/help lists the commands, Tab completes them, Ctrl-D leaves"
"""What a person is told first."""
LEFT: Final = "Left"
"""What others are told of somebody who pressed Ctrl-D."""


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
        history: InputHistory,
        turns: Turns,
        share: Share,
    ) -> None:
        """Draw on `output`, whose TERM and colours `environment` tells, from `begin` on.

        What is typed is worked off in `turns`, as far as the person's `share` goes.
        """
        self._room = ""
        self._output = output
        self._console = console
        self._environment = environment
        self._size = size
        self._new_size: Size | None = None
        self._keyboard = Keyboard(self, turns, share)
        self._frames = FrameScheduler(self._frame, self.failed, turns, share)
        self._hints: dict[str, Role] = {}
        self._editor = Editor(lambda before: complete(console, before), history)
        self._prompt = Prompt(console, self._editor)
        self._above = Above(painter, size.columns)
        self._renewing: asyncio.TimerHandle | None = None
        self._renewal_due = False
        self._lagging = self._reading_paused = False
        self._over = False
        self._preferences = console.preferences
        self._drawing = self._new_drawing()

    def begin(self, room: str = "") -> None:
        """Take the terminal over; who turns out to be in no room goes to `room`."""
        self._room = room
        if isinstance(self._drawing, Inline):
            self._above.tell(GREETING)
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
        due = self._receive(events)
        if self._room and self._console.session.registered:
            self._go_somewhere()
        asked = self._prompt.question
        self._ask()
        if self._prompt.question is not asked:
            self._prompt.is_stale = due = True
        if due or self._above:
            self._draw(BELL if self._console.view.take_bell() else "")

    def _receive(self, events: list[Event]) -> bool:
        """Take up what happened, and say whether the prompt is to be drawn at once."""
        view, now = self._console.view, time.monotonic()
        due = False
        if not events:
            self._prompt.is_stale = True
        for event in events:
            self._above.add(view.receive(event, now))
            # What others say where one is changes nothing of the prompt.
            if type(event) is not ChatMessage or event.own or event.room != view.current:
                self._prompt.is_stale = True
                due = due or type(event) is not PresenceChanged
        return due

    def connected(self, link: LinkState) -> None:
        """Show how the connection is."""
        self._prompt.connected(link)
        self._draw()

    def tell(self, text: str, role: Role = Role.NOTICE) -> None:
        """Show a text to the person."""
        self._above.tell(text, role)
        self._draw()

    def _go_somewhere(self) -> None:
        """Enter a room, unless the account is in some already, as the node has just told."""
        room, self._room = self._room, ""
        if not self._console.session.rooms:
            self._console.session.join(room)

    def tick(self) -> None:
        """Show how long until the next attempt, and what else changes without anybody's doing."""
        self._above.add(self._console.view.tick(time.monotonic()))
        if self._console.session.pending or self._prompt.is_waiting:
            # What waits for longer is shown, and how long it still takes.
            self._prompt.touch()
            self._draw()
        elif self._above or self._prompt.is_stale:
            self._draw()

    def over(self, reason: str) -> None:
        """Leave the terminal as it was."""
        self._stop_timers()
        if self._over:
            return
        self._over = True
        # Of the reason the conversation has told.
        self._above.add(self._console.view.flush())
        if pending := self._console.session.pending:
            self._above.tell(f"{pending} of your messages were not confirmed", Role.ERROR)
        self._write(f"{self._drawing.end()}{self._rows()}")
        self._output.exit(0 if self._console.quitting is not None else 1)

    # What the terminal tells

    def received(self, data: bytes) -> None:
        """Take keys."""
        self._keyboard.feed(data)

    def input_ended(self) -> None:
        """Leave, once the last key has been taken."""
        self._keyboard.end()

    def resized(self, columns: int, rows: int) -> None:
        """Take up the terminal's new size with the next frame; of several the last."""
        self._new_size = Size(columns, rows)
        self._frames.soon()

    def writable(self) -> None:
        """Go on: show what could not be shown, and take keys and messages again."""
        if self._lagging:
            self._lagging = False
            self.crowded()
        self._draw()
        self.joined.unblock()

    def closed(self, error: str | None) -> None:
        """Leave without a word: the line is gone."""
        self._stop_timers()
        self._over = True
        self.joined.hang_up(error or "Connection lost")

    def _stop_timers(self) -> None:
        self._keyboard.close()
        self._frames.close()
        if self._renewing is not None:
            self._renewing.cancel()

    def suspending(self) -> None:
        """Leave the terminal to others, for a while."""
        self._write(self._drawing.end())

    def resumed(self, columns: int, rows: int) -> None:
        """Take the terminal over again, whatever stands there now."""
        self._size, self._new_size = Size(columns, rows), None
        self._drawing.end()
        self._drawing.resize(self._size)
        self._begin_drawing()
        self._draw()

    # Keys

    def press(self, key: Key) -> None:
        """Do at once what a key does; it is drawn when the frame is over."""
        if self._over or self._console.quitting is not None:
            return
        self._prompt.touch()
        self._do(self._prompt.editor.press(key))
        if self._above:
            # Lest more of it be there at the frame's end than can be shown at once.
            self._draw()
        else:
            self._frames.soon()

    def crowded(self) -> None:
        """Read keys, unless too many wait already, or what they would show cannot be shown."""
        paused = self._lagging or self._keyboard.is_crowded
        if paused != self._reading_paused and not self._over:
            self._reading_paused = paused
            if paused:
                self._output.pause_reading()
            else:
                self._output.resume_reading()

    def ended(self) -> None:
        """Leave: no key will come any more."""
        self._quit(LEFT)

    def failed(self, error: Exception) -> None:
        """End this session, and no other, for a fault of ours."""
        context = {"message": "a screen failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
        self.joined.abort()

    def _do(self, outcome: Outcome | None) -> None:
        match outcome:
            case Submitted():
                self._write(self._drawing.enter())
                self._entered(outcome)
            case Interrupted():
                self._write(self._drawing.enter())
                if self._prompt.question is None:
                    self._hint("Ctrl-D or /quit leaves")
                else:
                    # Ctrl-C, as Ctrl-D below, answers a question with nothing: whoever asked has to
                    # go on.
                    self._entered(Submitted(""))
            case Ended() if self._prompt.question is not None:
                self._entered(Submitted(""))
            case Ended():
                self._quit(LEFT)
            case BufferFull():
                self._hint("there is no room for more", Role.ERROR)
            case Unended():
                self._hint("a paste did not end; what came of it is in the prompt", Role.ERROR)
            case Unbound("m-a"):
                if name := self._console.view.next_unread():
                    self._above.add(self._console.view.switch(name))
            case Unbound("c-l"):
                self._clear()
            case Unbound("c-z"):
                self._hint(self.joined.suspend())

    def _hint(self, text: str, role: Role = Role.NOTICE) -> None:
        """Tell a text about keys with the next frame: once, however many of them there were."""
        self._hints[text] = role

    def _entered(self, entered: Submitted) -> None:
        question, self._prompt.question = self._prompt.question, None
        if question is not None:
            question.answered(entered.text)
        elif why := asking.why_not_yet(self._console, entered.text):
            self._editor.put_back(entered)
            self._above.tell(why, Role.ERROR)
        elif entered.pasted:
            refused = self._editor.put_back
            self._prompt.question = asking.whether_to_say(
                self._console, entered, self._carry_out, refused
            )
        else:
            self._carry_out(entered.text)

    def _ask(self) -> None:
        """Ask what the session wants to know."""
        session = self._console.session
        if session.question is not None and self._prompt.question is None:
            self._prompt.question = asking.what_is_wanted(session.question, self._answer)

    def _answer(self, answer: str) -> None:
        session = self._console.session
        session.answer(answer, time.time())
        self.joined.flush()
        self.show(session.take_events())

    def _carry_out(self, text: str) -> None:
        console = self._console
        table.run(console, text if text.startswith("/") else text.rstrip())
        if console.clearing:
            console.clearing = False
            self._clear()
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
            self._above.tell(OPENING)
            return Teletype(self._size)
        depth = depth_of(self._environment)
        if preferences.colours == "off":
            depth = min(depth, Depth.NO_COLOURS)
        return Inline(self._size, depth)

    def _begin_drawing(self) -> None:
        self._prompt.forget()
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
        self._above.add(lines)

    def _draw(self, bell: str = "") -> None:
        """Show what is new, all in one write; while the terminal takes nothing, it waits here."""
        if self._over:
            return
        if self._output.is_blocked:
            self._lag()
            return
        for text, role in self._hints.items():
            self._above.tell(text, role)
        self._hints.clear()
        if self._new_size is not None:
            self._take_size(self._new_size)
        self._frames.drawn()
        above = self._rows() if self._above else ""
        self._prompt.show(self._drawing, self._size.columns)
        self._write(f"{self._drawing.draw(above)}{bell}")

    def _take_size(self, size: Size) -> None:
        self._size, self._new_size = size, None
        self._prompt.touch()
        self._write(self._drawing.resize(size))
        if self._renewing is not None:
            self._renewing.cancel()
        loop = asyncio.get_running_loop()
        self._renewing = loop.call_later(SETTLED_SECONDS, self._settled)

    def _settled(self) -> None:
        self._renewing = None
        self._renewal_due = True
        self._frames.soon()

    def _frame(self) -> None:
        self._draw()
        if self._renewal_due:
            self._renewal_due = False
            self._renew()

    def _rows(self) -> str:
        return self._above.take(self._size, self._drawing.depth)

    def _renew(self) -> None:
        """Break what stands on a terminal that is narrower now between words again."""
        if self._over or self._output.is_blocked:
            return
        if painted := self._above.narrowed(self._size, self._drawing.depth):
            self._write(self._drawing.renew(painted))

    def _clear(self) -> None:
        self._above.clear()
        self._write(self._drawing.clear())

    def _lag(self) -> None:
        """Take no keys while what they would show cannot be shown, and keep so many lines."""
        if not self._lagging:
            self._lagging = True
            self.crowded()
        self._above.hold()

    def _write(self, text: str) -> None:
        if text and not self._output.write(text.encode(errors="replace")):
            self._lag()
