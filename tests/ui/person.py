"""A person at a chat screen whose turns are counted, not timed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC

from hubbub.client.commands.context import Console
from hubbub.client.preferences import Preferences
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.transport.turns import SLICE_SECONDS, Share, Turns
from hubbub.ui.chat_screen import ChatScreen
from hubbub.ui.drawing.layout import Size
from hubbub.ui.drawing.row_cache import Painter
from hubbub.ui.editing.history import InputHistory


class Terminal:
    """Take what is drawn, and count it."""

    is_blocked = False

    def __init__(self) -> None:
        self.drawn: list[bytes] = []
        self.reading = True

    def write(self, data: bytes, error: bool = False) -> bool:
        self.drawn.append(data)
        return True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def exit(self, code: int) -> None:
        pass


class Conversation:
    """Have nothing to say."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def flush(self) -> None:
        pass

    def quit(self, reason: str) -> None:
        self.ends.append(reason)

    def abort(self) -> None:
        self.ends.append("")

    def unblock(self) -> None:
        pass

    def hang_up(self, reason: str | None) -> None:
        pass

    def suspend(self) -> str:
        return ""


class Person:
    """Sit at a screen, whose turns are counted by a clock that each look moves on."""

    def __init__(self, looks: int = 20) -> None:
        self._now = 0.0
        self._look = SLICE_SECONDS / looks
        session = ClientSession(Wishes("ann", history=0), secrets.token_urlsafe, {})
        transcript = Transcript(UTC)
        view = View(transcript, session.state.features.fold, Preferences(), 10)
        console = Console(session, view, Preferences())
        self.terminal = Terminal()
        self.conversation = Conversation()
        self.screen = ChatScreen(
            self.terminal,
            console,
            Painter(),
            {"TERM": "xterm"},
            Size(80, 24),
            InputHistory(),
            Turns(clock=self._clock),
            Share(),
        )
        self.screen.joined = self.conversation
        self.screen.begin()
        self.terminal.drawn.clear()

    def _clock(self) -> float:
        self._now += self._look
        return self._now

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
