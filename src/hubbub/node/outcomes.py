"""Carrying out what follows from an entry that was applied, on this node's connections."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import partial
from typing import Any

from hubbub.core import effects as fx
from hubbub.core.bans import GONE
from hubbub.core.commands.channel_rename import moved
from hubbub.core.commands.channels import show
from hubbub.core.commands.registration import not_welcome
from hubbub.core.commands.subscriptions import show_watched
from hubbub.core.context import Context
from hubbub.core.dispatch import refused
from hubbub.core.metadata import told
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold
from hubbub.node.connection import Connection
from hubbub.node.replay import Replays
from hubbub.node.requests import Requests
from hubbub.node.response import Response
from hubbub.node.sessions import Sessions
from hubbub.node.slices import Steps


class Outcomes:
    """Carry out the outcomes of applying entries; `table` finds what does it by their type.

    What may concern thousands returns steps, which are taken once all the others have been carried
    out: the roster has followed the World by then.
    """

    def __init__(self, sessions: Sessions, requests: Requests, replays: Replays) -> None:
        self._sessions = sessions
        self._requests = requests
        self._replays = replays
        roster, journal = sessions.roster, sessions.journal
        self.table: dict[type, Callable[[Any], Steps | None]] = {
            fx.Deliver: roster.deliver,
            fx.Notify: self._notify,
            fx.Refused: self._refused,
            fx.Failed: self._refused,
            fx.Entered: roster.entered,
            fx.Moved: self._moved,
            fx.Brought: self._brought,
            fx.Left: self._left,
            fx.SessionStarted: self._session_started,
            fx.SessionEnded: self._session_ended,
            fx.Present: self._present,
            fx.Banned: self._banned,
            fx.Afterwards: self._afterwards,
            fx.HistoryEnded: lambda effect: journal.forget(effect.history),
            fx.KeyChanged: self._key_changed,
            fx.Erase: lambda effect: journal.erase(effect.seqs),
            fx.CredentialGone: self._credential_gone,
            fx.OthersGone: self._others_gone,
            fx.AccountClosed: self._account_closed,
        }

    def _refused(self, effect: fx.Refused | fx.Failed) -> None:
        connection = self._sessions.roster.connections.get(effect.origin.session)
        if connection is None:
            return

        def decide(ctx: Context) -> None:
            refused(ctx, effect)
            if connection.session.user is None and connection.session.registering:
                not_welcome(connection.session)
                self._sessions.not_registered(connection)

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
            ctx = self._sessions.context(connection, Message(""))
            decide(ctx)
            self._requests.carry_out(connection, ctx, response)
        except Exception:
            self._sessions.fault(connection, "what an entry brought about")

    def _notify(self, effect: fx.Notify) -> None:
        """Tell it; what has no source is the server's, and says so: not all clients supply one."""
        self._sessions.roster.notify(effect.from_somebody(self._sessions.server))

    def _session_started(self, effect: fx.SessionStarted) -> None:
        connection = self._sessions.roster.started(effect.session, effect.user)
        if connection is not None:
            connection.session.registering = False
            self._replays.begin(connection, effect.user)
            if effect.user.account:
                self._sessions.proofs.logged_in(connection.address, effect.user.account)
            if connection.ended or connection.closing:
                self._sessions.append_end(connection, "Connection closed")

    def _session_ended(self, effect: fx.SessionEnded) -> None:
        connection = self._sessions.roster.ended(effect.session)
        if connection is not None:
            self._sessions.close(connection, effect.reason)

    def _left(self, effect: fx.Left) -> None:
        for connection in self._sessions.roster.left(effect):
            connection.session.has_left(effect.channel.history, self._sessions.world.applied)

    def _credential_gone(self, effect: fx.CredentialGone) -> None:
        gone = (effect.kind, effect.id)
        for connection in list(self._sessions.roster.connections.values()):
            session = connection.session
            proved = session.account == effect.account and session.credential == gone
            if proved and session.id != effect.session:
                self._sessions.close(connection, "What you logged in with was revoked")

    def _others_gone(self, effect: fx.OthersGone) -> None:
        for connection in list(self._sessions.roster.connections.values()):
            session = connection.session
            if session.account == effect.account and session.id != effect.session:
                self._sessions.close(connection, "Ended from another of your connections")

    def _brought(self, effect: fx.Brought) -> None:
        for connection in self._sessions.roster.sessions_of(effect.user):
            if connection.session.id != effect.but:
                self._tell(connection, lambda ctx: show(ctx, effect.channel))

    def _account_closed(self, effect: fx.AccountClosed) -> None:
        for connection in list(self._sessions.roster.connections.values()):
            session = connection.session
            if session.account == effect.account and session.user is None:
                self._sessions.close(connection, effect.reason)

    def _moved(self, effect: fx.Moved) -> Steps:
        roster, channel = self._sessions.roster, effect.channel
        told = [one for user in channel.members for one in roster.hearing(user, channel)]
        for connection in told:
            if connection.session.user in channel.members:
                self._tell(connection, lambda ctx: moved(ctx, effect))
            yield

    def _afterwards(self, effect: fx.Afterwards) -> Steps:
        for note in effect.notes:
            self._notify(note)
            yield

    def _banned(self, effect: fx.Banned) -> Steps:
        """Close the connections from addresses that are kept out from here on."""
        network = ipaddress.ip_network(effect.ban.target)
        text = effect.ban.text
        for connection in self._sessions.roster.within(network):
            self._tell(connection, lambda ctx: ctx.reply(numerics.ERR_YOUREBANNEDCREEP, text))
            if connection.session.user is not None:
                self._sessions.append_end(connection, GONE)
            self._sessions.close(connection, text)
            yield

    def _present(self, effect: fx.Present) -> Steps:
        numeric = numerics.RPL_MONONLINE if effect.source else numerics.RPL_MONOFFLINE
        found = self._sessions.world.user(effect.nick) if effect.source else None
        for connection in self._sessions.roster.watchers(fold(effect.nick)):
            seen = (connection.session.shown_nick, effect.source or effect.nick)
            message = Message(numeric.code, seen, self._sessions.server)
            connection.outbox.tell(message.encode())
            if found is not None:
                self._tell(connection, partial(show_watched, users=(found,)))
            yield

    def _key_changed(self, effect: fx.KeyChanged) -> Steps:
        for connection in self._sessions.roster.subscribers(effect):
            args = (effect.target, effect.key, effect.value)
            connection.outbox.tell(told(connection.session, self._sessions.server, *args).encode())
            yield
