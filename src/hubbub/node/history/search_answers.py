"""Answers to searches: what fits and may be read, as a batch, and what was not looked at."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import Final

from hubbub.core.access.history import EVERYTHING
from hubbub.core.deciding.context import CommandContext
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Said
from hubbub.core.requests import FullTextSearch
from hubbub.core.showing.renamed import between, in_channel
from hubbub.core.world.state import User
from hubbub.irc.message import Message
from hubbub.irc.timestamps import format_time
from hubbub.journal.port import Archive
from hubbub.journal.questions import Found, Hit, Newest, SearchPlace, SearchQuestion
from hubbub.node.connection import Connection
from hubbub.node.history.batches import BatchWriter
from hubbub.node.history.conversations import Conversations
from hubbub.node.history.reader import HistoryReader, failure
from hubbub.node.sending.response import Item, Response, with_tags
from hubbub.node.sessions import Sessions

AT_ONCE: Final = 2
"""How many searches of one person are done at once, over all devices; one more is refused."""
BATCH: Final = "soju.im/search"


class SearchAnswers:
    """Answer SEARCH from the archive."""

    def __init__(
        self, sessions: Sessions, reader: HistoryReader, batches: BatchWriter, archive: Archive
    ) -> None:
        self._sessions = sessions
        self._reader = reader
        self._batches = batches
        self._archive = archive
        self._conversations = Conversations(archive)
        self._asking: Counter[User] = Counter()

    def search(
        self,
        connection: Connection,
        effect: FullTextSearch,
        ctx: CommandContext,
        response: Response | None,
    ) -> None:
        """Answer with what is found, oldest first; refuse it to who asks too much at once."""
        user, upto = ctx.user, self._sessions.world.applied

        async def read() -> Item:
            if self._asking[user] >= AT_ONCE:
                text = "You search twice at once already; wait until that is answered"
                return failure(ctx, "TRY_AGAIN", text)
            self._asking[user] += 1
            try:
                return await self._read(connection, effect, ctx, upto)
            finally:
                self._asking[user] -= 1
                self._asking += Counter()

        self._reader.answer(connection, ctx, response, read)

    async def _read(
        self, connection: Connection, effect: FullTextSearch, ctx: CommandContext, upto: int
    ) -> Item:
        shown = await self._shown(effect, upto)
        if shown is None:
            return failure(ctx, "INVALID_PARAMS", "in", "Nothing there that you may read")
        last = upto
        if effect.page is not None:
            seq = self._archive.position(effect.page.value)
            if seq is None or seq > upto:
                return failure(ctx, "INVALID_PARAMS", "page", "There is no such message")
            last = seq - 1
        places = tuple(self._places(effect, shown))
        found = await self._archive.find(SearchQuestion(effect.query, places, effect.limit, last))
        notes = [self._note(ctx, *note) for note in _notes(found)]
        if effect.as_lines:
            return self._batches.together([*map(_line, reversed(found.hits)), *notes])
        entries = await self._named(effect, shown, ctx, found, upto)
        batch = self._batches.page(connection, (BATCH,), entries)
        return self._batches.together([*notes, batch]) if notes else batch

    async def _shown(self, effect: FullTextSearch, upto: int) -> dict[str, str] | None:
        """Return the names of histories that are searched, those of guests who are gone too."""
        shown = dict[str, str]()
        for history, name in effect.shown.items():
            found: str | None = history
            if history.endswith("/"):
                world = self._sessions.world
                found = await self._conversations.guest(world, history, name, upto)
            if found is None:
                return None
            shown[found] = name
        return shown

    def _places(self, effect: FullTextSearch, shown: dict[str, str]) -> list[SearchPlace]:
        names = [*shown, *([f"{effect.direct}*"] if effect.direct else [])]
        names += [effect.everywhere] if effect.everywhere else []
        places = []
        for name in names:
            part = effect.reach.get(name, EVERYTHING)
            since = part.since[1] if part.since is not None else 0
            hidden = tuple((first[1], end[1]) for first, end in part.hidden)
            places.append(SearchPlace(name, since, hidden))
        return places

    async def _named(
        self,
        effect: FullTextSearch,
        shown: dict[str, str],
        ctx: CommandContext,
        found: Found,
        upto: int,
    ) -> list[Entry]:
        """Return what was found, oldest first, under the names that the asker knows."""
        world, own = self._sessions.world, ctx.user.nick
        names = shown
        if effect.direct:
            direct = [one for one in found.hits if one.history.startswith(effect.direct)]
            newest = {one.history: Newest(one.history, one.entry.time, 0) for one in direct}
            partners = await self._conversations.names(
                world, effect.direct, list(newest.values()), upto
            )
            names = shown | partners
        named = []
        for hit in reversed(found.hits):
            name = names.get(hit.history)
            # The last message of a guest who is gone may be taken back: then nobody knows the name.
            if name is not None:
                named.append(_as_known(hit, name, own))
        return named

    def _note(self, ctx: CommandContext, code: str, *params: str) -> Item:
        message = Message("NOTE", (ctx.command, code, *params), self._sessions.server)
        return partial(_with_tags, message)


def _as_known(hit: Hit, name: str, own: str) -> Entry:
    if hit.history.startswith("@"):
        return between(hit.history, own, name.partition("/")[0])(hit.entry)
    return in_channel(name)(hit.entry)


def _notes(found: Found) -> list[tuple[str, ...]]:
    notes: list[tuple[str, ...]] = []
    if found.unsearched:
        text = "So many records are not in the index yet, and were not searched; ask again shortly"
        notes.append(("BEHIND", str(found.unsearched), text))
    if found.is_cut:
        notes.append(("INCOMPLETE", "It took too long and is not complete; ask for less"))
    return notes


def _line(hit: Hit) -> Item:
    """Return what was found for who looks after the server: when, where, who, what, as JSON."""
    entry = hit.entry
    said = entry.record
    assert isinstance(said, Said), "as was asked for"
    text = entry.body.text.replace("\r", "") if entry.body is not None else ""
    place = (format_time(entry.time), entry.msgid, said.target, said.source, json.dumps(text))
    return partial(_with_tags, Message("SEARCH", ("HIT", *place)))


def _with_tags(message: Message, tags: dict[str, str]) -> bytes:
    return with_tags(message, tags)
