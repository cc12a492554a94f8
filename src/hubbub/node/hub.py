"""The hub owns the World: it has commands decided on, records kept, and what follows carried out.

    connection -> execute -> dispatch -> Append -> journal
    journal -> committed -> apply -> outcomes -> outboxes -> one write per socket per tick

Nothing is shown to anybody before the journal has it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import structlog

from hubbub.core import effects as fx
from hubbub.core import snapshot
from hubbub.core.apply.users import stays
from hubbub.core.context import Context, signed
from hubbub.core.dispatch import COMMANDS, dispatch
from hubbub.core.expiry import expired
from hubbub.core.failed_logins import FailedLogins
from hubbub.core.offers import news
from hubbub.core.policy import Policy
from hubbub.core.records import AnyRecord, Disconnected, Draft, Entry, Origin, SessionId
from hubbub.core.scopes import CONSOLE
from hubbub.core.session import Session
from hubbub.core.state import User
from hubbub.core.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from hubbub.journal.port import Archive, Journal, JournalError, JournalFull
from hubbub.journal.steady import wall_clock
from hubbub.node.allowances import Allowance, Allowances
from hubbub.node.bounds import Bounds
from hubbub.node.connection import Connection, Link
from hubbub.node.guard import LONG_SECONDS, Guard
from hubbub.node.history import HistoryReader
from hubbub.node.outbox import Outbox
from hubbub.node.proofs import Proofs
from hubbub.node.replay import Replays
from hubbub.node.requests import Requests
from hubbub.node.response import Response
from hubbub.node.retention import Retention
from hubbub.node.returns import Returns
from hubbub.node.roster import Roster
from hubbub.node.slices import Slices, Steps
from hubbub.node.troubles import Troubles

GATHER_SECONDS: Final = 0.02
"""How long answers wait at most while much that came back at once is being applied."""
GO_TOGETHER_SECONDS: Final = 0.05
"""How long is waited, when many go, for others to go at the same moment: none of those is to be
told of the others."""
GO_ALONE: Final = 4
"""How many may go within GO_TOGETHER_SECONDS and be seen to be gone at once."""
GATHERINGS: Final = 10
"""How often that is waited again, while more go."""
ENDS_AT_ONCE: Final = 100
"""How many ended sessions are handed to the journal between two of its commits: what others say
stands in the same queue. Of thousands who vanish the last are seen to be gone so much later."""
EXPIRED_AT_ONCE: Final = 500
"""How many masks and stays end at one look; the others hold until one of the next, some seconds
later. So whoever lets many end at one moment does not fill the journal with them."""
SNAPSHOT_CHANGES: Final = 2_000
"""After how many state records the World is stored again, if it is small."""
SNAPSHOT_SHARE: Final = 4
"""A large World is stored again after records for one in so many of what it holds. Storing 100,000
accounts takes 0.2 to 0.5 s, for which what is said waits, and so is not to happen often; a start
replays what came after, which takes it about as long as reading what was stored."""

_log = structlog.get_logger(room="hub")
_logins = structlog.get_logger(room="logins")


class Hub:
    """Own the World and this node's connections.

    `broken` is called once, with the reason, when the journal can no longer be trusted, as
    `is_broken` says from then on; the node has to stop then. `reload` reads the settings
    again and tells in sentences what came of it, `mail` sends an e-mail, `clock` shows the time
    that the journal gives to entries.
    """

    def __init__(
        self,
        world: World,
        policy: Policy,
        bounds: Bounds,
        journal: Journal,
        archive: Archive,
        proofs: Proofs,
        node: int,
        epoch: int,
        broken: Callable[[str], None],
        reload: Callable[[], Sequence[str]],
        mail: Callable[[fx.Mail], None],
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        self.world = world
        self.policy = policy
        self.bounds = bounds
        self.journal = journal
        self.roster = Roster()
        self.reload = reload
        self.mail = mail
        self.clock = clock
        self.troubles = Troubles()
        self.troubles.ask(journal.troubles)
        self.proofs = proofs
        self.failed_logins = FailedLogins()
        self.history = HistoryReader(self, archive)
        self.replays = Replays(self, archive)
        self._loop = asyncio.get_running_loop()
        self._retention = Retention(self, archive)
        self.requests = Requests(self)
        self._node, self._epoch, self._sessions = node, epoch, 0
        self._broken = broken
        self.is_broken = False
        self._own_requests = 0
        self._progress = asyncio.Event()
        # What a start has replayed counts, or it would be replayed after the next kill as well.
        self._stored_changes = 0
        self._stopping = False
        self._open: set[Connection] = set()
        self._allowances = Allowances()
        self._flushing = False
        self._gone: deque[tuple[Connection, str]] = deque()
        self._are_gathered = False
        # When the last went, and how many within GO_TOGETHER_SECONDS of each other.
        self._went, self._together = 0.0, 0
        self.guard = Guard()
        self.troubles.mention(self.guard.status)
        self._ending = Slices(self._loop.call_soon, held=self.guard.held)
        self._writing = Slices(self._loop.call_soon, held=self.guard.held)
        self._returns = Returns(self, self._loop.call_soon)

    @property
    def server(self) -> str:
        """Return the server's name."""
        return self.policy.server

    @property
    def is_ending(self) -> bool:
        """Say whether the node takes no more records: it stops, or its journal broke."""
        return self._stopping or self.is_broken

    @property
    def applied(self) -> int:
        """Return the seq up to which everybody has been told what happened."""
        return self.world.applied

    def now(self) -> float:
        """Return the loop's time."""
        return self._loop.time()

    def progressed(self) -> None:
        """Let those go on who wait until all has been applied, or all are gone."""
        self._progress.set()
        if self._ends_many and not self._ending.is_busy:
            self._ending.do(self._end_gone())

    def seconds(self) -> int:
        """Return the time in seconds since 1970."""
        return self.clock() // 1_000_000

    def later(self, seconds: float, call: Callable[[], None]) -> object:
        """Call something after a while."""
        return self._loop.call_later(seconds, call)

    # Connections

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
        self._sessions += 1
        session_id = SessionId(self._node, self._epoch, self._sessions)
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

    def read_again(self, connection: Connection, seqs: list[int]) -> None:
        """Read the entries that a slow connection was to be delivered."""
        self.history.read_again(connection, seqs)

    def gone(self, connection: Connection, reason: str) -> None:
        """Learn that a connection has ended: its session ends as soon as the journal has it."""
        self._open.discard(connection)
        self._progress.set()
        self.roster.deafen(connection)
        self.proofs.gone(connection)
        session = connection.session
        if session.user is None or session.scope == CONSOLE:
            if not session.registering:
                self.roster.ended(session.id)
            return
        self._gone.append((connection, reason))
        now = self.now()
        self._together = self._together + 1 if now - self._went < GO_TOGETHER_SECONDS else 1
        self._went = now
        if len(self._gone) == 1:
            self._are_gathered = False
            delay = GO_TOGETHER_SECONDS if self._together > GO_ALONE else 0.0
            self._loop.call_later(delay, self._gather_gone, 1, GATHERINGS)

    def _gather_gone(self, known: int, times: int) -> None:
        """Begin to end sessions when no more connections end, or some time has passed."""
        if self._together > GO_ALONE and len(self._gone) > known and times:
            more = len(self._gone), times - 1
            self._loop.call_later(GO_TOGETHER_SECONDS, self._gather_gone, *more)
            return
        self._are_gathered = True
        self._ending.do(self._end_gone())

    def _end_gone(self) -> Steps:
        """End the sessions of some connections that have ended; others when those are applied."""
        for _ in range(min(ENDS_AT_ONCE, len(self._gone))):
            connection, reason = self._gone.popleft()
            if connection.session.user is not None:
                self.append_end(connection, reason)
            yield
        if not self._returns.on_their_way:
            # Nothing comes back that would let the others go on.
            self._loop.call_soon(self.progressed)

    def not_registered(self, connection: Connection) -> None:
        """Learn that a session which was about to become a user has not."""
        session = connection.session
        if session.user is None:
            session.registering = False
            if connection.ended:
                self.roster.ended(session.id)

    def login_failed(self, connection: Connection, account: str) -> None:
        """Count, and log, that something given as proof of an account (folded, or "") was wrong.

        A name that is no account's is not logged: it may be a password in the wrong place.
        """
        found = self.world.account(account) if account else None
        name = found.name if found is not None else ""
        self.failed_logins.failed(name, connection.door, self.clock() // 1_000_000)
        named = {"account": name} if name else {}
        _logins.warning("login failed", address=connection.address, door=connection.door, **named)

    def append_end(self, connection: Connection, reason: str) -> None:
        """Ask for the record that ends a connection's session."""
        session = connection.session
        user = session.user
        assert user is not None
        # A stopping node ends all its sessions at once, when it starts again (NodeStarted).
        if session.leaving or self.is_ending:
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

        So whoever sees the connection end finds that the user is gone.
        """
        session = connection.session
        if session.user is not None and session.scope != CONSOLE:
            self.append_end(connection, reason)
        if not session.leaving:
            self.close(connection, reason)

    def close(self, connection: Connection, reason: str) -> None:
        """Say ERROR to a connection and close it."""
        if connection.closing or connection.ended:
            return
        connection.closing = True
        connection.outbox.drain()
        host = connection.session.host
        error = Message("ERROR", (f"Closing link: {host} ({reason})",)).encode()
        connection.stream.close(last=error)
        session = connection.session
        if session.user is not None and session.scope != CONSOLE:
            self.append_end(connection, reason)

    # The node itself

    def append(self, make: Callable[[Origin], AnyRecord]) -> None:
        """Ask for a record of the node's own."""
        self._own_requests += 1
        origin = Origin(SessionId(self._node, self._epoch, 0), self._own_requests)
        self.journal.append(Draft(make(origin)))

    def take_away_expired(self) -> None:
        """Ask for the records that take away what is over by now, and let go of what is old."""
        if not self.is_ending:
            now, stay = self.seconds(), self.policy.stay_seconds
            over = expired(self.world, self.server, now, stay)
            for make in list(islice(over, EXPIRED_AT_ONCE)):
                self.append(make)
            self._retention.sweep_if_due()

    async def settle(self) -> None:
        """Wait until all that was asked for, and who has gone, is applied, or the journal broke."""
        while (self._gone or self._returns.on_their_way) and not self.is_broken:
            self._progress.clear()
            await self._progress.wait()

    def adopt(self, policy: Policy, bounds: Bounds) -> None:
        """Go on under other settings, and tell who asked for it what is offered otherwise now."""
        before, self.policy = self.policy, policy
        self.bounds = bounds
        for connection in self.roster.connections.values():
            connection.renew_allowance()
            session = connection.session
            if session.has(cap.CAP_NOTIFY) and (words := news(before, policy, session)):
                params = (session.shown_nick, "NEW", " ".join(words))
                connection.outbox.tell(Message("CAP", params, self.server).encode())
        self.flush_soon()

    def store_snapshot(self) -> None:
        """Store the World with the next commit, once what has come back is applied."""
        self._stored_changes = self.world.changes
        self._returns.slices.do(self._encode_snapshot())

    def _encode_snapshot(self) -> Steps:
        """Encode the World in slices; what comes back meanwhile waits in the same queue."""
        for data in snapshot.encoding(self.world):
            if data:
                self.journal.save_snapshot(self.world.applied, data)
            yield
            if self._stopping:
                # A stopping node stores all at once, when nothing changes any more.
                return

    def store_snapshot_if_due(self) -> None:
        """Store the World when much has changed since it was stored."""
        due = max(SNAPSHOT_CHANGES, self.world.size // SNAPSHOT_SHARE)
        if self.world.changes - self._stored_changes >= due:
            self.store_snapshot()

    async def stop(self, seconds: float) -> None:
        """Tell everybody, give them so many seconds to take it, and close the journal."""
        self._stopping = True
        await self.settle()
        for connection in list(self.roster.connections.values()):
            self.close(connection, "Server is stopping")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open:
                    self._progress.clear()
                    await self._progress.wait()
        for connection in list(self._open):
            connection.stream.abort()
        await self.history.stop()
        await self._retention.stop()
        await self.proofs.stop()
        if not self.is_broken:
            self.journal.save_snapshot(self.world.applied, snapshot.encode(self.world))
        await self.journal.stop()

    # Commands

    def has_room(self, connection: Connection) -> bool:
        """Say whether the journal takes more; if not, the connection is told to `work` later."""
        return not self.is_ending and self._returns.has_room(connection)

    @property
    def asked_for(self) -> int:
        """Return how many records have been asked for, counted from the start."""
        return self._returns.asked_for

    def has_settled(self, connection: Connection, asked_for: int) -> bool:
        """Say whether so many records are back; if not, the connection is told to `work` later."""
        return self._returns.has_settled(connection, asked_for)

    def allowance(self, connection: Connection) -> Allowance | None:
        """Return how fast may be sent by whoever a connection is now; None for any speed."""
        policy, account = self.policy, connection.session.account
        if policy.flood is None:
            return None
        exempt = not policy.proxies
        now, address = self.now(), connection.address
        return self._allowances.of(policy.flood, account, address, exempt, now)

    def execute(self, connection: Connection, message: Message) -> None:
        """Carry out a command."""
        begun = self.guard.clock()
        try:
            self._execute(connection, message)
        except Exception:
            self.fault(connection, message.command)
        if self.guard.clock() - begun > LONG_SECONDS:
            # What is no command may be anything, and is not repeated.
            shown = message.command if message.command in COMMANDS else "*"
            self.guard.since(begun, shown, connection)
        self.flush_soon()

    def _execute(self, connection: Connection, message: Message) -> None:
        ctx = self.context(connection, message)
        dispatch(ctx)
        response = None
        if ctx.label:
            request = connection.session.requests
            response = connection.responses[request] = Response(ctx.label, request)
            # The command itself: what it waits for may be over before all of it is carried out.
            response.awaited = 1
        self.requests.carry_out(connection, ctx, response)
        if response is not None:
            response.awaited -= 1
            if not response.awaited:
                self.finish(connection, response)

    def decide(self, connection: Connection, decide: Callable[[Context], None]) -> None:
        """Have the rules decide on something that a connection's door asks for."""
        connection.session.requests += 1
        begun = self.guard.clock()
        try:
            ctx = self.context(connection, Message(""))
            decide(ctx)
            self.requests.carry_out(connection, ctx, None)
        except Exception:
            self.fault(connection, "a door's request")
        self.guard.since(begun, "a door's request", connection)
        self.flush_soon()

    def fault(self, connection: Connection, command: str) -> None:
        """Keep a fault of ours from others: only the connection that met it is closed."""
        _log.exception("a command failed", command=command)
        self.close(connection, "Internal error; the server's log says more")

    def context(self, connection: Connection, message: Message) -> Context:
        """Return what a command has at hand."""
        session, policy = connection.session, self.policy
        within, troubles = self.roster.users_within, self.troubles.shown
        return Context(
            self.world,
            session,
            policy,
            self.clock(),
            message,
            self._idle,
            within,
            troubles,
            self.failed_logins,
        )

    def _idle(self, user: User) -> int | None:
        """Return for how many seconds a user has said nothing, where its sessions are local."""
        said = [connection.session.last_said for connection in self.roster.sessions_of(user)]
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

    @property
    def _ends_many(self) -> bool:
        return bool(self._gone) and self._are_gathered

    def flush_soon(self) -> None:
        """Write what was queued at the end of this tick."""
        if not self._flushing:
            self._flushing = True
            if self._ends_many or self._returns.slices.is_busy:
                # What thousands are being told goes to each in few writes.
                self._loop.call_later(GATHER_SECONDS, self._write)
            else:
                self._loop.call_soon(self._write)

    def flush(self) -> None:
        """Write what was queued, now unless there will be more of it in a moment."""
        if self._ends_many:
            self.flush_soon()
        else:
            self._write()

    def _write(self) -> None:
        self._flushing = False
        if not self._writing.is_busy:
            self._writing.do(self.roster.flush())

    # The journal

    def committed(self, entries: Sequence[Entry]) -> None:
        """Apply entries that are durable, and carry out what follows."""
        self._returns.committed(entries)

    def failed(self, drafts: Sequence[Draft], error: JournalError) -> None:
        """Tell those whose records were not kept; stop if nobody knows what was."""
        if not isinstance(error, JournalFull):
            _log.error("journal broken", error=str(error))
            self.give_up(str(error))
            return
        _log.error("journal full", error=str(error), records=len(drafts))
        self._returns.not_kept(drafts)

    def give_up(self, reason: str) -> None:
        """Let the node stop: the World, or the journal, can be trusted no more."""
        if not self.is_broken:
            self.is_broken = True
            self._progress.set()
            self._broken(reason)
