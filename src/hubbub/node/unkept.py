"""What becomes of records that the journal had no room for: who asked is told, nobody else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from hubbub.core.message_records import Said
from hubbub.core.records import Draft
from hubbub.core.user_records import Connected, Disconnected
from hubbub.irc.message import Message
from hubbub.journal.port import Journal
from hubbub.node.connection import Connection
from hubbub.node.response import Response
from hubbub.node.roster import Roster

OWED_SECONDS: Final = 5.0
"""How long until the end of a session is offered again to a journal that had no room for it."""
TEXT: Final = "The server has no room to write this: it was not kept, and nobody has seen it"


class Owner(Protocol):
    """What undoing needs of the hub."""

    journal: Journal
    roster: Roster

    @property
    def server(self) -> str:
        """Return the server's name."""

    @property
    def is_ending(self) -> bool:
        """Say whether the node takes no more records."""

    def later(self, seconds: float, call: Callable[[], None]) -> object:
        """Call something after a while."""

    def finish(self, connection: Connection, response: Response) -> None:
        """Send the answer to a labelled command that is over."""

    def close(self, connection: Connection, reason: str) -> None:
        """Say ERROR to a connection and close it."""

    def not_registered(self, connection: Connection) -> None:
        """Learn that a session which was about to become a user has not."""


class Unkept:
    """Undo what waited for records that were not kept."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._owed: list[Draft] = []

    def take(self, draft: Draft) -> None:
        """Tell who asked for it, and let that one go on."""
        connection = self._owner.roster.connections.get(draft.record.origin.session)
        if isinstance(draft.record, Disconnected):
            self._owe(draft)
            if connection is not None:
                self._owner.close(connection, draft.record.reason)
        elif connection is not None:
            self._tell(connection, draft)

    def _tell(self, connection: Connection, draft: Draft) -> None:
        record = draft.record
        connection.in_flight -= 1
        command = record.command if isinstance(record, Said) else "*"
        failure = Message("FAIL", (command, "NOT_KEPT", TEXT), self._owner.server)
        response = connection.responses.get(record.origin.request)
        if response is None:
            connection.outbox.answer(failure.encode())
        else:
            response.add_message(failure)
            response.awaited -= 1
            if not response.awaited:
                self._owner.finish(connection, response)
        if isinstance(record, Connected):
            self._owner.close(connection, "The server has no room to write")
            self._owner.not_registered(connection)
        connection.work()

    def _owe(self, draft: Draft) -> None:
        """Offer the end of a session again later: its user must not stay behind as a ghost."""
        if not self._owed:
            self._owner.later(OWED_SECONDS, self._pay)
        self._owed.append(draft)

    def _pay(self) -> None:
        owed, self._owed = self._owed, []
        if not self._owner.is_ending:
            for draft in owed:
                self._owner.journal.append(draft)
