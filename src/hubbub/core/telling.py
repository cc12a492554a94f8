"""What sessions are told of what applying an entry brought about: one table, for every shell.

    apply -> outcomes -> Telling.table -> Sessions (who is here), Shell (has it done)

Who is told of an outcome, and in which words, is said here. The shell knows who is connected, and
carries out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from hubbub.core.access.metadata import is_told, told
from hubbub.core.access.ranks import may_act_on
from hubbub.core.commands.channels.membership import show
from hubbub.core.commands.channels.rename import moved
from hubbub.core.commands.metadata.subscriptions import show_watched
from hubbub.core.commands.users.connecting import not_welcome
from hubbub.core.deciding.context import Context
from hubbub.core.dispatch import refused
from hubbub.core.outcomes import (
    AccountClosed,
    Afterwards,
    Banned,
    Brought,
    CredentialGone,
    Deliver,
    Entered,
    Erase,
    EraseAccount,
    Failed,
    HistoryEnded,
    KeyChanged,
    Left,
    Moved,
    Notify,
    OthersGone,
    Present,
    ReadUp,
    Refused,
    Revise,
    SessionEnded,
    SessionStarted,
)
from hubbub.core.records.base import SessionId
from hubbub.core.records.entries import Body
from hubbub.core.world.bans import GONE, Network
from hubbub.core.world.session import Session
from hubbub.core.world.state import Channel, Circle, User
from hubbub.core.world.world import World
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold

Decide = Callable[[Context], None]
"""Say something to a session, by what its context collects."""
Tell = Callable[[Any], "Iterator[None] | None"]
"""Tell of an outcome; what may concern thousands returns steps, taken when all else is done."""


class LocalSession(Protocol):
    """What the shell has of a session: a connection."""

    session: Session


P = TypeVar("P", bound=LocalSession)
Told = TypeVar("Told", bound=LocalSession, contravariant=True)


class LocalSessions(Protocol[P]):
    """Who is connected here, and who hears what."""

    def get(self, session: SessionId) -> P | None:
        """Return a session's connection; None where it is on another node, or has gone."""

    def everybody(self) -> list[P]:
        """Return all connections, also those of nobody yet."""

    def sessions_of(self, user: User) -> Sequence[P]:
        """Return the connections of a user's local sessions, but for the quiet ones."""

    def hearing(self, user: User, channel: Channel) -> list[P]:
        """Return the local sessions of a member that hear a channel."""

    def within(self, network: Network) -> list[P]:
        """Return the connections from a network, also of those who are not registered yet."""

    def watchers(self, nick: str) -> list[P]:
        """Return the connections that watch for a nick (folded)."""

    def around(self, users: Iterable[User], circle: Circle | None, watched: str) -> Iterable[P]:
        """Return the connections of users, of a circle, and of who watches a nick, each once."""

    def started(self, session: SessionId, user: User) -> P | None:
        """Give a local session its user; return its connection."""

    def ended(self, session: SessionId) -> P | None:
        """Forget a local session; return its connection."""

    def entered(self, effect: Entered) -> None:
        """Let a member's local sessions hear the channel."""

    def left(self, effect: Left) -> Sequence[P]:
        """Let a former member's local sessions hear the channel no more; return them."""

    def deliver(self, effect: Deliver) -> None:
        """Queue an entry for everybody who is to see it."""

    def notify(self, effect: Notify) -> None:
        """Tell users' sessions with certain capabilities what is no entry."""


class Shell(Protocol[Told]):
    """What has done what is decided here."""

    @property
    def world(self) -> World:
        """Return the World, which has followed the entry."""

    @property
    def server(self) -> str:
        """Return the server's name, for what has no other source."""

    def tell(self, peer: Told, decide: Decide, request: int = 0) -> None:
        """Have the rules tell a session something, as the answer to this request if there is one.

        A fault in that concerns nobody else.
        """

    def send(self, peer: Told, message: Message) -> None:
        """Tell a session what others brought about, if it keeps up."""

    def close(self, peer: Told, reason: str) -> None:
        """Say ERROR to a connection and close it."""

    def end(self, peer: Told, reason: str) -> None:
        """Ask for the record that ends a session."""

    def began(self, peer: Told, user: User) -> None:
        """Show a session of a user from here on what it missed; end it if it has gone already."""

    def not_registered(self, peer: Told) -> None:
        """Learn that a session which was about to become a user has not."""

    def forget(self, history: str, upto: int | None) -> None:
        """Let nobody read what was said in a history up to now, though its name is used again."""

    def revise(self, seq: int, by: int, keeps: bool, body: Body | None) -> None:
        """Let an entry have the body of the entry `by`, and its own be kept beside it or not."""

    def recount(self, user: User, target: str) -> None:
        """Tell a user's sessions that count how much is unread where one of them has read."""

    def erase(self, seqs: Sequence[int]) -> None:
        """Let the bodies of entries be gone for good."""

    def erase_account(self, account: str) -> None:
        """Let all that an account has said up to now be gone for good."""


class Telling(Generic[P]):
    """Tell sessions of outcomes; `table` finds what does it by their type."""

    def __init__(self, sessions: LocalSessions[P], shell: Shell[P]) -> None:
        self._sessions = sessions
        self._shell = shell
        self.table: dict[type, Tell] = {
            Deliver: sessions.deliver,
            Notify: self._notify,
            Refused: self._refused,
            Failed: self._refused,
            Entered: sessions.entered,
            Brought: self._brought,
            Moved: self._moved,
            Left: self._left,
            SessionStarted: self._session_started,
            SessionEnded: self._session_ended,
            CredentialGone: self._credential_gone,
            OthersGone: self._others_gone,
            AccountClosed: self._account_closed,
            Present: self._present,
            HistoryEnded: lambda outcome: shell.forget(outcome.history, outcome.upto),
            KeyChanged: self._key_changed,
            Banned: self._banned,
            Afterwards: self._afterwards,
            Revise: self._revise,
            ReadUp: lambda outcome: shell.recount(outcome.user, outcome.target),
            Erase: lambda outcome: shell.erase(outcome.seqs),
            EraseAccount: lambda outcome: shell.erase_account(outcome.account),
        }

    def _notify(self, outcome: Notify) -> None:
        """Tell it; what has no source is the server's, and says so: not all clients supply one."""
        self._sessions.notify(outcome.from_somebody(self._shell.server))

    def _refused(self, outcome: Refused | Failed) -> None:
        peer = self._sessions.get(outcome.origin.session)
        if peer is None:
            return

        def decide(ctx: Context) -> None:
            refused(ctx, outcome)
            if peer.session.user is None and peer.session.registering:
                not_welcome(peer.session)
                self._shell.not_registered(peer)

        self._shell.tell(peer, decide, outcome.origin.request)

    def _brought(self, outcome: Brought) -> None:
        for peer in self._sessions.sessions_of(outcome.user):
            if peer.session.id != outcome.but:
                self._shell.tell(peer, lambda ctx: show(ctx, outcome.channel))

    def _moved(self, outcome: Moved) -> Iterator[None]:
        sessions, channel = self._sessions, outcome.channel
        concerned = [one for user in channel.members for one in sessions.hearing(user, channel)]
        for peer in concerned:
            # Between two steps it may have left.
            if peer.session.user in channel.members:
                self._shell.tell(peer, lambda ctx: moved(ctx, outcome))
            yield

    def _left(self, outcome: Left) -> None:
        for peer in self._sessions.left(outcome):
            peer.session.has_left(outcome.channel.history, self._shell.world.applied)

    def _session_started(self, outcome: SessionStarted) -> None:
        peer = self._sessions.started(outcome.session, outcome.user)
        if peer is not None:
            peer.session.registering = False
            self._shell.began(peer, outcome.user)

    def _session_ended(self, outcome: SessionEnded) -> None:
        peer = self._sessions.ended(outcome.session)
        if peer is not None:
            self._shell.close(peer, outcome.reason)

    def _credential_gone(self, outcome: CredentialGone) -> None:
        gone = (outcome.kind, outcome.id)
        for peer in self._sessions.everybody():
            session = peer.session
            proved = session.account == outcome.account and session.credential == gone
            if proved and session.id != outcome.session:
                self._shell.close(peer, "What you logged in with was revoked")

    def _others_gone(self, outcome: OthersGone) -> None:
        for peer in self._sessions.everybody():
            session = peer.session
            if session.account == outcome.account and session.id != outcome.session:
                self._shell.close(peer, "Ended from another of your connections")

    def _account_closed(self, outcome: AccountClosed) -> None:
        for peer in self._sessions.everybody():
            if peer.session.account == outcome.account and peer.session.user is None:
                self._shell.close(peer, outcome.reason)

    def _present(self, outcome: Present) -> Iterator[None]:
        shell, is_here = self._shell, outcome.source
        numeric = numerics.RPL_MONONLINE if is_here else numerics.RPL_MONOFFLINE
        found = shell.world.user(outcome.nick) if is_here else None
        for peer in self._sessions.watchers(fold(outcome.nick)):
            seen = (peer.session.shown_nick, outcome.source or outcome.nick)
            shell.send(peer, Message(numeric.code, seen, shell.server))
            if found is not None:
                shell.tell(peer, partial(show_watched, users=(found,)))
            yield

    def _key_changed(self, outcome: KeyChanged) -> Iterator[None]:
        around = self._sessions.around(outcome.users, outcome.circle, outcome.watched)
        for peer in [one for one in around if _subscribes(one.session, outcome)]:
            args = (outcome.target, outcome.key, outcome.value)
            self._shell.send(peer, told(peer.session, self._shell.server, *args))
            yield

    def _banned(self, outcome: Banned) -> Iterator[None]:
        text = outcome.ban.text
        for peer in self._sessions.within(ipaddress.ip_network(outcome.ban.target)):
            user = peer.session.user
            if user is not None and not may_act_on(self._shell.world, outcome.held, user):
                # Who banned the address may have been on a node that did not see whom it hits.
                continue
            self._shell.tell(peer, lambda ctx: ctx.reply(numerics.ERR_YOUREBANNEDCREEP, text))
            if user is not None:
                # Others are not told the reason.
                self._shell.end(peer, GONE)
            self._shell.close(peer, text)
            yield

    def _revise(self, outcome: Revise) -> None:
        self._shell.revise(outcome.seq, outcome.by, outcome.keeps, outcome.body)

    def _afterwards(self, outcome: Afterwards) -> Iterator[None]:
        for note in outcome.notes:
            self._notify(note)
            yield


def _subscribes(session: Session, outcome: KeyChanged) -> bool:
    """Say whether a session asked for a key, may be told, and did not change it itself."""
    asked = outcome.key in session.subscriptions and is_told(session)
    return asked and session.id != outcome.but
