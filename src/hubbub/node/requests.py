"""Carrying out what a command wants done, in the order in which it wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import structlog

from hubbub.core import effects as fx
from hubbub.core.context import Context
from hubbub.core.records import Entry
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from hubbub.journal.port import Journal
from hubbub.node.connection import Connection
from hubbub.node.history import HistoryReader
from hubbub.node.passwords import PasswordChecks
from hubbub.node.response import Response
from hubbub.node.roster import Roster

_log = structlog.get_logger(room="operators")


class Owner(Protocol):
    """What carrying out requests needs of the hub."""

    journal: Journal
    roster: Roster
    passwords: PasswordChecks
    history: HistoryReader
    reload: Callable[[], None]

    def now(self) -> float:
        """Return the loop's time."""

    def close(self, connection: Connection, reason: str) -> None:
        """Say ERROR to a connection and close it."""

    def leave(self, connection: Connection, reason: str) -> None:
        """End a session that asked for it, and close its connection when others have been told."""

    def finish(self, connection: Connection, response: Response) -> None:
        """Send the answer to a labelled command that is over."""

    def not_registered(self, connection: Connection) -> None:
        """Learn that a session which was about to become a user has not."""

    def flush_soon(self) -> None:
        """Write what was queued at the end of this tick."""


class Requests:
    """Carry out the effects of deciding on a command."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._table: dict[type, Callable[[Connection, Any, Context, Response | None], None]] = {
            fx.Answer: self._answer,
            fx.Stream: self._stream,
            fx.Append: self._append,
            fx.Signal: self._signal,
            fx.Verify: self._verify,
            fx.Look: self._look,
            fx.History: self._history,
            fx.HistoryTargets: self._history_targets,
            fx.Replay: self._replay,
            fx.Negotiated: self._negotiated,
            fx.Watch: self._watch,
            fx.Reload: self._reload,
            fx.Report: self._report,
            fx.Close: self._close,
        }

    def carry_out(self, connection: Connection, ctx: Context, response: Response | None) -> None:
        """Do what the context has collected; a labelled command's answers go to its response."""
        table = self._table
        effects, ctx.effects = ctx.effects, []
        for effect in effects:
            table[type(effect)](connection, effect, ctx, response)

    def _answer(
        self, connection: Connection, effect: fx.Answer, ctx: Context, response: Response | None
    ) -> None:
        if response is None:
            connection.outbox.answer(effect.message.encode())
        else:
            response.add_message(effect.message)

    def _append(
        self, connection: Connection, effect: fx.Append, ctx: Context, response: Response | None
    ) -> None:
        connection.in_flight += 1
        if response is not None:
            response.awaited += 1
        self._owner.journal.append(effect.draft)

    def _stream(
        self, connection: Connection, effect: fx.Stream, ctx: Context, response: Response | None
    ) -> None:
        if response is None:
            connection.outbox.produce(_encoded(effect.messages))
        else:
            for message in effect.messages:
                response.add_message(message)

    def _signal(
        self, connection: Connection, effect: fx.Signal, ctx: Context, response: Response | None
    ) -> None:
        echo = connection.session.has(cap.ECHO_MESSAGE) and connection.session.has(cap.MESSAGE_TAGS)
        self._owner.roster.signal(effect.message, effect.users, connection)
        if echo:
            self._answer(connection, fx.Answer(effect.message), ctx, response)

    def _verify(
        self, connection: Connection, effect: fx.Verify, ctx: Context, response: Response | None
    ) -> None:
        owner = self._owner
        started = owner.now()

        def verified(right: bool) -> None:
            connection.checking = False
            connection.checked_seconds += owner.now() - started
            if not connection.ended:
                effect.then(right)
                self.carry_out(connection, ctx, response)
            if not connection.in_flight:
                owner.not_registered(connection)
            if response is not None:
                response.awaited -= 1
                if not response.awaited:
                    owner.finish(connection, response)
            owner.flush_soon()
            connection.work()

        if response is not None:
            response.awaited += 1
        if owner.passwords.submit(effect.hash, effect.password, verified):
            connection.checking = True
            return
        text = "Too many people are logging in; try again shortly"
        ctx.fail("TRY_AGAIN", text, command=ctx.message.command)
        if connection.session.user is None:
            ctx.effects.append(fx.Close(text))
        self.carry_out(connection, ctx, response)
        owner.not_registered(connection)
        if response is not None:
            response.awaited -= 1

    def _look(
        self, connection: Connection, effect: fx.Look, ctx: Context, response: Response | None
    ) -> None:
        owner = self._owner

        def found(entry: Entry | None) -> None:
            connection.checking = False
            if not connection.ended:
                effect.then(entry)
                self.carry_out(connection, ctx, response)
            if response is not None:
                response.awaited -= 1
                if not response.awaited:
                    owner.finish(connection, response)
            owner.flush_soon()
            connection.work()

        if response is not None:
            response.awaited += 1
        connection.checking = True
        owner.history.look(connection, effect.msgid, found)

    def _history(
        self, connection: Connection, effect: fx.History, ctx: Context, response: Response | None
    ) -> None:
        self._owner.history.page(connection, effect, ctx, response)

    def _history_targets(
        self,
        connection: Connection,
        effect: fx.HistoryTargets,
        ctx: Context,
        response: Response | None,
    ) -> None:
        self._owner.history.targets(connection, effect, ctx, response)

    def _replay(
        self, connection: Connection, effect: fx.Replay, ctx: Context, response: Response | None
    ) -> None:
        self._owner.history.replay(connection, effect, ctx, response)

    def _negotiated(
        self, connection: Connection, effect: fx.Negotiated, ctx: Context, response: Response | None
    ) -> None:
        self._owner.roster.negotiated(connection, effect.caps)

    def _watch(
        self, connection: Connection, effect: fx.Watch, ctx: Context, response: Response | None
    ) -> None:
        self._owner.roster.unwatch(connection.session, effect.removed)
        self._owner.roster.watch(connection.session, effect.added)

    def _reload(
        self, connection: Connection, effect: fx.Reload, ctx: Context, response: Response | None
    ) -> None:
        self._owner.reload()

    def _report(
        self, connection: Connection, effect: fx.Report, ctx: Context, response: Response | None
    ) -> None:
        nick = connection.session.shown_nick
        _log.warning(effect.event, by=nick, address=connection.address, **effect.details)

    def _close(
        self, connection: Connection, effect: fx.Close, ctx: Context, response: Response | None
    ) -> None:
        self._owner.leave(connection, effect.reason)


def _encoded(messages: Iterator[Message]) -> Iterator[bytes]:
    for message in messages:
        yield message.encode()
