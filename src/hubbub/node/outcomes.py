"""Carrying out what sessions are told of an entry that was applied, on this node's connections."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.core.records.entries import Body
from hubbub.core.telling import Decide, Telling
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc.message import Message
from hubbub.node.connection import Connection
from hubbub.node.history.catching_up import Digests
from hubbub.node.history.replay import Replays
from hubbub.node.requests import Requests
from hubbub.node.sessions import Sessions


class Outcomes:
    """Do what the table of the rules says (hubbub.core.telling.Shell)."""

    def __init__(
        self, sessions: Sessions, requests: Requests, replays: Replays, catching_up: Digests
    ) -> None:
        self._sessions = sessions
        self._requests = requests
        self._replays = replays
        self._catching_up = catching_up
        self.table = Telling(sessions.roster, self).table

    @property
    def world(self) -> World:
        """Return the World, which has followed the entry."""
        return self._sessions.world

    @property
    def server(self) -> str:
        """Return the server's name."""
        return self._sessions.server

    def tell(self, peer: Connection, decide: Decide, request: int = 0) -> None:
        """Have the rules tell a connection something; a fault in that concerns nobody else.

        The World has followed the journal by now, so it need not stop for it.
        """
        try:
            ctx = self._sessions.context(peer)
            decide(ctx)
            self._requests.carry_out(peer, ctx, peer.responses.get(request))
        except Exception:
            self._sessions.fault(peer, "what an entry brought about")

    def send(self, peer: Connection, message: Message) -> None:
        """Tell a connection what others brought about, if it keeps up."""
        peer.outbox.tell(message.encode())

    def close(self, peer: Connection, reason: str) -> None:
        """Say ERROR to a connection and close it."""
        self._sessions.close(peer, reason)

    def end(self, peer: Connection, reason: str) -> None:
        """Ask for the record that ends a connection's session."""
        self._sessions.append_end(peer, reason)

    def began(self, peer: Connection, user: User) -> None:
        """Show a new session what it missed; one whose connection has ended meanwhile ends."""
        self._replays.begin(peer, user)
        if user.account:
            self._sessions.secret_checks.logged_in(peer.address, user.account)
        if peer.ended or peer.closing:
            self._sessions.append_end(peer, "Connection closed")

    def not_registered(self, peer: Connection) -> None:
        """Learn that a session which was about to become a user has not."""
        self._sessions.not_registered(peer)

    def forget(self, history: str, upto: int | None) -> None:
        """Let nobody read a history again, up to a seq or as far as it goes by now."""
        self._sessions.journal.forget(history, self._sessions.applied if upto is None else upto)

    def revise(self, seq: int, by: int, keeps: bool, body: Body | None) -> None:
        """Let an entry have the body of another."""
        self._sessions.journal.revise(seq, by, keeps, body)

    def recount(self, user: User, target: str) -> None:
        """Tell a user's sessions how much is unread where one of them has read."""
        self._catching_up.recount(user, target)

    def erase(self, seqs: Sequence[int]) -> None:
        """Let the bodies of entries be gone for good."""
        self._sessions.journal.erase(seqs)

    def erase_account(self, account: str) -> None:
        """Let all that an account has said up to now be gone for good."""
        self._sessions.journal.erase_account(account, self._sessions.applied)
