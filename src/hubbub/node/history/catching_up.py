"""What an account has not read: in which conversations, how much, and what of it was meant for it.

CATCHUP   a line for each conversation, the newest first, with what was meant for one below it
MENTIONS  what was meant for one in all channels, the newest first
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Final

from hubbub.core import requests as req
from hubbub.core.access.history import EVERYTHING, reach
from hubbub.core.deciding.context import CommandContext
from hubbub.core.policy.attention import LEVELS, Attention
from hubbub.core.records.entries import Entry
from hubbub.core.showing.renamed import Naming, between, in_channel
from hubbub.core.world.state import User
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from hubbub.irc.names import CHANNEL_PREFIXES
from hubbub.irc.timestamps import format_time
from hubbub.journal.names import author_of
from hubbub.journal.port import Archive, readable
from hubbub.journal.questions import Counted, Newest, Position, Unread
from hubbub.node.connection import Connection
from hubbub.node.history.batches import BatchWriter
from hubbub.node.history.conversations import Conversations, authors, unread_after
from hubbub.node.history.reader import HistoryReader, failure
from hubbub.node.sending.response import Item, Response, with_tags
from hubbub.node.sessions import Sessions

CONTEXT: Final = 3
"""How many messages are shown below a conversation: the newest of those that were meant for one."""
KIND: Final = "hubbub/catch-up"
PINNED_TAG: Final = "hubbub/pinned"
_EVER: Final = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class _New:
    """Hold a conversation with something new: what it is called, and how much of what."""

    newest: Newest
    name: str
    counted: Counted
    wishes: Attention
    named: Naming

    @property
    def mentions(self) -> int:
        return len(self.counted.meant)


class Digests:
    """Answer what is new for an account."""

    def __init__(
        self, sessions: Sessions, reader: HistoryReader, batches: BatchWriter, archive: Archive
    ) -> None:
        self._sessions = sessions
        self._reader = reader
        self._batches = batches
        self._archive = archive
        self._conversations = Conversations(archive)

    def digest(
        self,
        connection: Connection,
        effect: req.Digest,
        ctx: CommandContext,
        response: Response | None,
    ) -> None:
        """Answer CATCHUP."""
        upto, user = self._sessions.world.applied, ctx.user

        async def read() -> Item:
            found = [
                *await self._in_channels(effect, user, upto),
                *await self._direct(effect, user, upto),
            ]
            shown = [one for one in found if _is_wanted(one)]
            shown.sort(key=lambda one: (one.wishes.pinned, one.newest.seq), reverse=True)
            shown = shown[: effect.limit]
            seqs = [seq for one in shown for _, seq in one.counted.meant[:CONTEXT]]
            entries = await readable(self._archive.entries(seqs)) if seqs else []
            # The newest of a direct conversation may be one's own, which a script said.
            own = authors(user)
            by_seq = {one.seq: one for one in entries if author_of(one.record) not in own}
            lines: list[Message | Entry] = []
            for one in shown:
                lines.append(self._line(one.name, one.counted, one.newest.time, one.wishes))
                meant = sorted(seq for _, seq in one.counted.meant[:CONTEXT])
                lines += [one.named(by_seq[seq]) for seq in meant if seq in by_seq]
            return self._batches.mixed(connection, (KIND,), lines)

        self._reader.answer(connection, ctx, response, read)

    async def _in_channels(self, effect: req.Digest, user: User, upto: int) -> list[_New]:
        names = [one.history for one in effect.channels]
        newest = {
            one.history: one for one in await self._archive.latest(names, -1, _EVER, _EVER, upto)
        }
        asked = [
            one
            for one in effect.channels
            if one.history in newest and _is_after(newest[one.history], one)
        ]
        counts = await self._archive.unread([_question(one, user, upto) for one in asked])
        world = self._sessions.world
        return [
            _New(
                newest[one.history],
                one.name,
                counted,
                world.attention_to(user, one.name),
                in_channel(one.name),
            )
            for one, counted in zip(asked, counts, strict=True)
            if counted.said
        ]

    async def _direct(self, effect: req.Digest, user: User, upto: int) -> list[_New]:
        """Return direct conversations in which all that is new counts as meant for one."""
        found = await self._archive.latest([f"{effect.direct}*"], -1, _EVER, _EVER, upto)
        found = nlargest(effect.limit, found, key=lambda one: one.time)
        world = self._sessions.world
        names = await self._conversations.names(world, effect.direct, found, upto)
        asked: list[tuple[Newest, str, Unread]] = []
        for one in found:
            name = names.get(one.history)
            marker = world.read_marker(user, name) if name is not None else None
            if name is not None and (marker is None or one.time // 1000 > marker // 1000):
                question = unread_after(one.history, EVERYTHING, marker, user, upto)
                asked.append((one, name, question))
        counts = await self._archive.unread([question for _, _, question in asked])
        new = []
        for (one, name, _), counted in zip(asked, counts, strict=True):
            if counted.said:
                meant = ((one.time, one.seq),) * min(counted.said, 1)
                named = between(one.history, user.nick, name.partition("/")[0])
                wishes = world.attention_to(user, name)
                new.append(_New(one, name, Counted(counted.said, meant), wishes, named))
        return new

    def _line(self, name: str, counted: Counted, time: int, wishes: Attention) -> Message:
        """Return the line of a conversation: how much is unread, and how much of it is for one."""
        meant = len(counted.meant) if name.startswith(CHANNEL_PREFIXES) else counted.said
        params = (name, str(counted.said), str(meant), f"timestamp={format_time(time)}")
        tags = {PINNED_TAG: ""} if wishes.pinned else {}
        return Message("CATCHUP", params, self._sessions.server, tags)

    def mentions(
        self,
        connection: Connection,
        effect: req.Mentions,
        ctx: CommandContext,
        response: Response | None,
    ) -> None:
        """Answer MENTIONS."""
        upto, user = self._sessions.world.applied, ctx.user

        async def read() -> Item:
            before: Position | None = None
            if isinstance(effect.before, req.Timestamp):
                before = Position(effect.before.value)
            elif effect.before is not None:
                before = await self._place(effect.before.value, effect.channels, upto)
                if before is None:
                    text = "There is no such message here"
                    return failure(ctx, "INVALID_PARAMS", ctx.param(0), text)
            asked = [_meant_for(one, user, upto, before, effect.limit) for one in effect.channels]
            counts = await self._archive.unread(asked)
            names = {one.history: one.name for one in effect.channels}
            places = [
                (place, question.page.history)
                for question, counted in zip(asked, counts, strict=True)
                for place in counted.meant
            ]
            newest = sorted(places, reverse=True)[: effect.limit]
            entries = await readable(self._archive.entries([seq for (_, seq), _ in newest]))
            by_seq = {entry.seq: entry for entry in entries}
            lines: list[Message | Entry] = [
                in_channel(names[history])(by_seq[seq])
                for (_, seq), history in newest
                if seq in by_seq
            ]
            return self._batches.mixed(connection, ("hubbub/mentions",), lines)

        self._reader.answer(connection, ctx, response, read)

    async def _place(
        self, msgid: str, channels: Sequence[req.UnreadChannel], upto: int
    ) -> Position | None:
        """Return where a message is, in whichever of the channels that its reader is in."""
        seq = self._archive.position(msgid)
        entries = await readable(self._archive.entries([seq])) if seq and seq <= upto else []
        for entry in entries:
            for one in channels:
                place = (entry.time, entry.seq)
                if one.history in getattr(entry.record, "histories", ()) and one.reach.shows(place):
                    return Position(*place)
        return None

    # What follows from reading

    def recount(self, user: User, target: str) -> None:
        """Tell the sessions of a user that count how much is unread where one of them has read."""
        sessions = self._sessions
        peers = [one for one in sessions.roster.sessions_of(user) if one.session.has(cap.CATCH_UP)]
        if not peers:
            return
        upto, world = sessions.world.applied, sessions.world
        marker = world.read_marker(user, target)
        channel = world.channel(target)
        member = channel.members.get(user) if channel is not None else None
        if marker is None or (member is None and target.startswith(CHANNEL_PREFIXES)):
            return

        async def read() -> None:
            if channel is not None and member is not None:
                one = req.UnreadChannel(channel.history, channel.name, marker, reach(channel, user))
                (counted,) = await self._archive.unread([_question(one, user, upto)])
                name = channel.name
            else:
                direct, name = f"@{user.presence}/", target
                history = await self._history_with(direct, target, upto)
                if history is None:
                    return
                question = unread_after(history, EVERYTHING, marker, user, upto)
                (counted,) = await self._archive.unread([question])
            line = self._line(name, counted, marker, world.attention_to(user, name))
            for peer in peers:
                peer.outbox.tell(with_tags(line, {}))
            sessions.flush_soon()

        self._reader.read(peers[0], read)

    async def _history_with(self, direct: str, name: str, upto: int) -> str | None:
        return await self._conversations.history(self._sessions.world, direct, name, upto)


def _is_wanted(one: _New) -> bool:
    """Say whether a person wants to be told of a conversation: by its level."""
    return one.wishes.level == LEVELS[0] or (one.wishes.level == LEVELS[1] and one.mentions > 0)


def _is_after(newest: Newest, one: req.UnreadChannel) -> bool:
    if isinstance(one.after, int):
        return newest.time // 1000 > one.after // 1000
    return newest.seq > one.after[1]


def _question(one: req.UnreadChannel, user: User, upto: int) -> Unread:
    """Return the question how much of a channel is unread, and what was meant for its reader."""
    return unread_after(one.history, one.reach, one.after, user, upto)


def _meant_for(
    one: req.UnreadChannel, user: User, upto: int, before: Position | None, limit: int
) -> Unread:
    question = _question(one, user, upto)
    page = replace(question.page, after=None, before=before, limit=limit)
    return replace(question, page=page, counts=False)
