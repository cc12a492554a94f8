"""A person at a chat screen whose turns are counted, not timed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC

import pyte

from hubbub.client.commands.context import Console
from hubbub.client.preferences import Preferences
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.irc.message import parse_text
from hubbub.transport.turns import SLICE_SECONDS, Share, Turns
from hubbub.ui.chat_screen import ChatScreen
from hubbub.ui.drawing.layout import Size
from hubbub.ui.drawing.row_cache import Painter
from hubbub.ui.editing.history import InputHistory


class Terminal:
    """Take what is drawn, and count it; show it as a terminal would."""

    def __init__(self) -> None:
        self.is_blocked = False
        self.drawn: list[bytes] = []
        self.reading = True
        self.code: int | None = None
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def lines(self) -> list[str]:
        """Return the rows that are not empty, without blanks at their ends."""
        return [row.rstrip() for row in self._screen.display if row.strip()]

    def write(self, data: bytes, error: bool = False) -> bool:
        self.drawn.append(data)
        self._stream.feed(data)
        return not self.is_blocked

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def exit(self, code: int) -> None:
        self.code = code


class Conversation:
    """Be the way to a server, which says what the test says."""

    def __init__(self) -> None:
        self.ends: list[str] = []
        self.flushed = self.unblocked = 0

    def flush(self) -> None:
        self.flushed += 1

    def quit(self, reason: str) -> None:
        self.ends.append(reason)

    def abort(self) -> None:
        self.ends.append("")

    def unblock(self) -> None:
        self.unblocked += 1

    def hang_up(self, reason: str | None) -> None:
        self.ends.append(reason or "")

    def suspend(self) -> str:
        return "~^Z suspends ssh"


class Person:
    """Sit at a screen, whose turns are counted by a clock that each look moves on."""

    def __init__(self, looks: int = 20, room: str = "") -> None:
        self._now = 0.0
        self._look = SLICE_SECONDS / looks
        self.session = ClientSession(Wishes("ann", history=0), secrets.token_urlsafe, {})
        view = View(Transcript(UTC, False), self.session.state.features.fold, Preferences(), 10)
        self.console = Console(self.session, view, Preferences())
        self.terminal = Terminal()
        self.conversation = Conversation()
        self.screen = ChatScreen(
            self.terminal,
            self.console,
            Painter(),
            {"TERM": "xterm"},
            Size(80, 24),
            InputHistory(),
            Turns(clock=self._clock),
            Share(),
        )
        self.screen.joined = self.conversation
        self.screen.begin(room)
        self.terminal.drawn.clear()

    def _clock(self) -> float:
        self._now += self._look
        return self._now

    def hear(self, *lines: str) -> None:
        """Let the server say lines."""
        for line in lines:
            self.screen.show(self.session.receive(parse_text(line), 1000.0))

    def enter(self, channel: str = "#c") -> None:
        """Be welcomed, and be in a channel."""
        self.session.connected(1000.0)
        self.session.join(channel)
        self.hear(":s 001 ann :Hi", ":s 376 ann :End", f":ann!u@h JOIN {channel}")
        self.sent()

    def sent(self) -> list[str]:
        """Return what the session says, without its tags."""
        return [message.format().rpartition("@")[2] for message in self.session.take()]

    async def type(self, keys: str) -> list[str]:
        """Press keys, and return the rows of the terminal when they have been taken and drawn."""
        keyboard, frames = self.screen._keyboard, self.screen._frames
        self.screen.received(keys.encode())
        await self.waits(lambda: not (keyboard._bytes or keyboard._keys or keyboard._timer))
        await self.waits(lambda: frames._timer is None)
        return self.terminal.lines

    @property
    def text(self) -> str:
        """Return what stands in the prompt."""
        return self.screen._editor.text

    async def waits(self, until: Callable[[], bool]) -> int:
        """Wait for something; return the most keys that were pressed in one turn of the loop."""
        most, editor = 0, self.screen._editor
        while not until():
            before = editor.changes
            await asyncio.sleep(0)
            most = max(most, editor.changes - before)
        return most


def with_person(test: Callable[[Person], Awaitable[None]], looks: int = 20) -> None:
    async def run() -> None:
        person = Person(looks)
        async with asyncio.timeout(20):
            await test(person)
        person.screen.closed(None)

    asyncio.run(run())
