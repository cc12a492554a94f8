"""What becomes of records that the journal had no room for: who asked is told, nobody else is."""

from __future__ import annotations

from typing import Final, NamedTuple

from hubbub.core.records.entries import Draft
from hubbub.core.records.messages import Said
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.records.users import Connected, Disconnected
from hubbub.irc.message import Message
from hubbub.node.connection import Connection
from hubbub.node.sessions import Sessions

OWED_SECONDS: Final = 5.0
"""How long until the end of a session is offered again to a journal that had no room for it."""


class Why(NamedTuple):
    """Say why something was not kept; and why it is not on record that it was asked for."""

    text: str
    unrecorded: str


NO_ROOM: Final = Why(
    "The server has no room to write this: it was not kept, and nobody has seen it",
    "The server has no room to put on record that this was asked for",
)
CUT_OFF: Final = Why(
    "This server was cut off from the others: it was not kept, and nobody has seen it",
    "This server was cut off from the others: it is not on record that this was asked for",
)


class Unwritten:
    """Undo what waited for records that were not kept."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._owed: list[Draft] = []

    def take(self, draft: Draft, why: Why = NO_ROOM) -> None:
        """Tell who asked for it, and let that one go on."""
        session = draft.record.origin.session
        connection = self._sessions.roster.connections.get(session)
        if isinstance(draft.record, Disconnected):
            if session.epoch == self._sessions.own.epoch:
                self._owe(draft)
            if connection is not None:
                self._sessions.close(connection, draft.record.reason)
        elif connection is not None:
            self._tell(connection, draft, why)

    def _tell(self, connection: Connection, draft: Draft, why: Why) -> None:
        record = draft.record
        connection.in_flight -= 1
        command = record.command if isinstance(record, Said) else "*"
        # What an operator did may stand all the same, as a reload and a drain do.
        kind, code, text = (
            ("WARN", "NOT_ON_RECORD", why.unrecorded)
            if isinstance(record, OperatorActed)
            else ("FAIL", "NOT_KEPT", why.text)
        )
        failure = Message(kind, (command, code, text), self._sessions.server)
        response = connection.responses.get(record.origin.request)
        if response is None:
            connection.outbox.answer(failure.encode())
        else:
            response.add_message(failure)
            response.awaited -= 1
            if not response.awaited:
                self._sessions.finish(connection, response)
        if isinstance(record, Connected):
            self._sessions.close(connection, "The server has no room to write")
            self._sessions.not_registered(connection)
        connection.work()

    def _owe(self, draft: Draft) -> None:
        """Offer the end of a session again later: its user must not stay behind as a ghost."""
        if not self._owed:
            self._sessions.later(OWED_SECONDS, self._pay)
        self._owed.append(draft)

    def _pay(self) -> None:
        owed, self._owed = self._owed, []
        if not self._sessions.is_ending:
            for draft in owed:
                self._sessions.journal.append(draft)
