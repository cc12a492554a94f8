"""Sessions without a terminal: `ssh chat post '#ci'` and the like, for scripts."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Final, Protocol

from hubbub.client.events import Delivery, Event, JoinRefused, LeftOut, Refused, Said, Told
from hubbub.client.rooms import Anchor
from hubbub.client.session import Session
from hubbub.client.transcript import plain_lines
from hubbub.irc.message import Message
from hubbub.irc.text import visible
from hubbub.terminal.exit_code import ExitCode
from hubbub.terminal.inside import Inside

GATHERED_LINES: Final = 32
"""Lines of input that make up one message at most."""
GATHERED_SECONDS: Final = 0.2
"""How long a line waits for others to be said with it."""
LINE_BYTES: Final = 64 * 1024
"""A longer line of input is taken as several."""
WAITING: Final = 20
"""Messages that wait to be confirmed, past which no more input is read."""


class Output(Protocol):
    """What a command writes to: an SSH session."""

    @property
    def is_blocked(self) -> bool:
        """Say whether too much waits."""

    def write(self, data: bytes, error: bool = False) -> bool:
        """Write to standard output, or to standard error."""

    def pause_reading(self) -> None:
        """Take no more input."""

    def resume_reading(self) -> None:
        """Take input again."""

    def exit(self, code: int) -> None:
        """End with this code."""


class Pipe:
    """Carry out one command; this one only writes, and ignores its input."""

    joined: Inside

    def __init__(self, output: Output, session: Session) -> None:
        self._output = output
        self._session = session
        self._code = ExitCode.DONE
        self._ended = False

    # What the conversation tells

    @property
    def is_blocked(self) -> bool:
        """Say whether too much waits to be read."""
        return self._output.is_blocked

    def show(self, events: list[Event]) -> None:
        """Take note of what happened."""
        for event in events:
            if isinstance(event, JoinRefused):
                self._complain(f"cannot join {event.room}: {event.reason}")
                self._end(ExitCode.NOT_LET_IN)
            elif isinstance(event, Refused):
                self._complain(event.reason)
                self._code = ExitCode.NOT_LET_IN
            elif isinstance(event, Told) and event.error:
                self._complain(event.text)
            elif isinstance(event, LeftOut):
                self._complain("more was said than could be loaded; some is left out")
                self._code = self._code or ExitCode.FAILED
            else:
                self._event(event)
        self._settle()

    def over(self, reason: str) -> None:
        """Pass on that the conversation has ended."""
        if not self._ended and not self._code:
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

    def _print(self, line: str) -> None:
        self._output.write(f"{line}\n".encode())

    def _complain(self, text: str) -> None:
        for line in text.split("\n"):
            self._output.write(f"hubbub: {visible(line)}\n".encode(), error=True)

    def _end_if_refused(self, message: Message, command: str) -> None:
        if message.command == "FAIL" and message.params[:1] == (command,):
            self._complain(message.params[-1])
            self._end(ExitCode.NOT_LET_IN)

    def _end(self, code: ExitCode = ExitCode.DONE) -> None:
        if not self._ended:
            self._ended = True
            self._code = self._code or code
            self.joined.quit("")


class Post(Pipe):
    """Say what comes in, lines that come together as one message, and end when all is confirmed."""

    def __init__(self, output: Output, session: Session, target: str) -> None:
        super().__init__(output, session)
        self._target = target
        self._rest = b""
        self._lines: list[str] = []
        self._input_ended = self._paused = False
        self._timer: asyncio.TimerHandle | None = None

    def received(self, data: bytes) -> None:
        """Gather lines."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        self._lines += (line.decode(errors="replace").rstrip("\r") for line in lines)
        self._say()

    def input_ended(self) -> None:
        """Say what is left."""
        if self._rest:
            self._lines.append(self._rest.decode(errors="replace"))
        self._input_ended = True
        self._say()
        self._settle()

    def closed(self, error: str | None) -> None:
        """Leave; what was not said yet is given up."""
        if self._timer is not None:
            self._timer.cancel()
        super().closed(error)

    def _say(self) -> None:
        """Say what is gathered, as soon as it is worth a message and there is room for it."""
        while self._lines and self._session.pending < WAITING:
            if len(self._lines) < GATHERED_LINES and not self._input_ended:
                if self._timer is None:
                    loop = asyncio.get_running_loop()
                    self._timer = loop.call_later(GATHERED_SECONDS, self._overdue)
                break
            self._say_some()
        if not self._paused and len(self._lines) >= GATHERED_LINES:
            self._paused = True
            self._output.pause_reading()
        elif self._paused and len(self._lines) < GATHERED_LINES:
            self._paused = False
            self._output.resume_reading()
        self.joined.flush()

    def _say_some(self) -> None:
        gathered, self._lines = self._lines[:GATHERED_LINES], self._lines[GATHERED_LINES:]
        text = "\n".join(gathered)
        if text.strip():
            self._session.say(self._target, text)

    def _overdue(self) -> None:
        self._timer = None
        if self._lines and self._session.pending < WAITING:
            self._say_some()
        self._say()

    def _event(self, event: Event) -> None:
        if isinstance(event, Said) and event.delivery in (Delivery.FAILED, Delivery.UNSURE):
            self._complain(f"not confirmed: {event.text.splitlines()[0]}: {event.reason}")
            self._code = self._code or ExitCode.NOT_CONFIRMED

    def _settle(self) -> None:
        self._say()
        settled = self._input_ended and not self._lines and not self._session.pending
        if settled and all(room.joined for room in self._session.rooms if room.wanted):
            self._end()

    def over(self, reason: str) -> None:
        """Complain of what was not confirmed."""
        if not self._ended and (self._session.pending or self._lines):
            self._complain(reason or "the server closed the connection")
            self._code = self._code or ExitCode.NOT_CONFIRMED
        super().over(reason)


class Tail(Pipe):
    """Follow a channel until the reader has enough, or for so many messages (0: for ever).

    Without a count it cannot learn that its reader has gone (`| head`): OpenSSH tells that to no
    servers but its own.
    """

    def __init__(self, output: Output, session: Session, as_json: bool, count: int = 0) -> None:
        super().__init__(output, session)
        self._as_json = as_json
        self._left = count

    def _event(self, event: Event) -> None:
        if isinstance(event, Told):
            self._complain(event.text)
        elif isinstance(event, Said) and not self._ended:
            self._left -= 1
            if self._left == 0:
                self._end()
            for line in [to_json(event)] if self._as_json else plain_lines(event):
                self._print(line)


class History(Tail):
    """Print what was said in a channel, and end."""

    def __init__(
        self, output: Output, session: Session, target: str, since: float | None, as_json: bool
    ) -> None:
        super().__init__(output, session, as_json)
        room = session.state.open_room(target)
        self._room = room
        if room is not None and since is not None:
            # As if it had been left then, everything after it is fetched.
            room.entry = Anchor(since)

    def heard(self, message: Message) -> None:
        """End where the history is refused; a person who came to talk would be told nothing."""
        self._end_if_refused(message, "CHATHISTORY")

    def _event(self, event: Event) -> None:
        if isinstance(event, Said) and not event.old:
            return
        if isinstance(event, Said) and not self._as_json:
            moment = datetime.fromtimestamp(event.time, UTC)
            for line in plain_lines(event):
                self._print(f"{moment:%Y-%m-%d %H:%M:%S}Z {line}")
            return
        super()._event(event)

    def _settle(self) -> None:
        if self._room is not None and self._room.joined and self._room.filling is None:
            self._end()


class Who(Pipe):
    """Print who is here, or in a channel: nick, user name and host, account or away, real name."""

    def __init__(self, output: Output, session: Session, mask: str) -> None:
        super().__init__(output, session)
        self._mask = mask
        self._asked = False

    def heard(self, message: Message) -> None:
        """Take up the rows of the answer, before the session makes sentences of them."""
        if not self._asked:
            return
        params = message.params
        if message.command == "352" and len(params) > 7:
            away = "away" if params[6].startswith("G") else "here"
            name = params[7].partition(" ")[2]
            row = (params[5], f"{params[2]}@{params[3]}", away, name)
            self._print("\t".join(visible(cell) for cell in row))
        elif message.command == "315":
            self._end()
        self._end_if_refused(message, "WHO")

    def _settle(self) -> None:
        if self._session.registered and not self._asked:
            self._asked = True
            self._session.send("WHO", self._mask)


def to_json(event: Said) -> str:
    """Return what somebody said as one JSON object in a line."""
    moment = datetime.fromtimestamp(event.time, UTC)
    return json.dumps(
        {
            "time": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
            "target": event.room,
            "nick": event.nick,
            "kind": event.speech.value,
            "text": event.text,
        }
    )
