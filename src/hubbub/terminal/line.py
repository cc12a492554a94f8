"""The client on a terminal: the prompt at the bottom, the conversation in the scrollback above."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from prompt_toolkit import PromptSession
from prompt_toolkit.application import in_terminal
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output.vt100 import Vt100_Output

from hubbub.client import commands
from hubbub.client.completion import complete
from hubbub.client.console import Console
from hubbub.client.events import Event
from hubbub.client.link import Trust
from hubbub.client.transcript import Fragment, Line, Role, visible_lines
from hubbub.client.trust import display
from hubbub.irc.text import visible
from hubbub.terminal import look, status
from hubbub.terminal.conversation import Connection, Conversation, LinkState
from hubbub.terminal.look import Depth, depth_of
from hubbub.terminal.profile import Profile, make_private, may_be_kept
from hubbub.terminal.renderer import ReflowingRenderer

_TICK: Final = 0.25
_SAVE: Final = 60.0
_CHANGED: Final = frozenset({signal.SIGTERM, signal.SIGHUP})


class _Asked(Exception):
    """Say that what is being typed has to wait: there is a question to answer first."""


class Inline:
    """Show a session on a terminal, and say what is typed there."""

    def __init__(self, console: Console, profile: Profile, server: str) -> None:
        """Make the prompt; `server` is the name under which what was seen is kept."""
        self._console = console
        self._profile = profile
        self._server = server
        self._link = LinkState(Connection.CONNECTING)
        self._retry_at = 0.0
        self._lines: list[Line] = []
        self._printing: asyncio.Task[None] | None = None
        self._pasted = False
        self._question: PromptSession[str] | None = None
        self._kept = console.preferences
        self._leaving = asyncio.Event()
        make_private(profile.history)
        self._prompt: PromptSession[str] = PromptSession(
            message=self._message,
            completer=_Words(console),
            complete_while_typing=False,
            history=_Typed(str(profile.history)),
            key_bindings=self._keys(),
            enable_suspend=True,
            erase_when_done=True,
            output=_output(),
        )
        app = self._prompt.app
        app.renderer = ReflowingRenderer(app.renderer.style, app.output)

    def events(self, events: list[Event]) -> None:
        """Show what happened."""
        view = self._console.view
        now = time.monotonic()
        for event in events:
            self._show(view.receive(event, now))
        if view.take_bell():
            self._prompt.output.bell()
            self._prompt.output.flush()
        if self._console.session.question is not None:
            _exit(self._prompt, _Asked())
        self._prompt.app.invalidate()

    def link(self, state: LinkState) -> None:
        """Show how the connection is."""
        self._link = state
        self._retry_at = time.monotonic() + state.seconds
        if state.connection is Connection.WAITING:
            self._tell(f"not connected: {state.reason}", Role.ERROR)
        elif state.identity and state.identity.trust is Trust.FIRST_USE:
            self._tell(
                f"{self._server} is new here; its certificate is remembered. SHA256 fingerprint:\n"
                f"{display(state.identity.fingerprint)}"
            )
        elif state.identity and state.identity.trust is Trust.NOBODY_ELSE:
            self._tell("this connection is not encrypted")
        self._prompt.app.invalidate()

    async def run(self, conversation: Conversation) -> None:
        """Talk until the person leaves; raise what ends the conversation."""
        loop = asyncio.get_running_loop()
        for number in _CHANGED:
            loop.add_signal_handler(number, self._leaving.set)
        talking = asyncio.create_task(conversation.run())
        typing = asyncio.create_task(self._type(conversation))
        ticking = asyncio.create_task(self._tick())
        leaving = asyncio.create_task(self._leaving.wait())
        try:
            await asyncio.wait({talking, typing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            self._leaving.set()
            await self._put_prompt_away(typing)
            if not talking.done():
                await conversation.quit(self._console.quitting or "")
            await talking
            if typing.done() and not typing.cancelled():
                typing.result()
            if self._console.session.pending:
                count = self._console.session.pending
                self._tell(f"{count} of your messages were not confirmed", Role.ERROR)
        finally:
            for task in (talking, typing, ticking, leaving):
                task.cancel()
            await conversation.finish()
            self._save()
            await self._print()

    async def _put_prompt_away(self, typing: asyncio.Task[None]) -> None:
        for prompt in (self._prompt, self._question):
            if prompt is not None:
                _exit(prompt, EOFError())
        with suppress(EOFError, asyncio.CancelledError):
            await asyncio.wait({typing})

    async def _type(self, conversation: Conversation) -> None:
        text = ""
        while self._console.quitting is None and not self._leaving.is_set():
            if self._console.session.question is not None:
                await self._answer(conversation)
                continue
            try:
                self._pasted = False
                text = await self._prompt.prompt_async(default=text)
            except KeyboardInterrupt:
                text = ""
                self._tell("Ctrl-D or /quit leaves")
                continue
            except _Asked:
                text = self._prompt.default_buffer.text
                continue
            except EOFError:
                return
            if self._pasted and "\n" in text.strip() and not await self._agrees(text):
                continue
            commands.run(self._console, text if text.startswith("/") else text.rstrip())
            text = ""
            self._take_up()
            conversation.flush()

    async def _agrees(self, text: str) -> bool:
        """Ask whether a paste of several lines is to be said."""
        count = len(text.strip().split("\n"))
        whole = self._console.session.state.wire().multiline_lines
        way = "as one message" if whole else f"as {count} messages"
        answer = await self._ask(f"Say these {count} lines {way}? [y/n] ")
        return answer.strip().lower() in ("y", "yes")

    async def _answer(self, conversation: Conversation) -> None:
        """Ask what the session wants to know, which is neither shown nor kept, and tell it."""
        question = self._console.session.question
        if question is None:
            return
        answer = await self._ask(visible(question.prompt), hidden=not question.shown)
        self._console.session.answer(answer.strip() if question.shown else answer)
        self._take_up()
        conversation.flush()

    async def _ask(self, text: str, hidden: bool = False) -> str:
        """Return the answer to a question; "" where it was refused."""
        self._question = PromptSession(
            erase_when_done=True,
            is_password=hidden,
            output=self._prompt.output,
        )
        try:
            return await self._question.prompt_async(text)
        except (KeyboardInterrupt, EOFError):
            return ""
        finally:
            self._question = None

    def _take_up(self) -> None:
        """Show what a command left, and keep the preferences that it changed."""
        console = self._console
        lines, console.lines = console.lines, []
        if console.clearing:
            console.clearing = False
            self._prompt.app.renderer.clear()
        self._show(lines)
        if console.preferences != self._kept:
            if console.preferences.plain != self._kept.plain:
                self._tell("this will be so when hubbub chat starts again")
            self._kept = console.preferences
            try:
                self._profile.save_preferences(console.preferences)
            except OSError as error:
                self._tell(f"settings cannot be kept: {error.strerror}", Role.ERROR)

    def _save(self) -> None:
        read = self._console.view.read_until()
        seen = {**self._profile.load_seen(self._server), **read}
        with suppress(OSError):
            self._profile.save_seen(self._server, seen)

    async def _tick(self) -> None:
        saved_at = time.monotonic()
        while True:
            await asyncio.sleep(_TICK)
            now = time.monotonic()
            self._show(self._console.view.tick(now))
            if self._console.session.pending or self._link.connection is Connection.WAITING:
                self._prompt.app.invalidate()
            if now - saved_at > _SAVE:
                saved_at = now
                self._save()

    def _tell(self, text: str, role: Role = Role.NOTICE) -> None:
        self._show([(Fragment(line, role),) for line in visible_lines(text)])

    def _show(self, lines: list[Line]) -> None:
        """Let lines be printed, together with all that come before the terminal is ready."""
        self._lines += lines
        if self._lines and (self._printing is None or self._printing.done()):
            self._printing = asyncio.create_task(self._print())

    async def _print(self) -> None:
        while self._lines:
            async with in_terminal():
                lines, self._lines = self._lines, []
                depth = _depth(self._console)
                self._prompt.output.write_raw(look.paint_rows(lines, _columns(), depth))
                self._prompt.output.flush()

    def _message(self) -> ANSI:
        columns, depth = _columns(), _depth(self._console)
        waiting = status.pending(self._console, time.time(), columns)
        seconds = self._retry_at - time.monotonic()
        shown = status.status(self._console, self._link, seconds, columns)
        lines = [
            *(look.styled(line, look.PENDING, depth) for line in waiting),
            look.styled(shown, look.STATUS, depth),
            look.styled(status.prompt(self._console), look.PROMPT, depth),
        ]
        return ANSI("\n".join(lines))

    def _keys(self) -> KeyBindings:
        bindings = KeyBindings()

        @bindings.add(Keys.BracketedPaste)
        def _paste(event: KeyPressEvent) -> None:
            text = event.data.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
            self._pasted |= "\n" in text
            event.current_buffer.insert_text(text)

        @bindings.add("tab")
        def _complete(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            word, words = complete(self._console, buffer.document.text_before_cursor)
            if buffer.complete_state:
                buffer.complete_next()
            elif len(words) == 1:
                # At once, so that what is typed next cannot overtake it.
                buffer.delete_before_cursor(len(word))
                buffer.insert_text(words[0])
            elif words:
                buffer.start_completion(insert_common_part=True)

        @bindings.add("escape", "enter")
        def _break_line(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text("\n")

        @bindings.add("escape", "a")
        def _next_room(event: KeyPressEvent) -> None:
            name = self._console.view.next_unread()
            if name:
                self._show(self._console.view.switch(name))
                event.app.invalidate()

        return bindings


class _Words(Completer):
    """Offer to prompt_toolkit what Tab can complete."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Return what the word before the cursor can become."""
        word, words = complete(self._console, document.text_before_cursor)
        return [Completion(each, start_position=-len(word)) for each in words]


class _Typed(FileHistory):
    """Keep what was typed, but no secrets."""

    def append_string(self, string: str) -> None:
        """Take up a line; what is secret cannot be gone back to, not even today."""
        if may_be_kept(string):
            super().append_string(string)


def _exit(prompt: PromptSession[str], reason: Exception) -> None:
    """End a prompt that waits for the person."""
    future = prompt.app.future
    if prompt.app.is_running and future is not None and not future.done():
        prompt.app.exit(exception=reason)


def _depth(console: Console) -> Depth:
    return Depth.NO_COLOURS if console.preferences.colours == "off" else depth_of(os.environ)


def _output() -> Vt100_Output:
    """Return the terminal, which is not asked where its cursor is: nothing here needs to know."""
    output = Vt100_Output.from_pty(sys.stdout, term=os.environ.get("TERM"))
    output.enable_cpr = False
    return output


def _columns() -> int:
    return shutil.get_terminal_size().columns
