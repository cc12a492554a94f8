"""Carrying out what follows from an entry that was applied, on this node's connections."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from hubbub.core import outcomes
from hubbub.core.bans import GONE
from hubbub.core.commands.channel_rename import moved
from hubbub.core.commands.channels import show
from hubbub.core.commands.registration import not_welcome
from hubbub.core.commands.subscriptions import show_watched
from hubbub.core.context import Context
from hubbub.core.dispatch import refused
from hubbub.core.metadata import told
from hubbub.core.world import World
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold
from hubbub.journal.port import Journal
from hubbub.node.connection import Connection
from hubbub.node.proofs import Proofs
from hubbub.node.replay import Replays
from hubbub.node.requests import Requests
from hubbub.node.response import Response
from hubbub.node.roster import Roster
from hubbub.node.slices import Steps


class Owner(Protocol):
    """What carrying out outcomes needs of the hub."""

    world: World
    journal: Journal
    roster: Roster
    requests: Requests
    replays: Replays
    proofs: Proofs

    @property
    def server(self) -> str:
        """Return the server's name."""

    def context(self, connection: Connection, message: Message) -> Context:
        """Return what a command has at hand."""

    def fault(self, connection: Connection, command: str) -> None:
        """Keep a fault of ours from others: only the connection that met it is closed."""

    def close(self, connection: Connection, reason: str) -> None:
        """Say ERROR to a connection and close it."""

    def append_end(self, connection: Connection, reason: str) -> None:
        """Ask for the record that ends a connection's session."""

    def not_registered(self, connection: Connection) -> None:
        """Learn that a session which was about to become a user has not."""


class Outcomes:
    """Carry out the outcomes of applying entries; `table` finds what does it by their type.

    What may concern thousands returns steps, which are taken once all the others have been carried
    out: the roster has followed the World by then.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        roster = owner.roster
        self.table: dict[type, Callable[[Any], Steps | None]] = {
            outcomes.Deliver: roster.deliver,
            outcomes.Notify: self._notify,
            outcomes.Refused: self._refused,
            outcomes.Failed: self._refused,
            outcomes.Entered: roster.entered,
            outcomes.Moved: self._moved,
            outcomes.Brought: self._brought,
            outcomes.Left: self._left,
            outcomes.SessionStarted: self._session_started,
            outcomes.SessionEnded: self._session_ended,
            outcomes.Present: self._present,
            outcomes.Banned: self._banned,
            outcomes.Afterwards: self._afterwards,
            outcomes.HistoryEnded: lambda effect: owner.journal.forget(effect.history),
            outcomes.KeyChanged: self._key_changed,
            outcomes.Erase: lambda effect: owner.journal.erase(effect.seqs),
            outcomes.CredentialGone: self._credential_gone,
            outcomes.OthersGone: self._others_gone,
            outcomes.AccountClosed: self._account_closed,
        }

    def _refused(self, effect: outcomes.Refused | outcomes.Failed) -> None:
        connection = self._owner.roster.connections.get(effect.origin.session)
        if connection is None:
            return

        def decide(ctx: Context) -> None:
            refused(ctx, effect)
            if connection.session.user is None and connection.session.registering:
                not_welcome(connection.session)
                self._owner.not_registered(connection)

        self._tell(connection, decide, connection.responses.get(effect.origin.request))

    def _tell(
        self,
        connection: Connection,
        decide: Callable[[Context], None],
        response: Response | None = None,
    ) -> None:
        """Have the rules tell a connection something; a fault in that concerns nobody else.

        The World has followed the journal by now, so it need not stop for it.
        """
        try:
            ctx = self._owner.context(connection, Message(""))
            decide(ctx)
            self._owner.requests.carry_out(connection, ctx, response)
        except Exception:
            self._owner.fault(connection, "what an entry brought about")

    def _notify(self, effect: outcomes.Notify) -> None:
        """Tell it; what has no source is the server's, and says so: not all clients supply one."""
        self._owner.roster.notify(effect.from_somebody(self._owner.server))

    def _session_started(self, effect: outcomes.SessionStarted) -> None:
        connection = self._owner.roster.started(effect.session, effect.user)
        if connection is not None:
            connection.session.registering = False
            self._owner.replays.begin(connection, effect.user)
            if effect.user.account:
                self._owner.proofs.logged_in(connection.address, effect.user.account)
            if connection.ended or connection.closing:
                self._owner.append_end(connection, "Connection closed")

    def _session_ended(self, effect: outcomes.SessionEnded) -> None:
        connection = self._owner.roster.ended(effect.session)
        if connection is not None:
            self._owner.close(connection, effect.reason)

    def _left(self, effect: outcomes.Left) -> None:
        for connection in self._owner.roster.left(effect):
            connection.session.has_left(effect.channel.history, self._owner.world.applied)

    def _credential_gone(self, effect: outcomes.CredentialGone) -> None:
        gone = (effect.kind, effect.id)
        for connection in list(self._owner.roster.connections.values()):
            session = connection.session
            proved = session.account == effect.account and session.credential == gone
            if proved and session.id != effect.session:
                self._owner.close(connection, "What you logged in with was revoked")

    def _others_gone(self, effect: outcomes.OthersGone) -> None:
        for connection in list(self._owner.roster.connections.values()):
            session = connection.session
            if session.account == effect.account and session.id != effect.session:
                self._owner.close(connection, "Ended from another of your connections")

    def _brought(self, effect: outcomes.Brought) -> None:
        for connection in self._owner.roster.sessions_of(effect.user):
            if connection.session.id != effect.but:
                self._tell(connection, lambda ctx: show(ctx, effect.channel))

    def _account_closed(self, effect: outcomes.AccountClosed) -> None:
        for connection in list(self._owner.roster.connections.values()):
            session = connection.session
            if session.account == effect.account and session.user is None:
                self._owner.close(connection, effect.reason)

    def _moved(self, effect: outcomes.Moved) -> Steps:
        roster, channel = self._owner.roster, effect.channel
        told = [one for user in channel.members for one in roster.hearing(user, channel)]
        for connection in told:
            if connection.session.user in channel.members:
                self._tell(connection, lambda ctx: moved(ctx, effect))
            yield

    def _afterwards(self, effect: outcomes.Afterwards) -> Steps:
        for note in effect.notes:
            self._notify(note)
            yield

    def _banned(self, effect: outcomes.Banned) -> Steps:
        """Close the connections from addresses that are kept out from here on."""
        network = ipaddress.ip_network(effect.ban.target)
        text = effect.ban.text
        for connection in self._owner.roster.within(network):
            self._tell(connection, lambda ctx: ctx.reply(numerics.ERR_YOUREBANNEDCREEP, text))
            if connection.session.user is not None:
                self._owner.append_end(connection, GONE)
            self._owner.close(connection, text)
            yield

    def _present(self, effect: outcomes.Present) -> Steps:
        numeric = numerics.RPL_MONONLINE if effect.source else numerics.RPL_MONOFFLINE
        found = self._owner.world.user(effect.nick) if effect.source else None
        for connection in self._owner.roster.watchers(fold(effect.nick)):
            seen = (connection.session.shown_nick, effect.source or effect.nick)
            message = Message(numeric.code, seen, self._owner.server)
            connection.outbox.tell(message.encode())
            if found is not None:
                self._tell(connection, partial(show_watched, users=(found,)))
            yield

    def _key_changed(self, effect: outcomes.KeyChanged) -> Steps:
        for connection in self._owner.roster.subscribers(effect):
            args = (effect.target, effect.key, effect.value)
            connection.outbox.tell(told(connection.session, self._owner.server, *args).encode())
            yield
