"""Answers from the archive: pages of history, conversations with something new, the audit.

Each is bounded by what had been applied when it was asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from hubbub.core import requests as req
from hubbub.core.access.history import EVERYTHING
from hubbub.core.deciding.audit import is_by, line_of
from hubbub.core.deciding.context import CommandContext
from hubbub.core.records.entries import Entry
from hubbub.core.records.moderation import AUDIT
from hubbub.core.showing.renamed import Naming, between, in_channel
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from hubbub.irc.names import CHANNEL_PREFIXES
from hubbub.irc.timestamps import format_time
from hubbub.journal.names import is_said, parent_of
from hubbub.journal.port import Archive, ArchiveDamaged, readable
from hubbub.journal.questions import Page, Position, Unread
from hubbub.node.connection import Connection
from hubbub.node.history.batches import BatchWriter
from hubbub.node.history.conversations import Conversations, bounds, unread_after
from hubbub.node.history.reactions import standing
from hubbub.node.history.reader import UNREADABLE, HistoryReader, failure
from hubbub.node.sending.response import Item, Response
from hubbub.node.sessions import Sessions

UNREAD_TAG: Final = "hubbub/unread"
"""The tag of a conversation in TARGETS that tells how many messages of others are unread."""
AUDIT_PAGE: Final = 500
AUDIT_LOOKED_AT: Final = 50_000
"""How many acts of operators are looked at for those of one; older ones are not found."""
PARTIAL: Final = "PARTIAL"
"""The last context of a failure that is no answer by itself: what can be read follows it."""


_Part = Callable[[int, Position | None, Position | None, bool], Awaitable[list[Entry]]]
"""Read part of a history: how many, after what, before what, and whether the newest of it."""


class Pages:
    """Answer what is asked about histories."""

    def __init__(
        self, sessions: Sessions, reader: HistoryReader, batches: BatchWriter, archive: Archive
    ) -> None:
        self._sessions = sessions
        self._reader = reader
        self._batches = batches
        self._archive = archive
        self._conversations = Conversations(archive)

    def page(
        self,
        connection: Connection,
        effect: req.History,
        ctx: CommandContext,
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
                return failure(ctx, "INVALID_TARGET", command, effect.shown, text)
            damaged: list[ArchiveDamaged] = []
            try:
                shown, is_last = await self._read(asked, upto, damaged)
            except LookupError:
                text = "There is no such message here"
                return failure(ctx, "INVALID_PARAMS", ctx.param(0), effect.shown, text)
            named = _naming(asked, own)
            context = await self._context(asked, shown, upto)
            batch = self._batches.page(
                connection,
                ("chathistory", effect.shown),
                map(named, shown),
                {seq: list(map(named, about)) for seq, about in context.items()},
                is_last and not damaged,
            )
            if not damaged:
                return batch
            words = (ctx.param(0), effect.shown, PARTIAL, UNREADABLE)
            return self._batches.together([failure(ctx, "MESSAGE_ERROR", *words), batch])

        self._reader.answer(connection, ctx, response, read)

    async def _named(self, effect: req.History, upto: int) -> req.History | None:
        """Return what is asked for, with the history of a guest who is gone."""
        if not effect.history.endswith("/"):
            return effect
        world, name = self._sessions.world, effect.shown
        history = await self._conversations.guest(world, effect.history, name, upto)
        return effect.of(history) if history is not None else None

    async def _read(
        self, effect: req.History, upto: int, damaged: list[ArchiveDamaged]
    ) -> tuple[list[Entry], bool]:
        """Return what can be read of a page, and whether it leads to where nothing more is.

        Why it is not all is in `damaged`. Around a message it leads nowhere.
        """
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
            before, latest = (
                await self._position(effect.history, effect.before, upto),
                effect.latest,
            )
            # The specification lets BETWEEN go either way: from the later to the earlier end it
            # means the newest of what lies between.
            if after is not None and before is not None and _order(before) < _order(after):
                after, before, latest = before, after, True
            # One more than is shown tells whether there is more.
            found = await part(effect.limit + 1, after, before, latest)
            shown = found[-effect.limit :] if latest else found[: effect.limit]
            return shown, len(found) <= effect.limit
        return await self._around(effect, upto, part), False

    async def _around(self, effect: req.History, upto: int, part: _Part) -> list[Entry]:
        """Return a page with a message, or a time, in its middle."""
        middle = await self._position(effect.history, effect.around, upto)
        assert middle is not None, "around is a bound"
        # It counts, and what is asked for lies around it: half of the rest before, and what is left
        # after.
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
        return await self._parents(history, seq or 0, place)

    async def _parents(self, history: str, seq: int, place: Position) -> Position:
        """Return the place of what a message belongs to, where that is so: it was shown there.

        Some clients go on from the last msgid of a page, whatever that is.
        """
        for entry in await readable(self._archive.entries([seq])):
            parent = self._archive.position(parent_of(entry.record, entry.body))
            if parent is not None and parent < entry.seq:
                return await self._archive.place(history, parent) or place
        return place

    async def _context(
        self, asked: req.History, shown: list[Entry], upto: int
    ) -> dict[int, list[Entry]]:
        """Return the reactions to what a page shows, for who takes more than what was said."""
        if not asked.events:
            return {}
        said = [entry.seq for entry in shown if is_said(entry.record)]
        context = await self._archive.context(said, upto)
        return standing(context, asked.history, asked.reach)

    def targets(
        self,
        connection: Connection,
        effect: req.HistoryTargets,
        ctx: CommandContext,
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
            named = [
                (one, shown)
                for one in found
                if (shown := effect.shown.get(one.history) or names.get(one.history)) is not None
            ]
            asked: dict[str, Unread] = {}
            for newest, shown in named if counts else ():
                history, marker = newest.history, world.read_marker(user, shown)
                if marker is not None or history not in effect.shown:
                    part = effect.reach.get(history, EVERYTHING)
                    asked[history] = unread_after(history, part, marker, user, upto)
            counted = await self._archive.unread(list(asked.values()))
            unread = dict(zip(asked, counted, strict=True))
            messages = []
            for newest, shown in named:
                known = unread.get(newest.history)
                tags = {} if known is None else {UNREAD_TAG: str(known.said)}
                params = ("TARGETS", shown, format_time(newest.time))
                messages.append(Message("CHATHISTORY", params, server, tags))
            return self._batches.of(("draft/chathistory-targets",), messages)

        self._reader.answer(connection, ctx, response, read)

    def editions(
        self,
        connection: Connection,
        effect: req.Editions,
        ctx: CommandContext,
        response: Response | None,
    ) -> None:
        """Show what a message said before it was edited, a line each."""
        server = self._sessions.server

        async def read() -> Item:
            lines = [
                Message("EDITS", (effect.shown, effect.msgid, format_time(one.upto), line), server)
                for one in await self._archive.editions(effect.seq)
                for line in filter(None, one.body.text.replace("\r", "\n").split("\n"))
            ]
            lines.append(
                Message("EDITS", (effect.shown, effect.msgid, "*", "End of edits"), server)
            )
            return self._batches.lines(lines)

        self._reader.answer(connection, ctx, response, read)

    def audit(
        self,
        connection: Connection,
        effect: req.Audit,
        ctx: CommandContext,
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
            return self._batches.lines(lines)

        self._reader.answer(connection, ctx, response, read)

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
