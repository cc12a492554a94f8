"""What is shown unasked to a session that cannot ask: what its device has not been told yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hubbub.core import requests as req
from hubbub.core.access.history import reach
from hubbub.core.deciding.context import Context
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Said
from hubbub.core.showing.delivery import is_shown
from hubbub.core.showing.renamed import between, in_channel
from hubbub.core.showing.without_server_time import notices
from hubbub.core.world.conversations import is_from_another, is_guest, name_of, partner_in
from hubbub.core.world.state import User
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from hubbub.journal.port import Archive, readable
from hubbub.journal.questions import Newest, Page, Position
from hubbub.node.connection import Connection
from hubbub.node.history.batches import BatchWriter
from hubbub.node.history.conversations import bounds
from hubbub.node.history.reader import HistoryReader
from hubbub.node.sending.response import Item, Response, with_tags
from hubbub.node.sessions import Sessions

CONVERSATIONS: Final = 100
"""With how many people direct messages are shown unasked; of more, the newest conversations, and
those with guests after the others: anybody can be a hundred guests."""
_EVER: Final = 1 << 62


@dataclass(slots=True)
class _Waiting:
    """Hold what another said to an account, of `count` messages those that are to be shown."""

    history: str
    said: list[Entry]
    count: int
    newest: Entry


class Replays:
    """Read back what a session has missed, and show it where it belongs."""

    def __init__(
        self, sessions: Sessions, reader: HistoryReader, batches: BatchWriter, archive: Archive
    ) -> None:
        self._sessions = sessions
        self._reader = reader
        self._batches = batches
        self._archive = archive

    def begin(self, connection: Connection, user: User) -> None:
        """Note what the device of a session has been told, before it is told more."""
        connection.session.told = self._told(connection, user)

    def channel(
        self,
        connection: Connection,
        effect: req.Replay,
        ctx: Context,
        response: Response | None,
    ) -> None:
        """Show what was said in a channel to a session that has come into it."""
        user, channel = ctx.user, effect.channel
        since, hidden = bounds(reach(channel, user))
        session = connection.session
        told = session.left.get(channel.history, session.told)
        marker = self._sessions.world.read_marker(user, channel.name)
        # It may be called otherwise when all has been read, of which this client is told later.
        name, named = channel.name, in_channel(channel.name)
        # The newcomer's own join has just been shown.
        upto = self._sessions.world.applied

        async def read() -> Item:
            after = await self._after(channel.history, told, marker)
            page = Page(
                channel.history, effect.limit, upto, after, None, True, False, since, hidden
            )
            entries = await self._reader.patiently(lambda: readable(self._archive.page(page)))
            return self._shown(connection, name, name, map(named, entries))

        self._reader.answer(connection, ctx, response, read)

    def direct(
        self,
        connection: Connection,
        effect: req.ReplayDirect,
        ctx: Context,
        response: Response | None,
    ) -> None:
        """Show an account the direct messages that it has neither been told nor read."""
        world, user = self._sessions.world, ctx.user
        self.begin(connection, user)
        told, upto = self._told_directly(connection, user), world.applied

        async def read() -> Item:
            found = await self._reader.patiently(
                lambda: self._archive.latest([f"@{user.presence}/*"], -1, _EVER, _EVER, upto)
            )
            waiting: list[_Waiting] = []
            for history in _chosen([one for one in found if one.seq > told]):
                after = await self._after(history, told, None)
                page = Page(history, effect.limit + 1, upto, after, latest=True)
                if said := await self._unread(user, page):
                    waiting.append(_Waiting(history, said, len(said), said[-1]))
                    _share(waiting, effect.limit)
            shown: list[Item] = []
            for one in waiting:
                if one.said:
                    shown.append(self._conversation(connection, user, one.history, one.said))
                if len(one.said) < one.count:
                    shown.append(self._more(user, one.newest))
            return self._batches.together(shown)

        self._reader.answer(connection, ctx, response, read)

    async def _page(self, page: Page) -> list[Entry]:
        return await self._reader.patiently(lambda: readable(self._archive.page(page)))

    async def _unread(self, user: User, page: Page) -> list[Entry]:
        """Return what another said to an account in a conversation, and it has not read."""
        entries = await self._page(page)
        said = [one for one in entries if is_from_another(one, user)]
        marker = self._sessions.world.read_marker(user, _speaker(said[-1])) if said else None
        return [one for one in said if marker is None or one.time // 1000 > marker // 1000]

    def _conversation(
        self, connection: Connection, user: User, history: str, said: Sequence[Entry]
    ) -> Item:
        # It may have been said by and to other nicks than those of today.
        speaker = name_of(self._sessions.world, partner_in(history)) or _speaker(said[-1])
        named = between(history, user.nick, speaker)
        return self._shown(connection, speaker, user.nick, map(named, said))

    def _more(self, user: User, newest: Entry) -> Item:
        nick = _speaker(newest)
        text = f"More from {nick} waits than is shown here; a client that reads history has it all"
        message = Message("NOTICE", (user.nick, text), self._sessions.server)
        return lambda tags: with_tags(message, tags)

    def _shown(
        self, connection: Connection, name: str, target: str, entries: Iterable[Entry]
    ) -> Item:
        """Return entries as a batch, or as notices where a client could not tell them from new."""
        batches, server = self._batches, self._sessions.server
        entries = [one for one in entries if is_shown(one, connection.session.caps)]
        if not entries:
            return lambda tags: b""
        if connection.session.has(cap.SERVER_TIME):
            return batches.page(connection, ("chathistory", name), entries)
        return batches.lines([line for one in entries for line in notices(one, target, server)])

    # What has been told

    def _told(self, connection: Connection, user: User) -> int:
        """Return the seq up to which a session's device was told everything, 0 for a guest's.

        Where a session of the same device is still there its link may be cut: up to when it was
        last heard.
        """
        world = self._sessions.world
        device = world.devices.get(connection.session.id)
        account = world.account(user.account) if user.account else None
        if account is None or device is None:
            return 0
        here = self._others(connection, user)
        told = [one.told for one in here if world.devices.get(one.session.id) == device]
        return max(account.told(device), *told, 0)

    def _told_directly(self, connection: Connection, user: User) -> int:
        """Return the same for direct messages, of which a new device has had what others have."""
        world = self._sessions.world
        device = world.devices.get(connection.session.id, "")
        account = world.account(user.account)
        told = connection.session.told
        here = self._others(connection, user)
        is_known = device in [world.devices.get(one.session.id) for one in here]
        if account is None or is_known or device in account.devices:
            return told
        return max(told, *(one.told if one.may_have_missed else world.applied for one in here), 0)

    def _others(self, connection: Connection, user: User) -> list[Connection]:
        return [one for one in self._sessions.roster.sessions_of(user) if one is not connection]

    async def _after(self, history: str, told: int, marker: int | None) -> Position | None:
        """Return the later of two places in a history, of which either may not be known."""
        here = None
        if told:
            place = self._archive.place
            here = await self._reader.patiently(lambda: place(history, told))
        if marker is None or (here is not None and here.time // 1000 > marker // 1000):
            return here
        return Position(marker)


def _chosen(found: Sequence[Newest]) -> list[str]:
    """Return the histories of those conversations that are shown, the newest last."""
    found = sorted(found, key=lambda one: one.seq)
    last = sorted(found, key=lambda one: not is_guest(partner_in(one.history)))[-CONVERSATIONS:]
    return [one.history for one in sorted(last, key=lambda one: one.seq)]


def _share(waiting: Sequence[_Waiting], room: int) -> None:
    """Leave the newest messages of each, as many as have room, and one: nobody takes another's."""
    most, over, left = room, 0, len(waiting)
    for count in sorted(len(one.said) for one in waiting):
        if count * left > room:
            most, over = divmod(max(room, left), left)
            break
        room, left = room - count, left - 1
    for one in reversed(waiting):
        cut = len(one.said) - most
        if cut > 0 and over > 0:
            # What does not divide is for those who spoke last.
            cut, over = cut - 1, over - 1
        del one.said[: max(0, cut)]


def _speaker(entry: Entry) -> str:
    said = entry.record
    return said.source.partition("!")[0] if isinstance(said, Said) else ""
