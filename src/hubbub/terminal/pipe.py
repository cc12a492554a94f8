"""The client without a terminal: lines in, lines out.

Each line of standard input is said in the first channel; what others say in the channels that were
named comes out on standard output, what went wrong on standard error, and nothing else. At the end
of the input it waits until everything is confirmed.

A program that has said all it has to say by the time it is connected hears nobody, so nobody sees
it come and go: it speaks from outside where the server knows how (hubbub/quiet).
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, TextIO

from hubbub.client.commands import table
from hubbub.client.commands.context import Console
from hubbub.client.events import (
    AccountNeeded,
    ChatMessage,
    ConnectionRefused,
    DeliveryStatus,
    Event,
    JoinRefused,
    Registered,
    RoomClosed,
    SearchResult,
    Told,
)
from hubbub.client.handlers.login import HOW_TO_LOG_IN
from hubbub.client.handlers.registration import QUIET
from hubbub.client.link_state import LinkState, LinkStatus, Trust
from hubbub.client.network.trust import display
from hubbub.client.timeline.transcript import plain_lines, text_of
from hubbub.irc import numerics
from hubbub.irc.text import visible
from hubbub.terminal.reconnecting import ReconnectingClient
from hubbub.ui.exit_code import ExitCode
from hubbub.ui.input_lines import LINE_BYTES, InputLines

UNREAD: Final = 100
"""Lines of input that are read ahead."""
AT_ONCE_SECONDS: Final = 0.5
"""How long after coming in the input may take to end for a program that need not listen."""
AT_ONCE_CHARACTERS: Final = 1_000_000
"""How much of it is kept until then; whoever has more to say listens."""
RECONNECTING: Final = 60.0
"""Seconds that a lost connection may take to come back, before the client gives up."""
ANSWER: Final = 60.0
"""Seconds without any of its answers that a server may take, before the client gives up."""
LOOK: Final = 1.0
"""Seconds between two looks at whether there is progress."""
_NO_CHANNEL: Final = "there is no such channel, or it is not for you to know; --create makes it"


class Pipe:
    """Join standard input and output to a session."""

    def __init__(
        self,
        console: Console,
        target: str,
        with_commands: bool,
        out: TextIO,
        channels: Sequence[str] = (),
    ) -> None:
        """Say lines to `target`; lines with a `/` are commands only `with_commands`.

        Where there are several `channels`, what is said there comes out with their names.
        """
        self._console = console
        self._channels = tuple(channels) or (target,)
        self._progress: object = None
        self._progressed_at = 0.0
        console.view.expect(target)
        self._session = console.session
        self._with_commands = with_commands
        self._target = target
        self._out = out
        self._changed = asyncio.Event()
        self._lost_at: float | None = None
        self.code = ExitCode.DONE
        self.over = asyncio.Event()

    def events(self, events: list[Event]) -> None:
        """Show what others said, and take note of what became of one's own lines."""
        for event in events:
            self._console.view.receive(event, 0.0)
            if isinstance(event, ChatMessage):
                self._said(event)
            elif isinstance(event, Registered):
                self._session.settle_outside(self._target)
            elif isinstance(event, JoinRefused):
                # What to do about it is another thing here than for who sits at a terminal.
                unknown = event.code == numerics.ERR_NOSUCHCHANNEL.code
                reason = _NO_CHANNEL if unknown else event.reason
                _complain(f"cannot join {event.room}: {reason}")
                self._end(ExitCode.NOT_LET_IN)
            elif isinstance(event, RoomClosed):
                self._left(event)
            elif isinstance(event, SearchResult):
                for line in self._console.view.transcript.draw(event):
                    self._print(text_of(line))
            elif isinstance(event, Told) and event.error:
                _complain(event.text)
            elif isinstance(event, AccountNeeded):
                _complain(f"this server lets in nobody without an account: {HOW_TO_LOG_IN}")
                self._end(ExitCode.NOT_LET_IN)
            elif isinstance(event, ConnectionRefused) and self._session.state.was_registered:
                _complain(event.reason)
                self._end(ExitCode.NOT_LET_IN)
        self._answer()
        self._changed.set()

    def _answer(self) -> None:
        """Leave every question without an answer: there is nobody to ask."""
        while self._session.question is not None:
            self._session.answer("")

    def link(self, state: LinkState) -> None:
        """Tell of the connection on standard error, where a person should know."""
        loop = asyncio.get_running_loop()
        if state.status is LinkStatus.CONNECTED:
            self._lost_at = None
            if state.identity and state.identity.trust is Trust.FIRST_USE:
                _complain(f"first use: remembered SHA256 {display(state.identity.fingerprint)}")
        elif state.status is LinkStatus.WAITING:
            why = f"{state.reason}; " if state.reason else ""
            _complain(f"{why}trying again in {state.seconds:.0f} s")
            if self._lost_at is None:
                self._lost_at = loop.time()
            elif loop.time() - self._lost_at > RECONNECTING:
                pending = self._session.pending
                self._end(ExitCode.NOT_CONFIRMED if pending else ExitCode.CANNOT_CONNECT)

    async def speak(self, flush: Callable[[], None]) -> None:
        """Say every line of standard input, and return when all of them are settled."""
        lines = _read_lines()
        first: deque[str | None] = deque()
        if not self._with_commands:
            await self._enter(lines, first)
            flush()
        while (line := first.popleft() if first else await lines.get()) is not None:
            if line.strip() or self._session.question is not None:
                await self._line(line)
                flush()
        while self._session.pending or not self._is_in():
            await self._wait()

    async def _enter(self, lines: asyncio.Queue[str | None], first: deque[str | None]) -> None:
        """Enter the channels, unless all there is to say is there by now: put it into `first`."""
        while not self._session.registered:
            await self._wait()
        wished = self._session.state.wishes.quiet and self._session.state.has(QUIET)
        if not (wished and await _ends_at_once(lines, first)):
            for channel in self._channels:
                self._session.join(channel)

    async def _line(self, line: str) -> None:
        """Say a line, as soon as there is room for it."""
        if self._with_commands and line.startswith("/"):
            self._command(line)
            return
        while not self._session.say(self._target, line):
            await self._wait()

    def _command(self, line: str) -> None:
        table.run(self._console, line)
        for shown in self._console.lines:
            _complain(text_of(shown))
        self._console.lines.clear()
        if self._session.question is not None:
            _complain("nothing secret can be asked for here")
            self._answer()
        if self._console.quitting is not None:
            self._end(self.code)

    @property
    def farewell(self) -> str:
        """Return the reason for leaving that was given, or ""."""
        return self._console.quitting or ""

    def _is_in(self) -> bool:
        """Say whether there is nothing left to enter: even without a line it may be refused."""
        rooms = [room for room in self._session.rooms if room.is_channel and room.wanted]
        return self._session.registered and all(room.joined for room in rooms)

    async def _wait(self) -> None:
        """Wait until something happens, and give up where nothing comes of it for long."""
        self._changed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), LOOK)
        session, now = self._session, asyncio.get_running_loop().time()
        joined = sum(room.joined for room in session.rooms)
        # While there is no connection, others count the time.
        progress = (session.registered, session.pending, joined, self._lost_at)
        if progress != self._progress or self._lost_at is not None:
            self._progress, self._progressed_at = progress, now
        elif now - self._progressed_at > ANSWER:
            _complain(f"the server has not answered for {ANSWER:.0f} s; gave up")
            self._end(ExitCode.NOT_CONFIRMED if session.pending else ExitCode.FAILED)

    def _is_named(self, room: str) -> bool:
        """Say whether a room is one of those that were asked for."""
        return any(self._session.state.same(room, channel) for channel in self._channels)

    def _left(self, event: RoomClosed) -> None:
        """End where the channel is over for us; a person at a keyboard may go elsewhere."""
        if not self._with_commands and self._is_named(event.room):
            _complain(f"not in {event.room} any more: {event.reason}")
            self._end(ExitCode.NOT_CONFIRMED if self._session.pending else ExitCode.FAILED)

    def _said(self, event: ChatMessage) -> None:
        if event.delivery is DeliveryStatus.RECEIVED and self._is_named(event.room):
            head = f"{visible(event.room)} " if len(self._channels) > 1 else ""
            for line in plain_lines(event):
                self._print(f"{head}{line}")
        elif event.delivery in (DeliveryStatus.FAILED, DeliveryStatus.UNSURE):
            said = event.text.partition("\n")[0]
            _complain(f"not confirmed: {said}: {event.reason}")
            if not self.over.is_set():
                self.code = ExitCode.NOT_CONFIRMED

    def _print(self, line: str) -> None:
        try:
            self._out.write(f"{line}\n")
            self._out.flush()
        except BrokenPipeError:
            # Whoever read us has heard enough.
            self._end(self.code)

    def _end(self, code: ExitCode) -> None:
        self.code = code
        self.over.set()


async def run(conversation: ReconnectingClient, pipe: Pipe) -> ExitCode:
    """Hold a conversation until the input has ended and everything is settled."""
    talking = asyncio.create_task(conversation.run())
    speaking = asyncio.create_task(pipe.speak(conversation.flush))
    over = asyncio.create_task(pipe.over.wait())
    try:
        await asyncio.wait({talking, speaking, over}, return_when=asyncio.FIRST_COMPLETED)
        if not talking.done():
            await conversation.quit(pipe.farewell)
        await talking
    finally:
        for task in (talking, speaking, over):
            task.cancel()
        await conversation.finish()
    return pipe.code


def _read_lines() -> asyncio.Queue[str | None]:
    """Return a queue that gets the lines of standard input, and None at its end."""
    queue: asyncio.Queue[str | None] = asyncio.Queue(UNREAD)
    loop = asyncio.get_running_loop()

    def put(line: str | None) -> None:
        asyncio.run_coroutine_threadsafe(queue.put(line), loop).result()

    def read() -> None:
        lines = InputLines()
        # The loop may end while this thread waits for a line that nobody needs any more.
        with suppress(RuntimeError, asyncio.CancelledError):
            while data := _read_some(sys.stdin.fileno()):
                for line in lines.feed(data):
                    put(line)
            for line in lines.end():
                put(line)
            put(None)

    # A thread, for a regular file cannot be waited for; it is not waited for at the end.
    threading.Thread(target=read, name="standard-input", daemon=True).start()
    return queue


async def _ends_at_once(lines: asyncio.Queue[str | None], first: deque[str | None]) -> bool:
    """Say whether the input ends now, after what is put into `first`; None stands for its end."""
    characters = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(AT_ONCE_SECONDS):
            while characters <= AT_ONCE_CHARACTERS:
                line = await lines.get()
                first.append(line)
                if line is None:
                    return True
                characters += len(line)
    return False


def _read_some(descriptor: int) -> bytes:
    # Not through sys.stdin: its lock, held by a waiting thread, would abort the interpreter's end.
    try:
        return os.read(descriptor, LINE_BYTES)
    except OSError:
        return b""


def _complain(text: str) -> None:
    for line in text.split("\n"):
        sys.stderr.write(f"hubbub: {visible(line)}\n")
    sys.stderr.flush()
