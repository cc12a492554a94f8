"""Sessions without a terminal: `ssh chat post '#ci'` and the like, for scripts.

What they have in common: what went wrong is said on standard error and ends with a code, and
nothing is waited for without end.
"""

from __future__ import annotations

import asyncio
from typing import Final

from hubbub.client import error_words
from hubbub.client.events import ConnectionRefused, Event, JoinRefused, LeftOut, Silent, Told
from hubbub.client.network.in_process import Inside
from hubbub.client.session import ClientSession
from hubbub.irc.message import Message
from hubbub.irc.text import visible
from hubbub.ui.ends import Output
from hubbub.ui.exit_code import ExitCode

ANSWER: Final = 60.0
"""Seconds that the server may take for its next answer; then the command ends."""
GOODBYE: Final = 5.0
"""Seconds that the server may take to let a command go that is done; then it goes by itself."""


class ExecSession:
    """Carry out one command; this one only writes, and ignores its input."""

    joined: Inside

    def __init__(self, output: Output, session: ClientSession) -> None:
        self._output = output
        self._session = session
        self._code = ExitCode.DONE
        self._ended = False
        self._complained = False
        self._clock = asyncio.get_running_loop().time
        self._awaited: object = None
        self._awaited_since = 0.0

    # What the conversation tells

    @property
    def is_blocked(self) -> bool:
        """Say whether too much waits to be read."""
        return self._output.is_blocked

    def heard(self, message: Message) -> None:
        """Look at a message before the session makes sentences of it."""

    def show(self, events: list[Event]) -> None:
        """Take note of what happened."""
        for event in events:
            if self._ended:
                break
            if isinstance(event, JoinRefused):
                self._complain(f"cannot join {event.room}: {event.reason}")
                self._end(ExitCode.NOT_LET_IN)
            elif isinstance(event, ConnectionRefused):
                self._complain(event.reason)
                came_in = self._session.state.was_registered
                self._code = ExitCode.FAILED if came_in else ExitCode.NOT_LET_IN
            elif isinstance(event, Silent):
                self._complain("the server does not answer")
                self._end(ExitCode.FAILED)
            elif isinstance(event, Told) and event.error:
                self._complain(event.text)
            elif isinstance(event, LeftOut):
                self._complain("more was said than could be loaded; some is left out")
                self._code = self._code or ExitCode.FAILED
            else:
                self._event(event)
        if not self._ended:
            self._settle()

    def tick(self) -> None:
        """Let time pass, about once a second: give up what takes too long."""
        awaited = "goodbye" if self._ended else self._awaits()
        if awaited != self._awaited:
            self._awaited, self._awaited_since = awaited, self._clock()
        elif awaited is not None:
            waited = self._clock() - self._awaited_since
            if self._ended and waited > GOODBYE:
                self.joined.abort()
            elif not self._ended and waited > ANSWER:
                self._complain(f"the server has not answered for {ANSWER:.0f} s; gave up")
                self._end(self._given_up())

    def over(self, reason: str) -> None:
        """Pass on that the conversation has ended."""
        if not self._ended and not self._code:
            if not self._complained:
                self._complain(reason or "the server closed the connection")
            self._code = ExitCode.FAILED
        self._output.exit(self._code)

    # What the SSH session tells

    def received(self, data: bytes) -> None:
        """Ignore input."""

    def input_ended(self) -> None:
        """Ignore the end of input: what was asked for still comes."""

    def resized(self, columns: int, rows: int) -> None:
        """Ignore a terminal's size."""

    def writable(self) -> None:
        """Go on writing."""
        self.joined.unblock()

    def closed(self, error: str | None) -> None:
        """Leave: nobody reads any more."""
        self._ended = True
        self.joined.hang_up(error)

    # What each command has its own way for

    def _event(self, event: Event) -> None:
        pass

    def _settle(self) -> None:
        pass

    def _awaits(self) -> object:
        """Return what the server has to answer next, None for nothing.

        As long as it is the same, time runs.
        """
        return None if self._session.registered else "welcome"

    def _given_up(self) -> ExitCode:
        return ExitCode.FAILED

    def _print(self, line: str) -> None:
        self._output.write(f"{line}\n".encode())

    def _complain(self, text: str) -> None:
        self._complained = True
        for line in text.split("\n"):
            self._output.write(f"hubbub: {visible(line)}\n".encode(), error=True)

    def _end_if_refused(self, message: Message, command: str) -> None:
        """End where the server refuses a command: for good, or because it has no time now."""
        if message.command == "FAIL" and message.params[:1] == (command,) and not self._ended:
            later = message.params[1:2] in (("TRY_AGAIN",), ("MESSAGE_ERROR",))
            self._complain(error_words.failure(message.params[1], message.params[-1]))
            self._end(ExitCode.FAILED if later else ExitCode.NOT_LET_IN)

    def _end(self, code: ExitCode = ExitCode.DONE) -> None:
        if not self._ended:
            self._ended = True
            self._code = self._code or code
            self.joined.quit("")
