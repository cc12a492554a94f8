"""One peer: its bytes become commands, each of which waits its turn.

Only messages may follow each other without waiting; any other command waits until what the session
asked for before has been applied, so that answers keep their order. A connection that has to wait
keeps its lines; when they are too many it stops reading, and the peer's own system holds the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from hubbub.core.commands.messages.multiline import unreadable
from hubbub.core.deciding.context import Command
from hubbub.core.dispatch import COMMANDS, is_pipelined
from hubbub.core.policy.privileges import FLOOD_EXEMPT
from hubbub.core.world.session import Session
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.framing import LineBuffer, TooLong
from hubbub.irc.message import InvalidUTF8, MalformedLine, Message, parse, read_tags
from hubbub.node.entry.link import Link
from hubbub.node.limits.allowances import Allowance
from hubbub.node.limits.bounds import Bounds
from hubbub.node.limits.costs import Unreadable, cost_of, own_cost
from hubbub.node.sending.outbox import Outbox
from hubbub.node.sending.response import Response

_HTTP = re.compile(rb"[A-Z]{3,8} \S{1,2000} HTTP/\d")
HINT: Final = (
    "This is an IRC server. Begin with two lines: NICK yourname  and  USER yourname 0 * :You"
)


class Owner(Protocol):
    """What a connection asks of the node's sessions."""

    bounds: Bounds

    @property
    def server(self) -> str:
        """Return the server's name, the source of what is answered before there is a user."""

    @property
    def applied(self) -> int:
        """Return the seq up to which everybody has been told what happened."""

    def now(self) -> float:
        """Return the loop's time, in seconds: it never goes back and is no time of day."""

    def later(self, seconds: float, call: Callable[[], None]) -> object:
        """Call something after so many seconds; the connection may have ended by then."""

    def has_room(self, connection: Connection) -> bool:
        """Say whether the journal takes more; if not, the connection is told to `work` later."""

    @property
    def asked_for(self) -> int:
        """Return how many records have been asked for, counted from the start."""

    def has_settled(self, connection: Connection, asked_for: int) -> bool:
        """Say whether so many records are back; if not, the connection is told to `work` later."""

    @property
    def is_read_only(self) -> bool:
        """Say whether records do not come back for now, and no more are asked for."""

    def has_turn(self, connection: Connection) -> bool:
        """Say whether it may carry out one more command now; if not, it is told to `work` later."""

    def allowance(self, connection: Connection) -> Allowance | None:
        """Return how fast may be sent by whoever a connection is now; None for any speed."""

    def execute(self, connection: Connection, message: Message) -> None:
        """Have a command decided on, and what it asks for carried out; its turn has come."""

    def flush_soon(self) -> None:
        """Write what was queued at the end of this tick."""

    def gone(self, connection: Connection, reason: str) -> None:
        """Learn, once, that a connection has ended, and why: its session is to be ended, too."""

    def read_again(self, connection: Connection, seqs: list[int]) -> None:
        """Read the entries that a slow connection was to be delivered."""

    def close(self, connection: Connection, reason: str) -> None:
        """Say ERROR to a connection and close it."""


def _octets(line: bytes | TooLong) -> int:
    """Return how much of the input's bound a waiting line takes up."""
    return 1 + len(line.tags) if isinstance(line, TooLong) else len(line)


class Connection:
    """Join a stream to a session; its owner carries out its commands.

    `in_flight` counts this session's records on their way through the journal. `checking` is set
    while a command waits for a password check or the archive, and `checked_seconds` is how long the
    former took in all. `heard` and `pinged` are loop times: when bytes last came, and when a PING
    went out that is unanswered (0 if none). `told` is the last seq that had been applied when bytes
    last came, `broken` is set where the stream ended by an error. `door` is the kind of door that
    it came by. `paused` is set while reading
    pauses. `closing` is set once nothing more is read, `ended` once the stream is closed. `entered`
    is called, once, when the session has a user. `received_bytes` counts what has come, `slowed`
    how often it came faster than allowed.
    """

    __slots__ = (
        "_allowance",
        "_awaited",
        "_buffer",
        "_charged",
        "_greeted",
        "_held",
        "_lines",
        "_octets",
        "_owner",
        "_pipelining",
        "_slowed",
        "_working",
        "address",
        "broken",
        "checked_seconds",
        "checking",
        "closing",
        "door",
        "ended",
        "entered",
        "heard",
        "in_flight",
        "opened",
        "outbox",
        "paused",
        "pinged",
        "received_bytes",
        "responses",
        "session",
        "slowed",
        "stream",
        "told",
    )

    def __init__(self, owner: Owner, stream: Link, session: Session, address: str) -> None:
        self.stream = stream
        self.session = session
        self.address = address
        self.door = ""
        self._allowance: Allowance | None = None
        self._charged: str | None = None
        self.opened = self.heard = owner.now()
        self.pinged = 0.0
        self.told = owner.applied
        self.broken = False
        self.checking = 0
        self.checked_seconds = 0.0
        self.closing = False
        self.ended = False
        self.entered: Callable[[], None] | None = None
        self.in_flight = 0
        self.responses: dict[int, Response] = {}
        self.outbox: Outbox
        self._owner = owner
        self._buffer = LineBuffer(owner.bounds.line_bytes, owner.bounds.tags_bytes)
        # The next line stands last: a list is a tenth of a deque, and mostly empty.
        self._lines: list[bytes | TooLong] = []
        self._octets = 0
        self._held: Message | Unreadable | None = None
        self._awaited: int | None = None
        self._greeted = False
        self.paused = False
        self._pipelining = False
        self._slowed = False
        self._working = False
        self.received_bytes = self.slowed = 0

    def accept_lines(self, octets: int) -> None:
        """Take lines of another length than the bound, from the first line on."""
        self._buffer = LineBuffer(octets, self._owner.bounds.tags_bytes)

    def enter(self) -> None:
        """Tell the door, once, that the session has a user: it is one of those outside no more."""
        entered, self.entered = self.entered, None
        if entered is not None:
            entered()

    # What the stream tells

    def received(self, data: bytes) -> None:
        """Take bytes as they arrived: parts of lines wait for the rest, lines for their turn."""
        self.heard = self._owner.now()
        self.pinged = 0.0
        self.told = self._owner.applied
        self.received_bytes += len(data)
        lines = self._buffer.feed(data)
        self._octets += sum(map(len, lines))
        lines.reverse()
        self._lines[:0] = lines
        self.work()

    def writable(self) -> None:
        """Send what has waited since the stream kept some of it."""
        self.outbox.writable()
        self.outbox.flush()
        self._owner.flush_soon()

    def closed(self, error: str | None) -> None:
        """Learn that the connection has ended."""
        self.ended = True
        self.broken = error is not None
        self._lines.clear()
        self._held = None
        self.outbox.end()
        self._owner.gone(self, error or "Connection closed")

    @property
    def may_have_missed(self) -> bool:
        """Say whether something that was sent may not have arrived: then `told` is what is sure."""
        return bool(self.pinged or self.broken or self.stream.unsent or self.outbox.is_behind)

    # What the outbox asks

    def read_again(self, seqs: list[int]) -> None:
        """Read the entries with these seqs and give them to the outbox."""
        self._owner.read_again(self, seqs)

    def missed(self, count: int) -> bytes:
        """Return the notice that tells how many messages were passed over."""
        text = f"You were behind: {count} messages were not shown here; the history may have them"
        return Message("NOTICE", ("*", text), self._owner.server).encode()

    def caught_up(self) -> None:
        """Let the input go on, at the loop's next turn."""
        self._owner.later(0, self.work)

    # Taking turns

    def work(self) -> None:
        """Carry out the commands that have come, as far as they may go on."""
        if self._working or not (self._lines or self._held):
            return
        self._working = True
        try:
            while self._has_more and self._owner.has_turn(self):
                message = self._held or self._next()
                self._held = message
                if message is None or self._must_wait(message):
                    break
                self._held = self._awaited = None
                self._execute(message)
        finally:
            self._working = False
        self._pace()

    @property
    def _has_more(self) -> bool:
        return bool(self._held or self._lines) and not (self.closing or self.ended)

    def charge(self, cost: float) -> None:
        """Take so much of the flood allowance for what has been done; what follows waits for it."""
        if self._allowance is not None:
            self._allowance.charge(cost)

    def renew_allowance(self) -> None:
        """Ask again what may be sent: the settings are others."""
        self._charged = None

    def _execute(self, message: Message | Unreadable) -> None:
        if isinstance(message, Unreadable):
            label = unreadable(self.session, message.tags)
            tags = {"label": label} if label else {}
            self._tell(message.answer._replace(tags=tags))
            return
        before = self.in_flight
        self._owner.execute(self, message)
        # A command with many targets costs as much as many commands.
        records = self.in_flight - before
        if records > 1:
            self.charge((records - 1) * own_cost(COMMANDS.get(message.command)))

    def _must_wait(self, message: Message | Unreadable) -> bool:
        if self.checking or self.outbox.is_behind or not self._owner.has_room(self):
            return True
        command, pipelined = None, False
        if isinstance(message, Message):
            command = COMMANDS.get(message.command)
            pipelined = is_pipelined(command, message)
        is_busy = self.in_flight and (
            not (pipelined and self._pipelining)
            or self.in_flight >= self._owner.bounds.session_records
        )
        # What is on its way may stay there for long: then one may read what there is.
        if is_busy and not self._owner.is_read_only:
            return True
        if command is not None and command.settles and not self._has_settled():
            return True
        self._pipelining = pipelined
        return self._too_fast(command, message)

    def _has_settled(self) -> bool:
        """Say whether everything is back that was asked for when the next command was met.

        While nothing comes back that is what can be known, but for who takes the answer for what
        the echo tells others: that what was said before is kept.
        """
        owner = self._owner
        if owner.is_read_only and (not self.in_flight or self.session.has(cap.ECHO_MESSAGE)):
            return True
        if self._awaited is None:
            self._awaited = self._owner.asked_for
        return self._owner.has_settled(self, self._awaited)

    def _too_fast(self, command: Command | None, message: Message | Unreadable) -> bool:
        session = self.session
        if self._charged != session.account:
            # What has been used by a guest is not paid for by the account that it logs in to.
            self._charged = session.account
            self._allowance = self._owner.allowance(self)
        if self._allowance is None:
            return False
        if session.user is not None:
            session.user.acting = session.id
            if session.user.holds(FLOOD_EXEMPT):
                return False
        if self._slowed:
            return True
        cost = cost_of(command, message, session.batch is not None)
        delay = self._allowance.delay(cost, self._owner.now())
        if delay:
            self._slowed = True
            self.slowed += 1
            self._owner.later(delay, self._resume)
        return delay > 0

    def _resume(self) -> None:
        self._slowed = False
        if not self.ended:
            self.work()

    def _pace(self) -> None:
        """Stop reading while too much waits, and read again when it has been worked off."""
        if self.ended or self.closing or not (self._octets or self.paused):
            return
        bound = self._owner.bounds.input_bytes
        if not self.paused and self._octets > bound:
            self.paused = True
            self.stream.pause_reading()
            if self._slowed and self._held is not None:
                text = "You are sending faster than allowed; the rest waits"
                command = self._held.command if isinstance(self._held, Message) else "*"
                self._tell(self._failure(command, "RATE_LIMITED", text))
        elif self.paused and self._octets <= bound // 2:
            self.paused = False
            self.stream.resume_reading()

    # Lines

    def _next(self) -> Message | Unreadable | None:
        """Return the next line as a message, or as what answers a line that is none."""
        while self._lines and not self.closing:
            line = self._lines.pop()
            self._octets -= len(line)
            if isinstance(line, TooLong):
                return self._too_long(read_tags(line.tags))
            if not self._greeted and not self._greets(line):
                continue
            try:
                return parse(line)
            except InvalidUTF8 as broken:
                failure = self._failure(broken.command, "INVALID_UTF8", "A message must be UTF-8")
            except MalformedLine as error:
                failure = self._failure("*", "INVALID_MESSAGE", str(error))
            return Unreadable(failure, read_tags(line))
        return None

    def _greets(self, line: bytes) -> bool:
        """Look at the first line: is it a browser's, a person's with nc, or a client's?"""
        self._greeted = True
        if _HTTP.match(line):
            self.closing = True
            self.stream.close()
            return False
        word = line.split(b" ", 1)[0].upper().decode(errors="replace")
        if word not in COMMANDS and not line.startswith((b"@", b":")):
            self._tell(Message("NOTICE", ("*", HINT), self._owner.server))
        return True

    def _too_long(self, tags: Mapping[str, str]) -> Unreadable | None:
        if not self._greeted:
            # A browser's request with a long address looks so, and what comes after it is not ours.
            self._owner.close(self, "The first line is too long")
            return None
        numeric = numerics.ERR_INPUTTOOLONG
        params = (self.session.shown_nick, numeric.text)
        return Unreadable(Message(numeric.code, params, self._owner.server), tags)

    def _failure(self, command: str, code: str, text: str) -> Message:
        # What is no command may be anything, and is not repeated.
        shown = command if command in COMMANDS else "*"
        return Message("FAIL", (shown, code, text), self._owner.server)

    def _tell(self, message: Message) -> None:
        self.outbox.answer(message.encode())
        self._owner.flush_soon()
