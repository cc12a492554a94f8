"""What the journal hands back: applied to the World and told to whom it concerns, in slices.

What was not kept stands in the same queue as what was, so that answers keep their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import structlog

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.applying import came_to_nothing
from hubbub.core.dispatch import follow_up
from hubbub.core.records.accounts import LoggedIn
from hubbub.core.records.base import SessionId
from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.messages import Said
from hubbub.journal.port import JournalError
from hubbub.node.connection import Connection
from hubbub.node.history.catching_up import Digests
from hubbub.node.history.replay import Replays
from hubbub.node.limits.slices import Steps
from hubbub.node.outcomes import Outcomes
from hubbub.node.pacing import Pacing
from hubbub.node.requests import Requests
from hubbub.node.sessions import Sessions
from hubbub.node.unwritten import Unwritten

COMPARED_EVERY: Final = 10_000
"""After how many entries nodes compare their Worlds: it takes as long as a snapshot."""

_log = structlog.get_logger(__name__)


class Returns:
    """Apply what comes back, and let go on who waits for it.

    `give_up` is told why the World can be trusted no more.
    """

    def __init__(
        self,
        sessions: Sessions,
        requests: Requests,
        replays: Replays,
        catching_up: Digests,
        give_up: Callable[[str], None],
    ) -> None:
        self._sessions = sessions
        self._backlog = sessions.backlog
        self._tally = sessions.tally
        self._requests = requests
        self._give_up = give_up
        self._outcomes = Outcomes(sessions, requests, replays, catching_up).table
        self._unwritten = Unwritten(sessions)
        self._pacing = Pacing()
        self._first_epoch = sessions.own.epoch
        self.compared_every = COMPARED_EVERY

    def committed(self, entries: Sequence[Entry]) -> None:
        """Apply entries that are durable, and carry out what follows."""
        ours = self._ours(entries)
        self._backlog.came(ours)
        self._sessions.applying.do(self._apply_all(entries, ours, self._sessions.guard.clock()))

    def _ours(self, entries: Sequence[Entry]) -> int:
        """Return how many of these this process has asked for: others wait for none."""
        node, first = self._sessions.own.node, self._first_epoch
        return sum(
            (session := entry.record.origin.session).node == node and session.epoch >= first
            for entry in entries
        )

    def _apply_all(self, entries: Sequence[Entry], ours: int, came: float) -> Iterator[Entry]:
        if self._sessions.is_broken:
            return
        roster, heard = self._sessions.roster, 0
        speakers: set[SessionId] = set()
        try:
            for entry in entries:
                deliveries = roster.deliveries
                longer = self._apply(entry)
                speaker = entry.record.origin.session
                if speaker not in speakers:
                    speakers.add(speaker)
                    heard += roster.deliveries - deliveries
                for steps in longer:
                    for _ in steps:
                        yield entry
                yield entry
                if not entry.seq % self.compared_every:
                    for _ in self._vouch():
                        yield entry
        except Exception:
            # A World that follows the journal no more must not go on as if it did.
            _log.exception("an entry could not be applied")
            self._give_up("an entry could not be applied; the log says more")
        writes = len(roster.dirty_boxes)
        self._came_back(ours)
        told = self._sessions.guard.clock() - came
        self._tally.told.observe(told)
        self._sessions.journal.space(self._pacing.learn(heard, writes, told))

    def _vouch(self) -> Steps:
        """Have the World compared with that of other nodes, where their programs are the same."""
        world = self._sessions.world
        programs = [node.program for node in world.nodes.values() if node.is_up]
        if len(programs) > 1 and len(set(programs)) == 1:
            for digest in snapshot.digesting(world):
                if digest:
                    self._sessions.journal.vouch(world.applied, digest)
                yield

    def _apply(self, entry: Entry) -> Sequence[Steps]:
        """Apply an entry; return what follows from it and may take longer."""
        outcomes, connections = self._outcomes, self._sessions.roster.connections
        connection = connections.get(entry.record.origin.session)
        found = apply(self._sessions.world, entry)
        lost = came_to_nothing(entry, found)
        kind, session = type(entry.record), entry.record.origin.session
        self._tally.messages += kind is Said and not lost
        if session.node != self._sessions.own.node and not lost:
            self._heard_elsewhere(entry)
        longer: tuple[Steps, ...] = ()
        for outcome in found:
            steps = outcomes[type(outcome)](outcome)
            if steps is not None:
                # What may concern thousands comes when all else of this entry has been done.
                longer += (steps,)
        if lost:
            self._sessions.journal.refuse(entry.seq)
        # Last, so that its answer stands behind what the entry brought to it. A fault in answering
        # one must not keep the World from following the journal.
        if connection is not None:
            try:
                self._applied(connection, entry, lost)
            except Exception:
                self._sessions.fault(connection, type(entry.record).__name__)
        return longer

    def _heard_elsewhere(self, entry: Entry) -> None:
        """Take note of what sessions of other nodes did that this node tells of."""
        record, sessions = entry.record, self._sessions
        if isinstance(record, Said):
            sessions.last_said.said(record.origin.session, entry.time)
        elif isinstance(record, LoggedIn):
            # Its owner has been told there what was guessed.
            sessions.failed_logins.take_unseen(record.account)

    def _came_back(self, records: int) -> None:
        """Go on after the journal has handed so many records back."""
        self._backlog.applied(records, self._sessions.bounds.records)
        self._sessions.flush()

    def _applied(self, connection: Connection, entry: Entry, lost: bool) -> None:
        """Tell the session that asked, and let it go on."""
        connection.in_flight -= 1
        record = entry.record
        response = connection.responses.get(record.origin.request)
        if not lost and record.changes_world:
            if isinstance(record, LoggedIn):
                self._count_login(connection, record)
            ctx = self._sessions.context(connection)
            follow_up(ctx, entry)
            self._requests.carry_out(connection, ctx, response)
        if response is not None:
            response.awaited -= 1
            if not response.awaited:
                self._sessions.finish(connection, response)
        if not connection.in_flight:
            connection.work()

    def _count_login(self, connection: Connection, record: LoggedIn) -> None:
        """Count a login, but for a password by SSH only where it was given: by `Identification`."""
        if record.kind == "ssh" or not connection.session.vouched_at:
            self._tally.logins[connection.door] += 1

    def not_kept(self, drafts: Sequence[Draft], why: JournalError) -> None:
        """Tell those whose records were not kept, when those that came before them are applied."""
        self._backlog.came(len(drafts))
        self._tally.not_kept += len(drafts)
        self._sessions.applying.do(self._put_off(drafts, why))

    def _put_off(self, drafts: Sequence[Draft], why: JournalError) -> Steps:
        for draft in drafts:
            self._unwritten.take(draft, why)
            yield
        self._came_back(len(drafts))
