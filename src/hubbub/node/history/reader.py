"""Reading back, one thing at a time for each connection: answers, and what a slow reader missed.

Each answer holds its place in the outbox while the archive reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

import structlog

from hubbub.core import requests as req
from hubbub.core.deciding.context import CommandContext, Context
from hubbub.core.records.entries import Entry
from hubbub.core.showing.delivery import encode
from hubbub.irc.message import Message
from hubbub.journal.port import Archive, ArchiveBusy, ArchiveDamaged, JournalError
from hubbub.node.connection import Connection
from hubbub.node.history.searching import Searcher
from hubbub.node.sending.response import Item, Response, with_tags
from hubbub.node.sessions import Sessions

BUSY_SECONDS: Final = 0.1
"""How long until a slow reader's entries are asked for again, when the archive had no time."""

UNREADABLE: Final = "Some of it cannot be read from the server's disk, and is left out"
_BUSY: Final = "Too many people are reading; ask again shortly"
T = TypeVar("T")

_log = structlog.get_logger(__name__)


class HistoryReader:
    """Answer from the archive; it reads one thing at a time for each connection."""

    def __init__(self, sessions: Sessions, archive: Archive) -> None:
        self._sessions = sessions
        self._archive = archive
        self._tasks: set[asyncio.Task[None]] = set()
        self._newest: dict[Connection, asyncio.Task[None]] = {}

    def read_again(self, connection: Connection, seqs: list[int]) -> None:
        """Read the entries that a slow connection was to be delivered."""

        async def read() -> None:
            try:
                entries = await self._entries(seqs)
            except JournalError as error:
                # The outbox tells how many are missing.
                entries = _rest(error)
            caps, box = connection.session.caps, connection.outbox
            data = b"".join(encode(entry, caps) for entry in entries)
            box.resume(data, len(seqs), len(seqs) - len(entries))
            box.flush()
            self._sessions.flush_soon()

        self._start(connection, read)

    async def _entries(self, seqs: list[int]) -> list[Entry]:
        return await self.patiently(lambda: self._archive.entries(seqs))

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask for what the peer did not ask for itself: that waits for as long as it takes."""
        while True:
            try:
                return await ask()
            except ArchiveBusy:
                await asyncio.sleep(BUSY_SECONDS)

    def _start(self, connection: Connection, read: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Read once all that was to be read for this connection before has been."""
        before = self._newest.get(connection)

        async def guarded() -> None:
            if before is not None:
                await asyncio.wait([before])
            try:
                await read()
            except Exception:
                # What was owed is not given, so the connection must not go on as if it had been.
                _log.exception("an answer could not be read")
                connection.stream.abort()

        def over(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if self._newest.get(connection) is task:
                del self._newest[connection]

        task = self._newest[connection] = asyncio.get_running_loop().create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(over)

    async def stop(self) -> None:
        """Give up what is still being read."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def read(self, connection: Connection, read: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Read for a connection what it did not ask for; nothing is owed where that fails."""

        async def leniently() -> None:
            try:
                await read()
            except JournalError as error:
                _rest(error)

        self._start(connection, leniently)

    def look(
        self, connection: Connection, msgid: str, then: Callable[[Entry | None], None]
    ) -> None:
        """Look up the entry of a msgid for a command that waits for it."""

        async def read() -> None:
            seq = self._archive.position(msgid)
            try:
                entries = await self._entries([seq]) if seq is not None else []
            except JournalError as error:
                entries = _rest(error)
            then(entries[0] if entries else None)

        self._start(connection, read)

    def search(
        self,
        connection: Connection,
        search: req.Search,
        found: Callable[[Sequence[Entry]], bool],
        over: Callable[[bool], None],
    ) -> None:
        """Look through histories for a command that waits for it; `found` says to go on."""
        upto = self._sessions.world.applied
        searcher = Searcher(self._archive, self._sessions.journal, self.patiently)

        async def read() -> None:
            over(await searcher.run(search, upto, found))

        self._start(connection, read)

    # Answers

    def answer(
        self,
        connection: Connection,
        ctx: Context,
        response: Response | None,
        read: Callable[[], Coroutine[Any, Any, Item]],
    ) -> None:
        """Put what `read` returns where the answer belongs: the outbox or a labelled answer."""
        outbox = connection.outbox
        place = response.place if response is not None else None
        if place is None:
            place = outbox.reserve()
        index = 0
        if response is not None:
            response.place = place
            index = response.await_item()

        async def answer() -> None:
            try:
                item = await read()
            except ArchiveBusy:
                item = failure(ctx, "TRY_AGAIN", _BUSY)
            except JournalError as error:
                _rest(error)
                item = failure(ctx, "MESSAGE_ERROR", *_asked(ctx), UNREADABLE)
            if response is None:
                outbox.fulfil(place, item({}))
            else:
                response.fulfil(index, item)
                if not response.awaited:
                    self._sessions.finish(connection, response)
            self._sessions.flush_soon()

        self._start(connection, answer)


def failure(ctx: Context, code: str, *context: str) -> Item:
    """Return that a command failed, as an item of its answer; a notice for what is no command."""
    if ctx.command:
        message = Message("FAIL", (ctx.command, code, *context), ctx.policy.server)
    else:
        params = (ctx.session.shown_nick, context[-1])
        message = Message("NOTICE", params, ctx.policy.server)
    return lambda tags: with_tags(message, tags)


def _asked(ctx: Context) -> tuple[str, ...]:
    """Return the words of a command by which a client knows which of its commands failed."""
    return tuple(ctx.message.params[:2]) if isinstance(ctx, CommandContext) else ()


def _rest(error: JournalError) -> list[Entry]:
    """Return what could be read all the same; the archive has said what is damaged."""
    if isinstance(error, ArchiveDamaged):
        return error.entries
    _log.error("archive cannot be read", error=str(error))
    return []
