"""Reading back: history pages, and what a slow reader missed.

Each answer holds its place in the outbox while the archive reads, and is bounded by what had been
applied when it was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, Final, TypeVar

import structlog

from hubbub.core import requests as req
from hubbub.core.access.history import EVERYTHING
from hubbub.core.deciding.audit import is_by, line_of
from hubbub.core.deciding.context import Context
from hubbub.core.records.entries import Entry
from hubbub.core.records.moderation import AUDIT
from hubbub.core.showing.delivery import encode, in_history, is_shown, private_tags
from hubbub.core.showing.renamed import Naming, between, in_channel
from hubbub.irc import capabilities as cap
from hubbub.irc.fitting import fitted
from hubbub.irc.message import Message
from hubbub.irc.names import CHANNEL_PREFIXES
from hubbub.irc.timestamps import format_time
from hubbub.journal.port import (
    Archive,
    ArchiveBusy,
    ArchiveDamaged,
    JournalError,
    Page,
    Position,
)
from hubbub.node.connection import Connection
from hubbub.node.conversations import Conversations, bounds
from hubbub.node.response import Item, Response, with_tags
from hubbub.node.searching import Searcher
from hubbub.node.sessions import Sessions

UNREAD_TAG: Final = "hubbub/unread"
"""The tag of a conversation in TARGETS that tells how many messages of others are unread."""
BUSY_SECONDS: Final = 0.1
"""How long until a slow reader's entries are asked for again, when the archive had no time."""

AUDIT_PAGE: Final = 500
AUDIT_LOOKED_AT: Final = 50_000
"""How many acts of operators are looked at for those of one; older ones are not found."""

_UNREADABLE: Final = "Some of it cannot be read from the server's disk, and is left out"
PARTIAL: Final = "PARTIAL"
"""The last context of a failure that is no answer by itself: what can be read follows it."""
T = TypeVar("T")

_log = structlog.get_logger(room="history")


class HistoryReader:
    """Answer from the archive; it reads one thing at a time for each connection."""

    def __init__(self, sessions: Sessions, archive: Archive) -> None:
        self._sessions = sessions
        self._archive = archive
        self._conversations = Conversations(archive)
        self._tasks: set[asyncio.Task[None]] = set()
        self._newest: dict[Connection, asyncio.Task[None]] = {}
        self._batches = 0

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
                item = self._failure(
                    ctx, "TRY_AGAIN", "Too many people are reading; ask again shortly"
                )
            except JournalError as error:
                _rest(error)
                item = self._failure(ctx, "MESSAGE_ERROR", *ctx.message.params[:2], _UNREADABLE)
            if response is None:
                outbox.fulfil(place, item({}))
            else:
                response.fulfil(index, item)
                if not response.awaited:
                    self._sessions.finish(connection, response)
            self._sessions.flush_soon()

        self._start(connection, answer)

    def _failure(self, ctx: Context, code: str, *context: str) -> Item:
        message = Message("FAIL", (ctx.message.command, code, *context), self._sessions.server)
        return lambda tags: with_tags(message, tags)

    def page(
        self,
        connection: Connection,
        effect: req.History,
        ctx: Context,
        response: Response | None,
    ) -> None:
        """Answer CHATHISTORY with a page (IRCv3 chathistory)."""
        upto = self._sessions.world.applied
        own = ctx.user.nick

        async def read() -> Item:
            asked = await self._named(effect, upto)
            if asked is None:
                text = "Nothing there that you may read"
                command = ctx.param(0).upper()
                return self._failure(ctx, "INVALID_TARGET", command, effect.shown, text)
            damaged: list[ArchiveDamaged] = []
            try:
                entries = await self._read(asked, upto, damaged)
            except LookupError:
                text = "There is no such message here"
                return self._failure(ctx, "INVALID_PARAMS", ctx.param(0), effect.shown, text)
            named = _naming(asked, own)
            batch = self.batch(connection, ("chathistory", effect.shown), map(named, entries))
            if not damaged:
                return batch
            words = (ctx.param(0), effect.shown, PARTIAL, _UNREADABLE)
            return self.together([self._failure(ctx, "MESSAGE_ERROR", *words), batch])

        self.answer(connection, ctx, response, read)

    async def _named(self, effect: req.History, upto: int) -> req.History | None:
        """Return what is asked for, with the history of a guest who is gone."""
        if not effect.history.endswith("/"):
            return effect
        world, name = self._sessions.world, effect.shown
        history = await self._conversations.guest(world, effect.history, name, upto)
        return effect.of(history) if history is not None else None

    async def _read(
        self, effect: req.History, upto: int, damaged: list[ArchiveDamaged]
    ) -> list[Entry]:
        """Return what can be read of a page, and why not all in `damaged`."""
        since, hidden = bounds(effect.reach)

        async def part(
            limit: int, after: Position | None, before: Position | None, latest: bool
        ) -> list[Entry]:
            if limit <= 0:
                return []
            history, events = effect.history, effect.events
            page = Page(history, limit, upto, after, before, latest, events, since, hidden)
            try:
                return await self._archive.page(page)
            except ArchiveDamaged as error:
                damaged.append(error)
                return error.entries

        if effect.around is None:
            after = await self._position(effect.history, effect.after, upto)
            before = await self._position(effect.history, effect.before, upto)
            if after is not None and before is not None and _order(before) < _order(after):
                return await part(effect.limit, before, after, True)
            return await part(effect.limit, after, before, effect.latest)
        middle = await self._position(effect.history, effect.around, upto)
        assert middle is not None, "around is a bound"
        exact = await self._at(effect, middle, upto)
        half = (effect.limit - len(exact)) // 2
        earlier = await part(half, None, middle, True)
        # Whatever lies in the millisecond of a timestamp belongs to the page.
        from_here = middle if middle.seq is not None else Position(middle.time - 1000)
        later = await part(effect.limit - len(exact) - len(earlier), from_here, None, False)
        return [*earlier, *exact, *later]

    async def _at(self, effect: req.History, middle: Position, upto: int) -> list[Entry]:
        """Return the entry at a position, if the page may show it."""
        if middle.seq is None or middle.seq > upto:
            return []
        before = Position(middle.time, middle.seq + 1)
        after = Position(middle.time, middle.seq - 1)
        since, hidden = bounds(effect.reach)
        page = Page(effect.history, 1, upto, after, before, True, effect.events, since, hidden)
        return await self._archive.page(page)

    async def _position(self, history: str, bound: req.Bound | None, upto: int) -> Position | None:
        """Return where a bound is in a history. Raise LookupError where a msgid names nothing.

        What was taken back, or forgotten, still names its place: a client may go on from there.
        """
        if bound is None:
            return None
        if isinstance(bound, req.Timestamp):
            return Position(bound.value)
        seq = self._archive.position(bound.value)
        known = seq is not None and seq <= upto
        place = await self._archive.place(history, seq) if seq is not None and known else None
        if place is None:
            raise LookupError(bound.value)
        return place

    def targets(
        self,
        connection: Connection,
        effect: req.HistoryTargets,
        ctx: Context,
        response: Response | None,
    ) -> None:
        """Answer CHATHISTORY TARGETS."""
        world, server = self._sessions.world, self._sessions.server
        upto, user = world.applied, ctx.user
        # Clients that keep markers are told how much is unread; others would not know since when.
        counts = ctx.session.has(cap.READ_MARKER) and ctx.session.has(cap.MESSAGE_TAGS)

        async def read() -> Item:
            found = await self._conversations.newest(effect, upto)
            names = await self._conversations.names(world, effect.direct, found, upto)
            messages = []
            for newest in found:
                history = newest.history
                shown = effect.shown.get(history) or names.get(history)
                if shown is None:
                    continue
                marker = world.read_marker(user, shown)
                tags = {}
                if counts and (marker is not None or history not in effect.shown):
                    since, hidden = bounds(effect.reach.get(history, EVERYTHING))
                    page = Page(history, 0, upto, since=since, hidden=hidden)
                    unread = await self._conversations.unread(user, marker, page)
                    tags = {UNREAD_TAG: str(unread)}
                params = ("TARGETS", shown, format_time(newest.time))
                messages.append(Message("CHATHISTORY", params, server, tags))
            return self._message_batch(("draft/chathistory-targets",), messages)

        self.answer(connection, ctx, response, read)

    def audit(
        self,
        connection: Connection,
        effect: req.Audit,
        ctx: Context,
        response: Response | None,
    ) -> None:
        """Show what operators did last, a line each."""
        upto, nick, server = self._sessions.world.applied, ctx.user.nick, self._sessions.server

        async def read() -> Item:
            entries, looked_at = await self._acts(effect, upto)
            lines = [Message("NOTICE", (nick, line_of(entry)), server) for entry in entries]
            told = f"{len(entries)} entries"
            if looked_at >= AUDIT_LOOKED_AT:
                told += f"; the newest {looked_at} acts of operators were looked at, no more"
            lines.append(Message("NOTICE", (nick, told), server))
            return self.lines(lines)

        self.answer(connection, ctx, response, read)

    async def _acts(self, effect: req.Audit, upto: int) -> tuple[list[Entry], int]:
        """Return what operators did, the oldest first, and at how many acts were looked for it."""
        found: list[Entry] = []
        before, looked_at = None, 0
        size = AUDIT_PAGE if effect.by else effect.limit
        while len(found) < effect.limit and looked_at < AUDIT_LOOKED_AT:
            page = Page(AUDIT, size, upto, before=before, latest=True, events=True)
            entries = await self._archive.page(page)
            looked_at += len(entries)
            found = [entry for entry in entries if is_by(entry, effect.by)] + found
            if len(entries) < size:
                break
            before = Position(entries[0].time, entries[0].seq)
        return found[-effect.limit :], looked_at

    # Batches

    def batch(
        self, connection: Connection, kind: tuple[str, ...], entries: Iterable[Entry]
    ) -> Item:
        """Return entries as one batch; without that capability, as they are."""
        caps, reader = connection.session.caps, connection.session.user
        entries = [in_history(entry) for entry in entries if is_shown(entry, caps)]
        if not caps & cap.MESSAGE_TAGS:
            reader = None

        def lines(tags: dict[str, str]) -> bytes:
            return b"".join(
                encode(entry, caps, {**private_tags(entry, reader), **tags}) for entry in entries
            )

        return self._in_batch(kind, lines) if caps & cap.BATCH else lines

    def lines(self, messages: Iterable[Message]) -> Item:
        """Return messages as they are; of a labelled answer they are a batch."""
        return self.together([_line(message) for message in messages])

    def together(self, items: Sequence[Item]) -> Item:
        """Return several items as one; of a labelled answer they are a batch."""

        def plain(tags: dict[str, str]) -> bytes:
            return b"".join(item(tags) for item in items)

        batched = self._in_batch(("labeled-response",), plain)
        return lambda tags: batched(tags) if items and "label" in tags else plain(tags)

    def _message_batch(self, kind: tuple[str, ...], messages: list[Message]) -> Item:
        return self._in_batch(
            kind, lambda inner: b"".join(with_tags(message, inner) for message in messages)
        )

    def _in_batch(self, kind: tuple[str, ...], lines: Item) -> Item:
        self._batches += 1
        reference = f"h{self._batches:x}"
        server = self._sessions.server

        def item(tags: dict[str, str]) -> bytes:
            opening = Message("BATCH", (f"+{reference}", *kind), server, tags)
            outer = {"batch": tags["batch"]} if "batch" in tags else {}
            closing = Message("BATCH", (f"-{reference}",), server, outer)
            return opening.encode() + lines({"batch": reference}) + closing.encode()

        return item


def _line(message: Message) -> Item:
    return lambda tags: with_tags(fitted(message), tags)


def _order(position: Position) -> tuple[int, int]:
    return position.time, position.seq or 0


def _naming(asked: req.History, own: str) -> Naming:
    """Return under which names a page is shown.

    A guest who is gone and was not the last of that nick has the nick in what was said, though the
    conversation needs a name of its own.
    """
    if asked.shown.startswith(CHANNEL_PREFIXES):
        return in_channel(asked.shown)
    return between(asked.history, own, asked.shown.partition("/")[0])


def _rest(error: JournalError) -> list[Entry]:
    """Return what could be read all the same; the archive has said what is damaged."""
    if isinstance(error, ArchiveDamaged):
        return error.entries
    _log.error("archive cannot be read", error=str(error))
    return []
