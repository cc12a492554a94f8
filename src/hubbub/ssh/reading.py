"""`ssh chat tail`, `history` and `who`: what is said, what was said, and who is here."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hubbub.client.events import ChatMessage, Event, RoomClosed
from hubbub.client.handlers.history import PARTIAL
from hubbub.client.session import ClientSession
from hubbub.client.timeline.transcript import plain_lines
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.text import visible
from hubbub.irc.timestamps import format_time
from hubbub.ssh.pipe import ExecSession
from hubbub.ui.ends import Output
from hubbub.ui.exit_code import ExitCode


class Tail(ExecSession):
    """Follow a channel until the reader has enough, or for so many messages (0: for ever).

    Without a count it cannot learn that its reader has gone (`| head`): OpenSSH tells that to no
    servers but its own. It shows what is said there and nothing else.
    """

    def __init__(
        self, output: Output, session: ClientSession, target: str, as_json: bool, count: int = 0
    ) -> None:
        super().__init__(output, session)
        self._target = target
        self._as_json = as_json
        self._left = count

    def _is_here(self, room: str) -> bool:
        return self._session.state.same(room, self._target)

    def _event(self, event: Event) -> None:
        if isinstance(event, RoomClosed) and self._is_here(event.room):
            self._complain(f"not in {event.room} any more: {event.reason}")
            self._end(ExitCode.FAILED)
        elif isinstance(event, ChatMessage) and self._is_here(event.room):
            self._said(event)

    def _said(self, event: ChatMessage) -> None:
        self._left -= 1
        if self._left == 0:
            self._end()
        for line in [to_json(event)] if self._as_json else plain_lines(event):
            self._print(line)

    def _awaits(self) -> object:
        room = self._session.state.rooms.get(self._target)
        return None if room is not None and room.joined else "to be in"


class HistoryPrinter(Tail):
    """Print what was said in a channel, and end; for that one need not be in it."""

    def __init__(
        self,
        output: Output,
        session: ClientSession,
        target: str,
        since: float | None,
        as_json: bool,
    ) -> None:
        super().__init__(output, session, target, as_json)
        self._since = since
        self._asked = False

    def heard(self, message: Message) -> None:
        """End where the history is refused; a person who came to talk would be told nothing.

        What is damaged is told of by the session, and what can be read follows.
        """
        if message.command != "FAIL" or message.params[:1] != ("CHATHISTORY",):
            return
        if message.params[4:-1] == (PARTIAL,):
            self._code = ExitCode.FAILED
        elif message.params[1:2] == ("INVALID_TARGET",):
            self._complain(f"there is no channel {self._target}, or it is not for you to read")
            self._end(ExitCode.NOT_LET_IN)
        else:
            self._end_if_refused(message, "CHATHISTORY")

    def _said(self, event: ChatMessage) -> None:
        if self._as_json:
            super()._said(event)
            return
        moment = datetime.fromtimestamp(event.time, UTC)
        for line in plain_lines(event):
            self._print(f"{moment:%Y-%m-%d %H:%M:%S}Z {line}")

    def _settle(self) -> None:
        if not self._session.registered:
            return
        if not self._asked:
            self._asked = True
            self._session.read_back(self._target, self._since)
        if self._pages() is None:
            self._end()

    def _pages(self) -> int | None:
        """Return how many pages have come, None once all of them have."""
        room = self._session.state.rooms.get(self._target)
        return room.filling.pages if room is not None and room.filling is not None else None

    def _awaits(self) -> object:
        return self._pages() if self._asked else "welcome"


class Who(ExecSession):
    """Print who is here, or in a channel: nick, user name and host, account or away, real name."""

    def __init__(self, output: Output, session: ClientSession, mask: str) -> None:
        super().__init__(output, session)
        self._mask = mask
        self._asked = False
        self._rows = 0

    def heard(self, message: Message) -> None:
        """Take up the rows of the answer, before the session makes sentences of them."""
        if not self._asked or self._ended:
            return
        params = message.params
        if message.command == "352" and len(params) > 7:
            away = "away" if params[6].startswith("G") else "here"
            name = params[7].partition(" ")[2]
            row = (params[5], f"{params[2]}@{params[3]}", away, name)
            self._print("\t".join(visible(cell) for cell in row))
            self._rows += 1
        elif message.command == "315":
            self._end()
        elif message.command == numerics.ERR_NOSUCHCHANNEL.code:
            self._complain(f"there is no channel {self._mask}")
            self._end(ExitCode.NOT_LET_IN)
        self._end_if_refused(message, "WHO")

    def _settle(self) -> None:
        if self._session.registered and not self._asked:
            self._asked = True
            if self._session.state.features.is_channel(self._mask):
                # WHO of no channel lists nobody; this says that there is none.
                self._session.send("TOPIC", self._mask)
            self._session.send("WHO", self._mask)

    def _awaits(self) -> object:
        return ("rows", self._rows) if self._asked else "welcome"


def to_json(event: ChatMessage) -> str:
    """Return what somebody said as one JSON object in a line."""
    return json.dumps(as_object(event))


def as_object(event: ChatMessage) -> dict[str, str]:
    """Return what somebody said as the members of a JSON object."""
    return {
        "time": format_time(round(event.time * 1_000_000)),
        "target": event.room,
        "nick": event.nick,
        "kind": event.speech.value,
        "text": event.text,
    }
