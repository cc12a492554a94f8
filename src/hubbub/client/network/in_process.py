"""The client that runs inside the server: it is joined to the node without a socket.

What the node has for the client comes as the bytes that all sessions with the same capabilities
share; what a line means is found out once for all of them. What the client says goes to the node as
lines, which it reads as carefully as anybody's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from hubbub.client.events import ConnectionRefused, Event
from hubbub.client.session import ClientSession
from hubbub.irc.message import MalformedLine, Message, parse_text
from hubbub.transport.turns import Share, Turns

REMEMBERED: Final = 512
"""How many lines are remembered with what they mean."""
UNSENT: Final = 64 * 1024
"""Bytes that wait until the node reads on, past which the session keeps what it has to say."""
AT_ONCE: Final = 8
"""How many lines are taken at once: what people say. More, such as a long answer, have turns."""
HEARD: Final = 0.5
"""What part of the loop's time one session may take for those: more than for what it types, as
what is said in a busy room is not to lag. All sessions together have no more."""


class NodeEnd(Protocol):
    """The node's end of the joint: a connection."""

    def received(self, data: bytes) -> None:
        """Take whole lines of what the session says, as if they had come by a socket."""

    def writable(self) -> None:
        """Give what waits: `send` said False before, and the screen is ready again."""

    def closed(self, error: str | None) -> None:
        """Learn that the session has ended: for this reason, or None where it was in order."""


class Meanings:
    """Turn lines into messages, each line once for all sessions that get it."""

    def __init__(self) -> None:
        self._known: dict[bytes, Message | None] = {}

    def of(self, data: bytes) -> list[Message]:
        """Return the messages in some whole lines."""
        known = self._known
        found = []
        for line in data.split(b"\r\n"):
            if not line:
                continue
            try:
                message = known[line]
            except KeyError:
                if len(known) >= REMEMBERED:
                    known.clear()
                message = known[line] = _message(line)
            if message is not None:
                found.append(message)
        return found


def _message(line: bytes) -> Message | None:
    with suppress(MalformedLine):
        return parse_text(line.decode(errors="replace"))
    return None


class Screen(Protocol):
    """What shows the conversation."""

    @property
    def is_blocked(self) -> bool:
        """Say whether it can take no more now."""

    def show(self, events: list[Event]) -> None:
        """Show what happened; nothing may have, but the session has taken something up."""

    def over(self, reason: str) -> None:
        """Learn, once, that the conversation has ended: the node's reason, "" for none."""


class Inside:
    """Hold the conversation of one session with the node; for the node it is a link.

    A line may cost much to show, and thousands come in one answer. So of many at once only the
    first are taken, and the others in `turns`.

    While the screen is blocked, as it is since `blocked_since` if that is not 0, nothing more is
    taken, so what waits for it waits in the node's outbox, within its bounds; `unblock` goes on.
    For the node it is never stalled: somebody may have suspended it. The door counts such.
    """

    def __init__(
        self,
        session: ClientSession,
        screen: Screen,
        meanings: Meanings,
        open_sessions: set[Inside],
        turns: Turns,
    ) -> None:
        """Begin without a node; while it is open, it is among `open_sessions`."""
        self.session = session
        self.share = Share(HEARD)
        self._turns = turns
        # The next line stands last.
        self._untaken: list[bytes] = []
        self.heard: Callable[[Message], None] | None = None
        self.ticked: Callable[[], None] | None = None
        self._open_sessions = open_sessions
        self._screen = screen
        self._meanings = meanings
        self._loop = asyncio.get_running_loop()
        self._node: NodeEnd | None = None
        self.blocked_since = 0.0
        self._paused = False
        self._lines: list[bytes] = []
        self._octets = 0
        self._reason = ""
        self._ending = False
        self._ended = False

    # The client's end

    def begin(self, node: NodeEnd) -> None:
        """Let the session say its first lines; answers come from the loop's next turn on."""
        self._node = node
        self._open_sessions.add(self)
        self.session.connected(time.time())
        self.flush()

    def flush(self) -> None:
        """Hand over what the session has to say, in the loop's next turn, unless too much waits."""
        if self._octets > UNSENT or self._ending:
            return
        for message in self.session.take():
            line = message.encode()
            self._octets += len(line)
            if not self._lines:
                self._loop.call_soon(self._hand_over)
            self._lines.append(line)

    def tick(self) -> None:
        """Let time pass, about once a second; a fault in that ends this session only."""
        if self.blocked_since or self._ending:
            return
        try:
            self._show(self.session.tick(time.time()))
            self.flush()
            if self.ticked is not None:
                self.ticked()
        except Exception as error:
            self._fault(error)

    def unblock(self) -> None:
        """Take more: the screen is ready again."""
        if self.blocked_since and self._node is not None:
            self.blocked_since = 0.0
            if self._untaken:
                self._turns.add(self)
            else:
                self._node.writable()

    def quit(self, reason: str) -> None:
        """Say goodbye; the end follows when the node has told the others."""
        if self.session.registered:
            self.session.quit(reason)
            self.flush()
        else:
            self.abort()

    def suspend(self) -> str:
        """Return how a person suspends what runs on another machine."""
        return "to suspend ssh press Enter, ~ and Ctrl-Z"

    def hang_up(self, reason: str | None) -> None:
        """Leave without a word: the line to the person is gone."""
        self._ending = True
        self._finish(reason)

    def _hand_over(self) -> None:
        if self._paused or self._ended or self._node is None:
            return
        lines, self._lines = self._lines, []
        self._octets = 0
        self._node.received(b"".join(lines))
        self.flush()

    def _show(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, ConnectionRefused):
                self._reason = self._reason or event.reason
        self._screen.show(events)
        if self._reason and not self._ending:
            self._ending = True
            self._loop.call_soon(self._finish, None)

    # The node's end

    @property
    def unsent(self) -> int:
        """Say that something is kept: while the screen is blocked, and lines wait for turns."""
        return int(self.blocked_since > 0 or bool(self._untaken))

    @property
    def last_accepted(self) -> float:
        """Return when the screen took something last: it may take its time."""
        return self._loop.time()

    def send(self, data: bytes) -> bool:
        """Take lines for the session; False when `writable` will be called.

        A fault in taking or showing them ends this session, and is no concern of the node's, which
        is in the midst of telling others.
        """
        if self._ending:
            return True
        try:
            return self._take(data)
        except Exception as error:
            self._fault(error)
            return True

    def _fault(self, error: Exception) -> None:
        context = {"message": "a session inside the server failed", "exception": error}
        self._loop.call_exception_handler(context)
        self.abort()

    def _take(self, data: bytes) -> bool:
        if data.count(b"\r\n") > AT_ONCE:
            self._untaken = data.split(b"\r\n")[::-1]
            data = self._next_lines()
            # Not before the node has been told that it has to wait.
            self._loop.call_soon(self._turns.add, self)
        self._hear(data)
        return self._goes_on() and not self._untaken

    def _next_lines(self) -> bytes:
        lines = self._untaken[: -AT_ONCE - 1 : -1]
        del self._untaken[-AT_ONCE:]
        return b"\r\n".join(lines)

    def _hear(self, data: bytes) -> None:
        now = time.time()
        receive = self.session.receive
        events: list[Event] = []
        for message in self._meanings.of(data):
            if self.heard is not None:
                self.heard(message)
            events += receive(message, now)
        self._show(events)
        self.flush()

    def _goes_on(self) -> bool:
        if not self._screen.is_blocked:
            return True
        self.blocked_since = self.blocked_since or self._loop.time()
        return False

    def step(self) -> bool:
        """Take some of the lines that wait for their turns, and more when there are none left."""
        if self._ending or self.blocked_since or self._node is None:
            return False
        self._hear(self._next_lines())
        if not self._goes_on() or self._untaken:
            return not self.blocked_since
        self._node.writable()
        return False

    def failed(self, error: Exception) -> None:
        """End this session: a line could not be taken, or not be shown."""
        self._fault(error)

    def pause_reading(self) -> None:
        """Let what the session says wait."""
        self._paused = True

    def resume_reading(self) -> None:
        """Take what the session says again."""
        self._paused = False
        if self._lines:
            self._loop.call_soon(self._hand_over)

    def close(self, timeout: float = 0.0, last: bytes = b"") -> None:
        """Take the last word, and end; what is left of a long answer is not shown any more."""
        self._untaken.clear()
        self.send(last)
        self._ending = True
        self._loop.call_soon(self._finish, None)

    def abort(self) -> None:
        """End without a word to the node, once whoever is in the midst of a call has returned."""
        self._ending = True
        self._loop.call_soon(self._finish, None)

    def _finish(self, error: str | None) -> None:
        if self._ended:
            return
        self._ended = True
        self._open_sessions.discard(self)
        self._lines.clear()
        self._untaken.clear()
        if self._node is not None:
            self._node.closed(error)
        self._screen.over(self._reason)
