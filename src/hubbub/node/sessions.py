"""The sessions of this node: how they come, what they share, how they are written to and go."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from hubbub.core.apply.users import stays
from hubbub.core.deciding.context import CommandContext, Context, Surroundings, signed
from hubbub.core.policy.policy import Policy
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import AnyRecord, Draft, Entry
from hubbub.core.records.users import Disconnected
from hubbub.core.showing.capabilities import news
from hubbub.core.world.failed_logins import FailedLogins
from hubbub.core.world.session import Session
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from hubbub.journal.port import Journal
from hubbub.node.auth.secret_checks import SecretChecks
from hubbub.node.backlog import Backlog
from hubbub.node.connection import Connection
from hubbub.node.departures import Departures
from hubbub.node.entry.link import Link
from hubbub.node.limits.allowances import Allowance, Allowances
from hubbub.node.limits.bounds import Bounds
from hubbub.node.limits.guard import Guard
from hubbub.node.limits.rounds import CommandRounds
from hubbub.node.limits.slices import Slices, Steps
from hubbub.node.monitoring.tally import Tally
from hubbub.node.monitoring.troubles import Troubles
from hubbub.node.peers.idle import LastSaid
from hubbub.node.roster import Roster
from hubbub.node.sending.outbox import Outbox
from hubbub.node.sending.response import Response
from hubbub.transport.budget import budget_of

GATHER_SECONDS: Final = 0.02
"""How long what is told waits for more while many connections end."""
COMMIT_SECONDS: Final = 0.02
"""How long answers wait at most until a commit is applied, whose news go to each in one write."""

STOPPING: Final = "Server is stopping"
"""Why connections are closed when the node stops."""

_log = structlog.get_logger(__name__)


class Sessions:
    """Hold this node's connections and what all of them are measured by: World, policy, bounds.

    `own` is the session that the node's own records come from, number 0 of its life. `clock` shows
    the time that the journal gives to entries. `execute` carries a command out, `read_again` reads
    what a slow connection was to be delivered. In `applying` what comes back from the journal is
    applied: what needs a World that stays as it is takes its turn there. `is_stopping` and
    `is_broken` are set when the node stops, or its journal broke; `is_draining` from when on it
    takes in nobody any more, since it is about to stop. While the order of all nodes is not reached
    it has no `has_quorum`, and after a while `is_read_only` (hubbub.node.peers).
    """

    is_draining = False
    is_stopping = False
    is_broken = False
    is_read_only = False
    has_quorum = True

    def __init__(
        self,
        own: SessionId,
        world: World,
        policy: Policy,
        bounds: Bounds,
        journal: Journal,
        secret_checks: SecretChecks,
        clock: Callable[[], int],
        execute: Callable[[Connection, Message], None],
        read_again: Callable[[Connection, list[int]], None],
    ) -> None:
        self.own = own
        self.world = world
        self.policy = policy
        self.bounds = bounds
        self.journal = journal
        self.secret_checks = secret_checks
        self.clock = clock
        self.execute = execute
        self.read_again = read_again
        self.roster = Roster()
        self.guard = Guard()
        self.troubles = Troubles()
        self.troubles.ask(journal.troubles)
        self.troubles.mention(self.guard.status)
        self.failed_logins = FailedLogins()
        self.last_said = LastSaid(world, self.seconds())
        self._surroundings = Surroundings(self._idle, self.troubles.shown, self.failed_logins)
        self.tally = Tally()
        self._loop = asyncio.get_running_loop()
        self.budget = budget_of(self._loop)
        self.backlog = Backlog(journal, self._loop.call_soon)
        self.applying = self.slices()
        self._writing = self.slices()
        self._adopting = self.slices()
        self.departures = Departures(self._loop, self.backlog, self.append_end, self.slices())
        self._allowances = Allowances()
        self._rounds = CommandRounds(self._loop.call_soon, share=self.budget.share)
        self._came = self._own_requests = 0
        self._open: set[Connection] = set()
        self._closed = asyncio.Event()
        self._flushing = False

    @property
    def server(self) -> str:
        """Return the server's name."""
        return self.policy.server

    @property
    def is_ending(self) -> bool:
        """Say whether the node takes no more records: it stops, or its journal broke."""
        return self.is_stopping or self.is_broken

    @property
    def applied(self) -> int:
        """Return the seq up to which everybody has been told what happened."""
        return self.world.applied

    def now(self) -> float:
        """Return the loop's time."""
        return self._loop.time()

    def seconds(self) -> int:
        """Return the time in seconds since 1970."""
        return self.clock() // 1_000_000

    def later(self, seconds: float, call: Callable[[], None]) -> object:
        """Call something after a while."""
        return self._loop.call_later(seconds, call)

    def slices(self) -> Slices:
        """Return the slices of a kind of work that may be long."""
        return Slices(self._loop.call_soon, held=self._held, share=self.budget.share)

    def _held(self, what: object, seconds: float) -> None:
        """Tell the guard what held the loop; for an entry also who asked for it."""
        if isinstance(what, Entry):
            asker = self.roster.connections.get(what.record.origin.session)
            self.guard.held(type(what.record).__name__, seconds, asker)
        else:
            self.guard.held(str(what), seconds)

    def adopt(self, policy: Policy, bounds: Bounds) -> None:
        """Go on under other settings, and tell who asked for it what is offered otherwise now."""
        before, self.policy = self.policy, policy
        self.bounds = bounds
        self._adopting.do(self._adopt(before, policy))

    def _adopt(self, before: Policy, policy: Policy) -> Steps:
        for connection in self.roster.everybody():
            connection.renew_allowance()
            session = connection.session
            if session.has(cap.CAP_NOTIFY) and (words := news(before, policy, session)):
                params = (session.shown_nick, "NEW", " ".join(words))
                connection.outbox.tell(Message("CAP", params, self.server).encode())
            yield
        self.flush_soon()

    # Coming

    def connect(
        self,
        stream: Link,
        address: str,
        host: str,
        secure: bool,
        certfp: str = "",
        screen: bool = False,
    ) -> Connection:
        """Take a new connection; the caller attaches it to its stream.

        On a `screen` less waits, and of what was missed the newest is shown.
        """
        self._came += 1
        session_id = SessionId(self.own.node, self.own.epoch, self._came)
        session = Session(session_id, host, secure, certfp=certfp)
        connection = Connection(self, stream, session, address)
        bounds, boxes = self.bounds, self.roster.dirty_boxes
        budget, seqs = (
            (bounds.screen_bytes, bounds.screen_seqs)
            if screen
            else (bounds.outbox_bytes, bounds.cursor_seqs)
        )
        connection.outbox = Outbox(stream, budget, seqs, boxes, connection, newest=screen)
        self.roster.connections[session.id] = connection
        self._open.add(connection)
        return connection

    def not_registered(self, connection: Connection) -> None:
        """Learn that a session which was about to become a user has not."""
        session = connection.session
        if session.user is None:
            session.registering = False
            if connection.ended:
                self.roster.ended(session.id)

    def login_failed(self, connection: Connection, account: str) -> str:
        """Count, and log, that something given as proof of an account (folded, or "") was wrong.

        Return the account's name, "" where there is none such.
        A name that is no account's is not logged: it may be a password in the wrong place.
        """
        found = self.world.account(account) if account else None
        name = found.name if found is not None else ""
        self.failed_logins.failed(name, connection.door, self.seconds())
        named = {"account": name} if name else {}
        _log.warning("login failed", address=connection.address, door=connection.door, **named)
        return name

    # Their turn

    def has_room(self, connection: Connection) -> bool:
        """Say whether the journal takes more; if not, the connection is told to `work` later."""
        if self.is_ending:
            return False
        # Nothing more is asked for while it is read-only, so what is on its way holds up nobody.
        return self.backlog.has_room(connection, self.bounds.records) or self.is_read_only

    @property
    def asked_for(self) -> int:
        """Return how many records have been asked for, counted from the start."""
        return self.backlog.asked_for

    def has_settled(self, connection: Connection, asked_for: int) -> bool:
        """Say whether so many records are back; if not, the connection is told to `work` later."""
        return self.backlog.has_settled(connection, asked_for)

    def has_turn(self, connection: Connection) -> bool:
        """Say whether it may carry out one more command now; if not, it is told to `work` later."""
        return self._rounds.has_turn(connection)

    def allowance(self, connection: Connection) -> Allowance | None:
        """Return how fast may be sent by whoever a connection is now; None for any speed."""
        policy, account = self.policy, connection.session.account
        if policy.flood is None:
            return None
        exempt = not policy.proxies
        now, address = self.now(), connection.address
        return self._allowances.of(policy.flood, account, address, exempt, now)

    def context(self, connection: Connection) -> Context:
        """Return what is at hand when something is decided for a session."""
        return Context(
            self.world,
            connection.session,
            self.policy,
            self.clock(),
            self._surroundings,
        )

    def command_context(self, connection: Connection, message: Message) -> CommandContext:
        """Return what a command has at hand."""
        return CommandContext(
            self.world,
            connection.session,
            self.policy,
            self.clock(),
            self._surroundings,
            message,
        )

    def _idle(self, user: User) -> int | None:
        """Return for how many seconds a user has said nothing; None where nobody is there."""
        said = [connection.session.last_said for connection in self.roster.sessions_of(user)]
        elsewhere = self.last_said.of(user, self.own.node)
        if elsewhere is not None:
            said.append(elsewhere)
        return max(0, self.seconds() - max(*said, user.connected)) if said else None

    def finish(self, connection: Connection, response: Response) -> None:
        """Send the answer to a labelled command that is over."""
        del connection.responses[response.request]
        chunks = response.chunks(self.server, f"l{response.request:x}")
        if response.place is not None:
            connection.outbox.fulfil(response.place, b"".join(chunks))
        elif response.is_long:
            connection.outbox.produce(chunks)
        else:
            connection.outbox.answer(b"".join(chunks))

    # Writing to them

    def flush_soon(self) -> None:
        """Write what was queued at the end of this tick."""
        if not self._flushing:
            self._flushing = True
            # What thousands are being told goes to each in few writes.
            if self.applying.is_busy:
                self._loop.call_later(COMMIT_SECONDS, self._write)
            elif self.departures.are_many:
                self._loop.call_later(GATHER_SECONDS, self._write)
            else:
                self._loop.call_soon(self._write)

    def flush(self) -> None:
        """Write what was queued, now unless there will be more of it in a moment."""
        if self.departures.are_many:
            self.flush_soon()
        else:
            self._write()

    def _write(self) -> None:
        self._flushing = False
        if not self._writing.is_busy:
            self._writing.do(self.roster.flush())

    # Going

    def gone(self, connection: Connection, reason: str) -> None:
        """Learn that a connection has ended: its session ends as soon as the journal has it."""
        self._open.discard(connection)
        self._closed.set()
        self.roster.deafen(connection)
        self.secret_checks.gone(connection)
        session = connection.session
        if session.user is not None and session.scope != CONSOLE:
            self.departures.add(connection, reason)
        elif not session.registering:
            self.roster.ended(session.id)

    def append_end(self, connection: Connection, reason: str) -> None:
        """Ask for the record that ends a connection's session, if it is a user's."""
        session = connection.session
        user = session.user
        if user is None or session.scope == CONSOLE or session.leaving:
            return
        if self.is_ending or session.id.epoch != self.own.epoch:
            # A stopping node ends all its sessions at once (NodeStopped), and so does a lost one.
            return
        session.leaving = True
        session.requests += 1
        origin = Origin(session.id, session.requests)
        # Who stays in its channels has not quit in their histories.
        goes = len(user.sessions) == 1 and not stays(self.world, user)
        histories = self.world.histories(user) if goes else ()
        connection.in_flight += 1
        told = connection.told if connection.may_have_missed else 0
        end = Disconnected(origin, user.source, reason, histories, told=told)
        self.journal.append(Draft(signed(end, user)))

    def leave(self, connection: Connection, reason: str) -> None:
        """End a session that asked for it, and close its connection when others have been told.

        So whoever sees the connection end finds that the user is gone, unless that cannot be told
        now.
        """
        self.append_end(connection, reason)
        if not connection.session.leaving or self.is_read_only:
            self.close(connection, reason)

    def close(self, connection: Connection, reason: str) -> None:
        """Say ERROR to a connection and close it."""
        if connection.closing or connection.ended:
            return
        connection.closing = True
        connection.outbox.finish()
        host = connection.session.host
        error = Message("ERROR", (f"Closing link: {host} ({reason})",)).encode()
        connection.stream.close(last=error)
        self.append_end(connection, reason)

    def fault(self, connection: Connection, command: str) -> None:
        """Keep a fault of ours from others: only the connection that met it is closed."""
        _log.exception("a command failed", command=command)
        self.close(connection, "Internal error; the server's log says more")

    async def stop(self, seconds: float) -> None:
        """Close all connections, and cut after so many seconds those that are open still."""
        told = asyncio.Event()
        self.slices().do(self._close_all(told.set))
        await told.wait()
        await self.emptied(seconds)
        for connection in list(self._open):
            connection.stream.abort()

    def _close_all(self, over: Callable[[], None]) -> Steps:
        try:
            yield from self._close_each(list(self.roster.connections.values()), STOPPING)
        finally:
            # Whatever is met on the way, the stop goes on.
            over()

    def close_each(self, connections: Sequence[Connection], reason: str) -> None:
        """Close connections once what has come back by now is applied, and told."""
        self.applying.do(self._close_each(connections, reason))

    def _close_each(self, connections: Sequence[Connection], reason: str) -> Steps:
        for connection in connections:
            self.close(connection, reason)
            yield

    async def emptied(self, seconds: float) -> None:
        """Wait until no connection is open, so many seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open:
                    self._closed.clear()
                    await self._closed.wait()

    @property
    def open_connections(self) -> int:
        """Return how many connections have not ended, those of the control socket included."""
        return len(self._open)

    def turn_away(self, text: str) -> None:
        """Take in nobody any more: tell who is here why, and close who is not in yet."""
        self.is_draining = True
        self._adopting.do(self._turn_away(text))

    def _turn_away(self, text: str) -> Steps:
        for connection in list(self.roster.connections.values()):
            session = connection.session
            if connection.ended or connection.closing:
                pass
            elif session.user is None:
                self.close(connection, text)
            elif session.scope != CONSOLE:
                notice = Message("NOTICE", (session.shown_nick, text), self.server)
                connection.outbox.tell(notice.encode())
            yield
        self.flush_soon()

    # The node itself

    def append(self, make: Callable[[Origin], AnyRecord]) -> None:
        """Ask for a record of the node's own."""
        self._own_requests += 1
        self.journal.append(Draft(make(Origin(self.own, self._own_requests))))
