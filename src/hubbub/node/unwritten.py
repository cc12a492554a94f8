"""What becomes of records that the journal could not keep: who asked is told, nobody else is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hubbub.core.deciding.read_only import NO_QUORUM
from hubbub.core.records.entries import Draft
from hubbub.core.records.messages import Said
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.records.users import Connected, Disconnected
from hubbub.irc.message import Message
from hubbub.journal.port import JournalCutOff, JournalError, JournalUnknown
from hubbub.node.connection import Connection
from hubbub.node.sessions import Sessions

OWED_SECONDS: Final = 5.0
"""How long until the end of a session is offered again to a journal that had no room for it."""


@dataclass(frozen=True, slots=True)
class Words:
    """Hold what is said of a record that was not kept: a code of FAIL, and texts.

    `unrecorded` is said of what an operator did, `farewell` to who was about to come in.
    """

    code: str
    text: str
    unrecorded: str
    farewell: str


NO_ROOM: Final = Words(
    "NOT_KEPT",
    "The server has no room to write this: it was not kept, and nobody has seen it",
    "The server has no room to put on record that this was asked for",
    "The server has no room to write",
)
CUT_OFF: Final = Words(
    "NOT_KEPT",
    "The server could not reach the others it needs; this was not kept, and nobody has seen it",
    "The server could not reach the others it needs to put on record that this was asked for",
    NO_QUORUM,
)
UNHEARD: Final = Words(
    "OUTCOME_UNKNOWN",
    "The server ends, and has not heard whether this was kept; the history will show it",
    "The server ends, and has not heard whether it is on record that this was asked for",
    NO_QUORUM,
)


def words_for(why: JournalError) -> Words:
    """Return what those are told whose records come back with an error."""
    if isinstance(why, JournalUnknown):
        return UNHEARD
    return CUT_OFF if isinstance(why, JournalCutOff) else NO_ROOM


class Unwritten:
    """Undo what waited for records that were not kept."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._owed: list[Draft] = []

    def take(self, draft: Draft, why: JournalError) -> None:
        """Tell who asked for it, and let that one go on."""
        session = draft.record.origin.session
        connection = self._sessions.roster.connections.get(session)
        if isinstance(draft.record, Disconnected):
            if session.epoch == self._sessions.own.epoch:
                self._owe(draft)
            if connection is not None:
                self._sessions.close(connection, draft.record.reason)
        elif connection is not None:
            self._tell(connection, draft, words_for(why))

    def _tell(self, connection: Connection, draft: Draft, words: Words) -> None:
        record = draft.record
        connection.in_flight -= 1
        command = record.command if isinstance(record, Said) else "*"
        # What an operator did may stand all the same, as a reload and a drain do.
        kind, code, text = (
            ("WARN", "NOT_ON_RECORD", words.unrecorded)
            if isinstance(record, OperatorActed)
            else ("FAIL", words.code, words.text)
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
            self._sessions.close(connection, words.farewell)
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
