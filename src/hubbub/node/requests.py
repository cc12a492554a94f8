"""Carrying out what a command wants done, in the order in which it wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog

from hubbub.core import requests as req
from hubbub.core.deciding import audit, read_only
from hubbub.core.deciding.context import Context
from hubbub.core.records.entries import Entry
from hubbub.core.world.session import Session
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.node.auth.secret_checks import draw
from hubbub.node.connection import Connection
from hubbub.node.history.pages import Pages
from hubbub.node.history.reader import HistoryReader
from hubbub.node.history.replay import Replays
from hubbub.node.limits.guard import LONG_SECONDS
from hubbub.node.peers.peers import Peers
from hubbub.node.process import Process
from hubbub.node.sending.response import Response
from hubbub.node.sending.segments import REST
from hubbub.node.sessions import Sessions

# What only commands ask for takes their context.
_Handler = Callable[[Connection, Any, Any, Response | None], None]

_log = structlog.get_logger(__name__)


class Requests:
    """Carry out the requests of deciding on a command; some go on to the `process`."""

    def __init__(
        self,
        sessions: Sessions,
        reader: HistoryReader,
        pages: Pages,
        replays: Replays,
        process: Process,
        peers: Peers,
    ) -> None:
        self._sessions = sessions
        self._secret_checks = sessions.secret_checks
        self._reader = reader
        self._process = process
        self._peers = peers
        self._table = self._handlers(pages, replays)

    def _handlers(self, pages: Pages, replays: Replays) -> dict[type, _Handler]:
        return {
            req.Answer: self._answer,
            req.AnswerMany: self._stream,
            req.Append: self._append,
            req.Signal: self._signal,
            req.Verify: self._verify,
            req.Prove: self._prove,
            req.Scram: self._scram,
            req.VerifySignature: self._verify_signature,
            req.Hash: self._hash,
            req.Census: self._census,
            req.Draw: self._draw,
            req.SendMail: self._mail,
            req.MailTo: self._mail_to,
            req.LookUp: self._look,
            req.Search: self._search,
            req.History: pages.page,
            req.HistoryTargets: pages.targets,
            req.Replay: replays.channel,
            req.ReplayDirect: replays.direct,
            req.Listen: self._listen,
            req.Negotiated: self._negotiated,
            req.WatchNicks: self._watch,
            req.Reload: self._reload,
            req.Drain: self._drain,
            req.Report: self._report,
            req.Audit: pages.audit,
            req.Close: self._close,
        }

    def carry_out(self, connection: Connection, ctx: Context, response: Response | None) -> bool:
        """Do what the context has collected; a labelled command's answers go to its response.

        Return whether that was done: what would need a record is refused while there can be none.
        """
        table, is_done = self._table, True
        asked: Sequence[req.Request] = audit.taken(ctx)
        if self._sessions.is_read_only:
            asked, is_done = read_only.sifted(ctx, asked)
        for effect in asked:
            table[type(effect)](connection, effect, ctx, response)
        return is_done

    def _answer(
        self,
        connection: Connection,
        effect: req.Answer,
        ctx: Context,
        response: Response | None,
    ) -> None:
        if response is None:
            connection.outbox.answer(effect.message.encode())
        else:
            response.add_message(effect.message)

    def _append(
        self,
        connection: Connection,
        effect: req.Append,
        ctx: Context,
        response: Response | None,
    ) -> None:
        connection.in_flight += 1
        if response is not None:
            response.awaited += 1
        self._sessions.journal.append(effect.draft)

    def _stream(
        self,
        connection: Connection,
        effect: req.AnswerMany,
        ctx: Context,
        response: Response | None,
    ) -> None:
        messages = self._heard(connection, effect.messages, ctx)
        if response is None:
            connection.outbox.produce(_encoded(messages))
        else:
            response.add_stream(messages)

    def _heard(
        self, connection: Connection, messages: Iterator[Message | None], ctx: Context
    ) -> Iterator[Message | None]:
        """Make an answer for a session as what it has proved, though another speaks in between.

        What it asks for as it is made, such as a record of what a privilege shows, is done then.
        No step of it is long, but all together may be: that is charged as what holds the loop is.
        """
        clock, taken = self._sessions.guard.clock, 0.0
        while True:
            begun = clock()
            _hear(connection.session)
            try:
                made = next(messages)
            except StopIteration:
                return
            if ctx.requests and not self.carry_out(connection, ctx, None):
                # It was to be shown only with a record that it was.
                return
            taken += clock() - begun
            if taken >= LONG_SECONDS:
                connection.charge(taken / LONG_SECONDS)
                taken = 0.0
            yield made

    def _signal(
        self,
        connection: Connection,
        effect: req.Signal,
        ctx: Context,
        response: Response | None,
    ) -> None:
        echo = connection.session.has(cap.ECHO_MESSAGE) and connection.session.has(cap.MESSAGE_TAGS)
        self._sessions.roster.signal(effect.message, effect.users, connection)
        self._peers.typing.tell(effect)
        if echo:
            self._answer(connection, req.Answer(effect.message), ctx, response)

    def _wait(
        self, connection: Connection, ctx: Context, response: Response | None
    ) -> Callable[[Callable[[], None]], None]:
        """Let a connection's commands wait; return what goes on with what is to be done then.

        The time that this takes does not count against the time to register.
        """
        sessions = self._sessions
        started = sessions.now()
        connection.checking += 1
        if response is not None:
            response.awaited += 1

        def go_on(then: Callable[[], None]) -> None:
            connection.checking -= 1
            connection.checked_seconds += sessions.now() - started
            # Who has gone meanwhile is answered nothing, and nothing more is asked for in that
            # name.
            if not (connection.ended or connection.closing):
                begun = sessions.guard.clock()
                # Another session of the user may have been heard since, with other privileges.
                _hear(connection.session)
                try:
                    then()
                    self.carry_out(connection, ctx, response)
                except Exception:
                    sessions.fault(connection, ctx.command)
                sessions.guard.since(begun, ctx.command, connection)
            # Nothing was asked for that could make it a user: it may try again.
            if not connection.in_flight:
                sessions.not_registered(connection)
            if response is not None:
                # Last: carrying out may have added to what the labelled answer waits for.
                response.awaited -= 1
                if not response.awaited:
                    sessions.finish(connection, response)
            sessions.flush_soon()
            connection.work()

        return go_on

    def _refuse(self, connection: Connection, ctx: Context, later: req.Later) -> None:
        """Say that nothing was checked, and when to come again."""
        ctx.fail("TRY_AGAIN", later.text, command=ctx.command)
        if connection.session.user is None:
            ctx.requests.append(req.Close(later.text))
        elif connection.session.sasl is not None:
            connection.session.sasl = None
            ctx.reply(numerics.ERR_SASLFAIL)

    def _outcome(
        self,
        connection: Connection,
        ctx: Context,
        response: Response | None,
        then: Callable[[Any], None],
        account: str | None = None,
    ) -> Callable[[Any], None]:
        """Let a connection's commands wait; return what takes the outcome of a check.

        What was to prove an `account` (folded, or "") and was wrong is a failed login.
        """
        go_on = self._wait(connection, ctx, response)

        def done(outcome: Any) -> None:
            wrong = isinstance(outcome, req.Proof) and not (outcome.right or outcome.code_missing)
            if wrong and account is not None:
                name = self._sessions.login_failed(connection, account)
                self._peers.login_failed(name, connection.door)
            if isinstance(outcome, req.Later):
                go_on(lambda: self._refuse(connection, ctx, outcome))
            else:
                go_on(lambda: then(outcome))

        return done

    def _verify(
        self,
        connection: Connection,
        effect: req.Verify,
        ctx: Context,
        response: Response | None,
    ) -> None:
        # The server's password is nobody's account's, and an operator's of the settings neither.
        done = self._outcome(connection, ctx, response, effect.then, "")
        self._secret_checks.verify(effect, connection.address, done)

    def _prove(
        self,
        connection: Connection,
        effect: req.Prove,
        ctx: Context,
        response: Response | None,
    ) -> None:
        done = self._outcome(connection, ctx, response, effect.then, effect.account)
        self._secret_checks.prove(effect, connection.address, done)

    def _scram(
        self,
        connection: Connection,
        effect: req.Scram,
        ctx: Context,
        response: Response | None,
    ) -> None:
        done = self._outcome(connection, ctx, response, effect.then, effect.account)
        self._secret_checks.scram(effect, connection, done)

    def _verify_signature(
        self,
        connection: Connection,
        effect: req.VerifySignature,
        ctx: Context,
        response: Response | None,
    ) -> None:
        # Imported here: with an SSH door the library is loaded already, without one hardly anybody
        # proves a key.
        from hubbub.transport.ssh.signatures import signer

        # A signature cannot be guessed, and takes less than a millisecond.
        effect.then(signer(effect.text, effect.namespace, effect.armored))
        self.carry_out(connection, ctx, response)

    def _hash(
        self, connection: Connection, effect: req.Hash, ctx: Context, response: Response | None
    ) -> None:
        done = self._outcome(connection, ctx, response, effect.then)
        secret_checks, address = self._secret_checks, connection.address
        if effect.registers and not secret_checks.may_register(address):
            done(req.Later("Too many accounts were made from where you are; try again in an hour"))
        else:
            secret_checks.hash(effect.password, self._sessions.policy.scram, address, done)

    def _census(
        self, connection: Connection, effect: req.Census, ctx: Context, response: Response | None
    ) -> None:
        go_on = self._wait(connection, ctx, response)
        self._peers.census.ask(
            effect.network, lambda users, unknown: go_on(lambda: effect.then(users, unknown))
        )

    def _draw(
        self, connection: Connection, effect: req.Draw, ctx: Context, response: Response | None
    ) -> None:
        effect.then(draw(effect.count))
        self.carry_out(connection, ctx, response)

    def _mail(
        self, connection: Connection, effect: req.SendMail, ctx: Context, response: Response | None
    ) -> None:
        if effect.tried is None:
            self._process.mail(effect)
            return
        then, go_on = effect.tried, self._wait(connection, ctx, response)

        def tried(why: str) -> None:
            go_on(lambda: then(why))

        self._process.mail(req.SendMail(effect.to, effect.subject, effect.text, tried))

    def _mail_to(
        self,
        connection: Connection,
        effect: req.MailTo,
        ctx: Context,
        response: Response | None,
    ) -> None:
        def found(to: str | None) -> None:
            if to:
                self._process.mail(req.SendMail(to, effect.subject, effect.text))

        self._secret_checks.secret(effect.seq, found)

    def _look(
        self, connection: Connection, effect: req.LookUp, ctx: Context, response: Response | None
    ) -> None:
        go_on = self._wait(connection, ctx, response)
        self._reader.look(connection, effect.msgid, lambda entry: go_on(lambda: effect.then(entry)))

    def _search(
        self,
        connection: Connection,
        effect: req.Search,
        ctx: Context,
        response: Response | None,
    ) -> None:
        go_on = self._wait(connection, ctx, response)

        def found(entries: Sequence[Entry]) -> bool:
            if connection.ended or connection.closing:
                return False
            begun = self._sessions.guard.clock()
            _hear(connection.session)
            goes_on = effect.found(entries)
            # At once, slice by slice: all that is found would be more than may wait.
            goes_on = self.carry_out(connection, ctx, response) and goes_on
            self._sessions.guard.since(begun, ctx.command, connection)
            return goes_on

        self._reader.search(
            connection, effect, found, lambda all_of_it: go_on(lambda: effect.over(all_of_it))
        )

    def _listen(
        self,
        connection: Connection,
        effect: req.Listen,
        ctx: Context,
        response: Response | None,
    ) -> None:
        self._sessions.roster.listen(connection, effect.channel, effect.on)

    def _negotiated(
        self,
        connection: Connection,
        effect: req.Negotiated,
        ctx: Context,
        response: Response | None,
    ) -> None:
        self._sessions.roster.negotiated(connection, effect.caps)

    def _watch(
        self,
        connection: Connection,
        effect: req.WatchNicks,
        ctx: Context,
        response: Response | None,
    ) -> None:
        self._sessions.roster.unwatch(connection.session, effect.removed)
        self._sessions.roster.watch(connection.session, effect.added)

    def _reload(
        self,
        connection: Connection,
        effect: req.Reload,
        ctx: Context,
        response: Response | None,
    ) -> None:
        effect.then(self._process.reload())
        self._peers.have_reread(connection.session.shown_nick)
        self.carry_out(connection, ctx, response)

    def _drain(
        self,
        connection: Connection,
        effect: req.Drain,
        ctx: Context,
        response: Response | None,
    ) -> None:
        effect.then(self._process.drain(effect.seconds))
        self.carry_out(connection, ctx, response)

    def _report(
        self,
        connection: Connection,
        effect: req.Report,
        ctx: Context,
        response: Response | None,
    ) -> None:
        nick = connection.session.shown_nick
        _log.warning(effect.event, by=nick, address=connection.address, **effect.details)

    def _close(
        self,
        connection: Connection,
        effect: req.Close,
        ctx: Context,
        response: Response | None,
    ) -> None:
        self._sessions.leave(connection, effect.reason)


def _hear(session: Session) -> None:
    """Let a session's user have what this session has proved, though another spoke in between."""
    if session.user is not None:
        session.user.acting = session.id


def _encoded(messages: Iterator[Message | None]) -> Iterator[bytes]:
    for message in messages:
        yield message.encode() if message is not None else REST
