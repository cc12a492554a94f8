"""The hub has commands decided on, records kept, and what follows carried out.

    connection -> execute -> dispatch -> Append -> journal
    journal -> committed -> apply -> outcomes -> outboxes -> one write per socket per tick

Nothing is shown to anybody before the journal has it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import structlog

from hubbub.core import snapshot
from hubbub.core.deciding.context import Context
from hubbub.core.dispatch import COMMANDS, dispatch
from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import AccountErased
from hubbub.core.records.base import SessionId
from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.messages import Erased
from hubbub.core.world.expiry import expired
from hubbub.core.world.world import World
from hubbub.irc.message import Message
from hubbub.journal.port import (
    Archive,
    EpochLost,
    Journal,
    JournalCutOff,
    JournalError,
    JournalFull,
    JournalUnknown,
)
from hubbub.journal.steady_clock import wall_clock
from hubbub.node.auth.secret_checks import SecretChecks
from hubbub.node.connection import Connection
from hubbub.node.history.batches import BatchWriter
from hubbub.node.history.catching_up import Digests
from hubbub.node.history.pages import Pages
from hubbub.node.history.reader import HistoryReader
from hubbub.node.history.replay import Replays
from hubbub.node.history.retention import Retention
from hubbub.node.history.search_answers import SearchAnswers
from hubbub.node.life import Life
from hubbub.node.limits.bounds import Bounds
from hubbub.node.limits.guard import LONG_SECONDS
from hubbub.node.limits.slices import Steps
from hubbub.node.peers.peers import Peers
from hubbub.node.peers.signals import NoSignals, Signals
from hubbub.node.peers.watch import LOST, OrderWatch
from hubbub.node.process import Process
from hubbub.node.requests import Requests
from hubbub.node.returns import Returns
from hubbub.node.sending.response import Response
from hubbub.node.sessions import Sessions

LOOK_SECONDS: Final = 0.01
"""How often it is looked, before anybody is served, whether what was erased is gone."""
EXPIRED_AT_ONCE: Final = 500
"""How many masks and stays end at one look; the others hold until one of the next, some seconds
later. So whoever lets many end at one moment does not fill the journal with them."""
SNAPSHOT_CHANGES: Final = 2_000
"""After how many state records the World is stored again, if it is small."""
SNAPSHOT_SHARE: Final = 4
"""A large World is stored again after records for one in so many of what it holds. Storing 100,000
accounts takes 0.2 to 0.5 s, for which what is said waits, and so is not to happen often; a start
replays what came after, which takes it about as long as reading what was stored."""

ABANDON_SECONDS: Final = 1.0
"""How long a node that ends in a stall waits at most for its journal to hand back what it held."""

ALONE: Final = NoSignals()
"""The signals of the one node."""

_log = structlog.get_logger(__name__)


class Hub:
    """Join the rules, the journal and this node's `sessions`; store the World now and then.

    `process` does what reaches beyond the node; `clock` shows the time that the journal gives to
    entries. `signals` carries what is never kept to the other nodes.
    """

    def __init__(
        self,
        world: World,
        policy: Policy,
        bounds: Bounds,
        journal: Journal,
        archive: Archive,
        secret_checks: SecretChecks,
        node: int,
        epoch: int,
        process: Process,
        clock: Callable[[], int] = wall_clock,
        signals: Signals = ALONE,
    ) -> None:
        self.world = world
        self.journal = journal
        self.sessions = sessions = Sessions(
            SessionId(node, epoch, 0),
            world,
            policy,
            bounds,
            journal,
            secret_checks,
            clock,
            self.execute,
            self._read_again,
        )
        self.history = reader = HistoryReader(sessions, archive)
        batches = BatchWriter(sessions)
        pages = Pages(sessions, reader, batches, archive)
        replays = Replays(sessions, reader, batches, archive)
        self.watch = OrderWatch(sessions, self.give_up)
        self.peers = peers = Peers(sessions, signals, process, self.watch)
        searches = SearchAnswers(sessions, reader, batches, archive)
        catching_up = Digests(sessions, reader, batches, archive)
        self._requests = Requests(
            sessions, reader, pages, searches, replays, catching_up, process, peers
        )
        self._returns = Returns(sessions, self._requests, replays, catching_up, self.give_up)
        self._retention = Retention(sessions, archive)
        self.life = Life(sessions, self.settle)
        self._process = process
        # What a start has replayed counts, or it would be replayed after the next kill as well.
        self._stored_changes = self._stored_at = 0

    @property
    def is_broken(self) -> bool:
        """Say whether the World, or the journal, can be trusted no more."""
        return self.sessions.is_broken

    # The node itself

    def take_away_expired(self) -> Steps:
        """Ask for the records that take away what is over by now, and let go of what is old."""
        if self.world.housekeeper != self.sessions.own.node or self.sessions.is_read_only:
            return
        asked = 0
        for make in expired(self.world, self.sessions.server, self.sessions.seconds()):
            if self.sessions.is_ending or asked >= EXPIRED_AT_ONCE:
                break
            if make is not None:
                self.sessions.append(make)
                asked += 1
            yield
        if not self.sessions.is_ending:
            self._retention.sweep_if_due()
            self.life.keep_house()

    async def settle(self) -> None:
        """Wait until all that was asked for, and who has gone, is applied.

        Wait no more where the journal broke, or the order of all nodes is out of reach.
        """
        backlog, departures = self.sessions.backlog, self.sessions.departures
        while (departures.are_there or backlog.on_their_way) and not (
            self.is_broken or self.sessions.is_read_only
        ):
            await backlog.progress()

    async def _abandon(self) -> None:
        """Wait no more for what cannot be had now, and tell who waits what is known of it."""
        self.journal.abandon()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ABANDON_SECONDS):
                while self.sessions.backlog.on_their_way and not self.is_broken:
                    await self.sessions.backlog.progress()

    def store_snapshot(self) -> None:
        """Store the World with the next commit, once what has come back is applied."""
        self._stored_changes = self.world.changes
        self._stored_at = self.world.applied
        self.sessions.applying.do(self._encode_snapshot())

    def _encode_snapshot(self) -> Steps:
        """Encode the World in slices; what comes back meanwhile waits in the same queue."""
        for data in snapshot.encoding(self.world):
            if data:
                self.journal.save_snapshot(self.world.applied, data)
            yield
            if self.sessions.is_stopping:
                # A stopping node stores all at once, when nothing changes any more.
                return

    def store_snapshot_if_due(self) -> None:
        """Store the World when much has changed since it was stored, or an erasure waits for it."""
        if self.journal.awaits_snapshots:
            self._store_for_erasure()
            return
        due = max(SNAPSHOT_CHANGES, self.world.size // SNAPSHOT_SHARE)
        if self.world.changes - self._stored_changes >= due:
            self.store_snapshot()

    def _store_for_erasure(self) -> None:
        """Store the World twice, of other seqs: words may stand in what was stored before."""
        if self.world.applied > self._stored_at and not self.sessions.is_stopping:
            self.store_snapshot()
        elif not self.sessions.is_ending:
            # Where nobody says anything there would be no other seq.
            self.sessions.append(lambda origin: Erased(origin, ()))

    async def erase_again(self, accounts: Sequence[str]) -> None:
        """Have the words of accounts gone before anybody is served: a backup brought them back."""
        for name in accounts:
            self.sessions.append(partial(AccountErased, account=name))
        await self.settle()
        while self.journal.erasing and not self.is_broken:
            self.store_snapshot_if_due()
            await self.settle()
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self, seconds: float) -> None:
        """Tell everybody, give them so many seconds to take it, and close the journal."""
        self.sessions.is_stopping = True
        await self.settle()
        if self.sessions.is_read_only:
            await self._abandon()
        await self.sessions.stop(seconds)
        await self.life.end()
        await self.history.stop()
        self.watch.stop()
        self.peers.stop()
        await self._retention.stop()
        await self.sessions.secret_checks.stop()
        if not self.is_broken:
            self.journal.save_snapshot(self.world.applied, snapshot.encode(self.world))
        await self.journal.stop()

    # Commands

    def execute(self, connection: Connection, message: Message) -> None:
        """Carry out a command."""
        guard = self.sessions.guard
        begun = guard.clock()
        try:
            self._execute(connection, message)
        except Exception:
            self.sessions.fault(connection, message.command)
        if guard.clock() - begun > LONG_SECONDS:
            # What is no command may be anything, and is not repeated.
            shown = message.command if message.command in COMMANDS else "*"
            guard.since(begun, shown, connection)
        self.sessions.flush_soon()

    def _execute(self, connection: Connection, message: Message) -> None:
        ctx = self.sessions.command_context(connection, message)
        dispatch(ctx)
        response = None
        if ctx.label:
            request = connection.session.requests
            response = connection.responses[request] = Response(ctx.label, request)
            # The command itself: what it waits for may be over before all of it is carried out.
            response.awaited = 1
        self._requests.carry_out(connection, ctx, response)
        if response is not None:
            response.awaited -= 1
            if not response.awaited:
                self.sessions.finish(connection, response)

    def _read_again(self, connection: Connection, seqs: list[int]) -> None:
        self.history.read_again(connection, seqs)

    def decide(self, connection: Connection, decide: Callable[[Context], None]) -> None:
        """Have the rules decide on something that a connection's door asks for."""
        connection.session.requests += 1
        begun = self.sessions.guard.clock()
        try:
            ctx = self.sessions.context(connection)
            decide(ctx)
            self._requests.carry_out(connection, ctx, None)
        except Exception:
            self.sessions.fault(connection, "a door's request")
        self.sessions.guard.since(begun, "a door's request", connection)
        self.sessions.flush_soon()

    # The journal

    def committed(self, entries: Sequence[Entry]) -> None:
        """Apply entries that are durable, and carry out what follows."""
        self._returns.committed(entries)

    def failed(self, drafts: Sequence[Draft], error: JournalError) -> None:
        """Tell those whose records were not kept; stop if nobody knows what was."""
        if isinstance(error, EpochLost):
            _log.error("the others went on without this node; it begins anew", error=str(error))
            before = list(self.sessions.roster.connections.values())
            self._returns.not_kept([*drafts, *self.life.begin_anew()], JournalCutOff(str(error)))
            self.sessions.close_each(before, LOST)
            return
        if not isinstance(error, JournalFull | JournalUnknown):
            _log.error("journal broken", error=str(error))
            self.give_up(str(error))
            return
        _log.error("not kept", error=str(error), records=len(drafts))
        self._returns.not_kept(drafts, error)

    def give_up(self, reason: str) -> None:
        """Let the node stop: the World, or the journal, can be trusted no more."""
        if not self.is_broken:
            self.sessions.is_broken = True
            self.sessions.backlog.progressed()
            self._process.broken(reason)
