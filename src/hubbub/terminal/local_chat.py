"""`hubbub chat` on a terminal: the chat screen here, the conversation on a connection."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from typing import Any, Final

from hubbub.client.commands.context import Console
from hubbub.client.events import Event, Registered, Told
from hubbub.client.link_state import LinkState, LinkStatus, Trust
from hubbub.client.network.trust import display
from hubbub.client.timeline.transcript import Role
from hubbub.terminal.input_history import KeptHistory
from hubbub.terminal.profile import Profile
from hubbub.terminal.reconnecting import ReconnectingClient
from hubbub.terminal.tty import Tty
from hubbub.transport.turns import Share, Turns
from hubbub.ui.chat_screen import ChatScreen
from hubbub.ui.drawing.layout import Size
from hubbub.ui.drawing.row_cache import Painter

TICK: Final = 0.5
"""Seconds between two looks at the clock."""
SAVE: Final = 60.0
"""Seconds between two times that what was seen is kept."""
_LEAVING: Final = (signal.SIGTERM, signal.SIGHUP)


class LocalChat:
    """Join a person at this terminal to a session; for the screen it is the conversation."""

    def __init__(self, console: Console, profile: Profile, server: str) -> None:
        """Take nothing yet; `server` is the name under which what was seen is kept."""
        self._console = console
        self._profile = profile
        self._server = server
        self._kept = console.preferences
        self._leaving = asyncio.Event()
        self._fault: BaseException | None = None
        self._outage = ""
        self._conversation: ReconnectingClient
        self._tty = Tty()
        history = KeptHistory(profile.history, self._history_failed)
        size, environment = Size(*self._tty.size), os.environ
        self._screen = ChatScreen(
            self._tty, console, Painter(), environment, size, history, Turns(), Share()
        )
        self._screen.joined = self

    async def run(self, conversation: ReconnectingClient) -> None:
        """Talk until the person leaves; raise what ends the conversation."""
        self._conversation = conversation
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._failed)
        for number in _LEAVING:
            loop.add_signal_handler(number, self._leaving.set)
        with self._tty.taken(self._screen):
            self._screen.begin()
            talking = asyncio.create_task(conversation.run())
            ticking = asyncio.create_task(self._tick())
            try:
                await self._talk(talking)
            finally:
                for task in (talking, ticking):
                    task.cancel()
                await conversation.finish()
                self._save()
                self._screen.over("")

    async def _talk(self, talking: asyncio.Task[None]) -> None:
        leaving = asyncio.create_task(self._leaving.wait())
        await asyncio.wait({talking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if not talking.done():
            await self._conversation.quit(self._console.quitting or "")
        await talking
        if self._fault is not None:
            raise self._fault

    # What the conversation tells

    def events(self, events: list[Event]) -> None:
        """Show what happened."""
        if any(isinstance(event, Registered) for event in events):
            self._outage = ""
        self._screen.show(events)

    def link(self, state: LinkState) -> None:
        """Show how the connection is."""
        screen = self._screen
        if state.status is LinkStatus.WAITING:
            # An outage is told of once, not at each attempt; the status line counts those.
            if state.reason != self._outage:
                self._outage = state.reason
                self._tell_outage(state.reason)
        elif state.identity and state.identity.trust is Trust.FIRST_USE:
            screen.tell(
                f"{self._server} is new here; its certificate is remembered. SHA256 fingerprint:\n"
                f"{display(state.identity.fingerprint)}"
            )
        elif state.identity and state.identity.trust is Trust.NOBODY_ELSE:
            screen.tell("this connection is not encrypted")
        screen.connected(state)

    def _tell_outage(self, reason: str) -> None:
        if reason:
            told = Told(f"not connected: {reason}", time.time(), error=True)
            self._screen.show([told])

    # What the screen asks

    def flush(self) -> None:
        """Say what the session has to say, and keep the preferences that a command changed."""
        self._conversation.flush()
        if self._console.preferences != self._kept:
            self._kept = self._console.preferences
            try:
                self._profile.save_preferences(self._kept)
            except OSError as error:
                self._screen.tell(f"settings cannot be kept: {error.strerror}", Role.ERROR)

    def quit(self, reason: str) -> None:
        """Leave."""
        self._leaving.set()

    def abort(self) -> None:
        """Do nothing: leaving takes no longer than the conversation lets it."""

    def unblock(self) -> None:
        """Do nothing: the conversation goes on while the terminal takes nothing."""

    def hang_up(self, reason: str | None) -> None:
        """Leave: the terminal is gone."""
        self._leaving.set()

    def suspend(self) -> str:
        """Stop, until the person lets this job go on."""
        self._tty.suspend()
        return ""

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End with a fault of ours; what else the loop tells of concerns a connection only."""
        fault = context.get("exception")
        if fault is not None and not isinstance(fault, OSError):
            self._fault = self._fault or fault
            self._leaving.set()

    def _history_failed(self, reason: str) -> None:
        self._console.complain(f"what you type cannot be kept: {reason}")

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        saved_at = loop.time()
        while True:
            await asyncio.sleep(TICK)
            self._screen.tick()
            if loop.time() - saved_at > SAVE:
                saved_at = loop.time()
                self._save()

    def _save(self) -> None:
        read = self._console.view.read_until()
        seen = {**self._profile.load_seen(self._server), **read}
        with suppress(OSError):
            self._profile.save_seen(self._server, seen)
