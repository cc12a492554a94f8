"""`ssh chat post '#ci'`: what comes in is said, as few messages as it takes."""

from __future__ import annotations

import asyncio
from typing import Final

from hubbub.client.events import ChatMessage, DeliveryStatus, Event
from hubbub.client.session import ClientSession
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.ssh.pipe import ExecSession
from hubbub.ui.ends import Output
from hubbub.ui.exit_code import ExitCode
from hubbub.ui.input_lines import InputLines

GATHERED_LINES: Final = 32
"""Lines of input that make up one message at most."""
GATHERED_SECONDS: Final = 0.2
"""How long a line waits for others to be said with it."""
WAITING: Final = 20
"""Messages that wait to be confirmed, past which no more input is read."""
_ASKED: Final = "may-post"
_CLOSED: Final = frozenset(
    numeric.code
    for numeric in (
        numerics.ERR_CHANNELISFULL,
        numerics.ERR_INVITEONLYCHAN,
        numerics.ERR_BANNEDFROMCHAN,
        numerics.ERR_BADCHANNELKEY,
        numerics.ERR_NEEDREGGEDNICK,
        numerics.ERR_THROTTLE,
    )
)


class Post(ExecSession):
    """Say what comes in, lines that come together as one message, and end when all is confirmed.

    Whether the target is there is asked first, so that a name mistyped is told at once, and also
    where there is nothing to say.
    """

    def __init__(self, output: Output, session: ClientSession, target: str) -> None:
        super().__init__(output, session)
        self._target = target
        self._input = InputLines()
        self._lines: list[str] = []
        self._asked = self._may_say = False
        self._input_ended = self._paused = False
        self._timer: asyncio.TimerHandle | None = None

    def heard(self, message: Message) -> None:
        """Take up whether the target takes anything from us."""
        if not self._asked or self._may_say or self._ended:
            return
        about, reason = message.params[1:2], message.params[-1:]
        if message.command == "PONG" and reason == (_ASKED,):
            self._may_say = True
        elif message.command == "FAIL":
            self._complain(*reason)
            self._end(ExitCode.NOT_LET_IN)
        elif about == (self._target,) and message.command == numerics.ERR_NOSUCHCHANNEL.code:
            self._complain(f"there is no channel {self._target}; post --create makes one")
            self._end(ExitCode.NOT_LET_IN)
        elif message.command == numerics.ERR_CANNOTSENDTOCHAN.code:
            self._code = ExitCode.NOT_CONFIRMED
        elif about and message.command in _CLOSED:
            self._complain(f"cannot join {about[0]}: {reason[0]}")
            self._end(ExitCode.NOT_LET_IN)

    def received(self, data: bytes) -> None:
        """Gather lines; each is said once it is whole."""
        self._lines += self._input.feed(data)
        self._say()

    def input_ended(self) -> None:
        """Say what is left of a last line without an end, and end once all is confirmed."""
        self._lines += self._input.end()
        self._input_ended = True
        self._say()
        self._settle()

    def closed(self, error: str | None) -> None:
        """Leave; what was not said yet is given up."""
        self._stop_timer()
        super().closed(error)

    def over(self, reason: str) -> None:
        """Complain of what was not confirmed."""
        self._stop_timer()
        if not self._ended and (self._session.pending or self._lines):
            self._complain(reason or "the server closed the connection")
            self._code = self._code or ExitCode.NOT_CONFIRMED
        super().over(reason)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ask(self) -> None:
        """Ask whether the target takes anything: a TAGMSG without tags is checked, and no more."""
        self._asked = True
        if self._session.state.features.is_channel(self._target):
            self._session.send("TAGMSG", self._target)
        self._session.send("PING", _ASKED)

    def _say(self) -> None:
        """Say what is gathered, as soon as it is worth a message and there is room for it."""
        while self._lines and self._has_room():
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

    def _has_room(self) -> bool:
        return self._may_say and not self._ended and self._session.pending < WAITING

    def _say_some(self) -> None:
        gathered, self._lines = self._lines[:GATHERED_LINES], self._lines[GATHERED_LINES:]
        text = "\n".join(gathered)
        if text.strip():
            self._session.say(self._target, text)

    def _overdue(self) -> None:
        self._timer = None
        if self._lines and self._has_room():
            self._say_some()
        self._say()

    def _event(self, event: Event) -> None:
        if isinstance(event, ChatMessage) and event.delivery in (
            DeliveryStatus.FAILED,
            DeliveryStatus.UNSURE,
        ):
            said = event.text.partition("\n")[0]
            self._complain(f"not confirmed: {said}: {event.reason}")
            self._code = self._code or ExitCode.NOT_CONFIRMED

    def _settle(self) -> None:
        rooms = [room for room in self._session.rooms if room.wanted]
        if not self._session.registered or not all(room.joined for room in rooms):
            return
        if not self._asked:
            self._ask()
        self._say()
        if self._may_say and self._input_ended and not self._lines and not self._session.pending:
            self._end()

    def _awaits(self) -> object:
        if not self._may_say:
            return "welcome" if not self._asked else _ASKED
        pending = self._session.pending
        return (pending, len(self._lines)) if pending else None

    def _given_up(self) -> ExitCode:
        return ExitCode.NOT_CONFIRMED if self._session.pending else ExitCode.FAILED
