"""What the journal hands back: applied to the World and told to whom it concerns, in slices.

What was not kept stands in the same queue as what was, so that answers keep their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from hubbub.core import effects as fx
from hubbub.core.apply import apply, is_lost_unshown
from hubbub.core.context import Context
from hubbub.core.dispatch import follow_up
from hubbub.core.records import Draft, Entry
from hubbub.core.world import World
from hubbub.irc.message import Message
from hubbub.journal.port import Journal
from hubbub.node.bounds import Bounds
from hubbub.node.connection import Connection
from hubbub.node.guard import LONG_SECONDS, Guard
from hubbub.node.outcomes import Outcomes
from hubbub.node.proofs import Proofs
from hubbub.node.replay import Replays
from hubbub.node.requests import Requests
from hubbub.node.response import Response
from hubbub.node.roster import Roster
from hubbub.node.slices import Slices, Steps
from hubbub.node.unkept import Unkept

_log = structlog.get_logger(room="hub")


class Owner(Protocol):
    """What applying what comes back needs of the hub."""

    world: World
    bounds: Bounds
    journal: Journal
    roster: Roster
    requests: Requests
    proofs: Proofs
    replays: Replays
    guard: Guard
    is_broken: bool

    @property
    def server(self) -> str:
        """Return the server's name."""

    @property
    def is_ending(self) -> bool:
        """Say whether the node takes no more records."""

    def later(self, seconds: float, call: Callable[[], None]) -> object:
        """Call something after a while."""

    def context(self, connection: Connection, message: Message) -> Context:
        """Return what a command has at hand."""

    def finish(self, connection: Connection, response: Response) -> None:
        """Send the answer to a labelled command that is over."""

    def fault(self, connection: Connection, command: str) -> None:
        """Keep a fault of ours from others: only the connection that met it is closed."""

    def close(self, connection: Connection, reason: str) -> None:
        """Say ERROR to a connection and close it."""

    def append_end(self, connection: Connection, reason: str) -> None:
        """Ask for the record that ends a connection's session."""

    def not_registered(self, connection: Connection) -> None:
        """Learn that a session which was about to become a user has not."""

    def give_up(self, reason: str) -> None:
        """Let the node stop: the World, or the journal, can be trusted no more."""

    def flush(self) -> None:
        """Write what was queued, now unless there will be more of it in a moment."""

    def progressed(self) -> None:
        """Let those go on who wait until all has been applied, or all are gone."""


class Returns:
    """Apply what comes back, and let go on who waits for it.

    `later` calls something at the loop's next turn. In `slices` the entries are applied: what needs
    a World that stays as it is takes its turn there.
    """

    def __init__(self, owner: Owner, later: Callable[[Callable[[], None]], object]) -> None:
        self._owner = owner
        self._later = later
        self._outcomes = Outcomes(owner).table
        self._unkept = Unkept(owner)
        self._returned = 0
        self._unapplied = 0
        self._waiting: dict[Connection, None] = {}
        self.slices = Slices(later, held=owner.guard.held)

    @property
    def on_their_way(self) -> int:
        """Return how many records have been asked for, of which nothing has come yet."""
        return self._owner.journal.waiting + self._unapplied

    @property
    def asked_for(self) -> int:
        """Return how many records have been asked for, counted from the start."""
        return self._returned + self.on_their_way

    def has_room(self, connection: Connection) -> bool:
        """Say whether more may be asked for; if not, the connection is told to `work` later."""
        if self.on_their_way < self._owner.bounds.records:
            return True
        self._waiting[connection] = None
        return False

    def has_settled(self, connection: Connection, asked_for: int) -> bool:
        """Say whether so many records are back; if not, the connection is told to `work` later."""
        if self._returned >= asked_for:
            return True
        self._waiting[connection] = None
        return False

    def committed(self, entries: Sequence[Entry]) -> None:
        """Apply entries that are durable, and carry out what follows."""
        self._unapplied += len(entries)
        self.slices.do(self._apply_all(entries))

    def _apply_all(self, entries: Sequence[Entry]) -> Steps:
        if self._owner.is_broken:
            return
        try:
            guard = self._owner.guard
            for entry in entries:
                begun = guard.clock()
                longer = self._apply(entry)
                if guard.clock() - begun > LONG_SECONDS:
                    asker = self._owner.roster.connections.get(entry.record.origin.session)
                    guard.since(begun, type(entry.record).__name__, asker)
                for steps in longer:
                    yield from steps
                yield
        except Exception:
            # A World that follows the journal no more must not go on as if it did.
            _log.exception("an entry could not be applied")
            self._owner.give_up("an entry could not be applied; the log says more")
        self._came_back(len(entries))

    def _apply(self, entry: Entry) -> list[Steps]:
        """Apply an entry; return what follows from it and may take longer."""
        outcomes, connections = self._outcomes, self._owner.roster.connections
        connection = connections.get(entry.record.origin.session)
        found = apply(self._owner.world, entry)
        # What nobody is shown, for whoever asked is gone, is not to be read back either.
        lost = not found and is_lost_unshown(entry.record)
        longer: list[Steps] = []
        for outcome in found:
            kind = type(outcome)
            if kind in fx.REFUSALS:
                lost = True
            steps = outcomes[kind](outcome)
            if steps is not None:
                longer.append(steps)
        if lost:
            self._owner.journal.refuse(entry.seq)
        if connection is not None:
            try:
                self._applied(connection, entry, lost)
            except Exception:
                self._owner.fault(connection, type(entry.record).__name__)
        return longer

    def _came_back(self, records: int) -> None:
        """Go on after the journal has handed so many records back."""
        self._returned += records
        self._unapplied -= records
        self._owner.flush()
        self._owner.progressed()
        if self._waiting and self.on_their_way < self._owner.bounds.records:
            waiting, self._waiting = self._waiting, {}
            for connection in waiting:
                self._later(connection.work)

    def _applied(self, connection: Connection, entry: Entry, lost: bool) -> None:
        """Tell the session that asked, and let it go on."""
        connection.in_flight -= 1
        record = entry.record
        response = connection.responses.get(record.origin.request)
        if not lost and record.changes_world:
            ctx = self._owner.context(connection, Message(""))
            follow_up(ctx, entry)
            self._owner.requests.carry_out(connection, ctx, response)
        if response is not None:
            response.awaited -= 1
            if not response.awaited:
                self._owner.finish(connection, response)
        if not connection.in_flight:
            connection.work()

    def not_kept(self, drafts: Sequence[Draft]) -> None:
        """Tell those whose records were not kept, when those that came before them are applied."""
        self._unapplied += len(drafts)
        self.slices.do(self._put_off(drafts))

    def _put_off(self, drafts: Sequence[Draft]) -> Steps:
        for draft in drafts:
            self._unkept.take(draft)
            yield
        self._came_back(len(drafts))
