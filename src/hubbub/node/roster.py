"""Who is connected to this node, who hears which channel, and who watches for whom."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

import structlog

from hubbub.core.bans import Network, is_within
from hubbub.core.delivery import Delivery
from hubbub.core.effects import Deliver, Entered, KeyChanged, Left, Notify
from hubbub.core.metadata import is_told
from hubbub.core.records import Entry, Said, SessionId
from hubbub.core.scopes import hears
from hubbub.core.session import Session
from hubbub.core.state import Channel, Circle, User
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from hubbub.node.audience import Audience
from hubbub.node.connection import Connection
from hubbub.node.outbox import Outbox

FLUSHED_AT_ONCE: Final = 16
"""How many connections are written to in one step."""

_log = structlog.get_logger(room="hub")


class Roster:
    """Hold the local connections and find the recipients of each delivery among them."""

    def __init__(self) -> None:
        self._audiences: dict[Channel, Audience] = {}
        self._local: dict[User, list[Connection]] = {}
        self._scoped: dict[User, Connection] = {}
        self._watchers: dict[str, dict[SessionId, None]] = {}
        self.connections: dict[SessionId, Connection] = {}
        self.dirty_boxes: list[Outbox] = []

    def flush(self) -> Iterator[None]:
        """Pass on what has been brought, in one write per connection, a few at each step.

        What is brought meanwhile does not wait until all of this has been written, and does not
        keep it waiting either.
        """
        boxes = self.dirty_boxes
        older: deque[Outbox] = deque()
        newer: deque[Outbox] = deque()
        while True:
            # Flushing may resume a connection, which may mark others.
            newer.extend(boxes)
            boxes.clear()
            if not older:
                older, newer = newer, older
            if not older:
                return
            self._write(older)
            self._write(newer)
            yield

    def _write(self, boxes: deque[Outbox]) -> None:
        for _ in range(min(FLUSHED_AT_ONCE, len(boxes))):
            box = boxes.popleft()
            try:
                box.flush()
            except Exception:
                # The others' turn comes all the same.
                _log.exception("a connection could not be written to")
                box.give_up()

    # Coming and going

    def started(self, session: SessionId, user: User) -> Connection | None:
        """Give a local session its user; return its connection."""
        connection = self.connections.get(session)
        if connection is not None:
            connection.session.user = user
            if connection.session.scope is not None:
                # It hears nothing but its channel.
                self._scoped[user] = connection
                return connection
            self._local.setdefault(user, []).append(connection)
            for channel in user.channels.values():
                if not connection.ended:
                    self._audience(channel).add(connection.outbox)
        return connection

    def ended(self, session: SessionId) -> Connection | None:
        """Forget a local session; return its connection.

        A user who is gone has left all channels before; one who stays is in them still.
        """
        connection = self.connections.pop(session, None)
        if connection is None:
            return None
        self.unwatch(connection.session, list(connection.session.monitored))
        user = connection.session.user
        if user is not None and user.scope is None:
            for channel in user.channels.values():
                self._discard(channel, connection.outbox)
            local = self._local[user]
            local.remove(connection)
            if not local:
                del self._local[user]
        elif user is not None:
            self._scoped.pop(user, None)
        connection.session.user = None
        return connection

    def deafen(self, connection: Connection) -> None:
        """Deliver no more to a connection that has ended; its session has yet to end.

        Of many that go at once none is told of the others.
        """
        user = connection.session.user
        if user is not None:
            for channel in user.channels.values():
                self._discard(channel, connection.outbox)

    def entered(self, effect: Entered) -> None:
        """Let a member's local sessions hear the channel."""
        for connection in self._hearing(effect.user, effect.channel):
            if not connection.ended:
                self._audience(effect.channel).add(connection.outbox)

    def left(self, effect: Left) -> None:
        """Let a former member's local sessions hear the channel no more."""
        scoped = self._scoped.get(effect.user)
        # The channel may have another name than when the session began to hear it.
        heard = (scoped,) if scoped is not None else self._local.get(effect.user, ())
        for connection in heard:
            self._discard(effect.channel, connection.outbox)

    def _hearing(self, user: User, channel: Channel) -> Sequence[Connection]:
        """Return the local sessions of a user that hear a channel."""
        scoped = self._scoped.get(user)
        if scoped is None:
            return self._local.get(user, ())
        return (scoped,) if hears(user.scope or "", channel.name) else ()

    def _audience(self, channel: Channel) -> Audience:
        audience = self._audiences.get(channel)
        if audience is None:
            audience = self._audiences[channel] = Audience(self.dirty_boxes)
        return audience

    def _discard(self, channel: Channel, box: Outbox) -> None:
        audience = self._audiences.get(channel)
        if audience is not None:
            audience.discard(box)
            if not audience:
                del self._audiences[channel]

    def negotiated(self, connection: Connection, caps: int) -> None:
        """Give a session another set of capabilities."""
        session, box = connection.session, connection.outbox
        user = session.user
        channels = list(user.channels.values()) if user is not None else []
        if user in self._scoped:
            channels = [c for c in channels if hears(session.scope or "", c.name)]
        for channel in channels:
            self._discard(channel, box)
        session.caps = caps
        box.caps = caps
        for channel in channels:
            self._audience(channel).add(box)

    def sessions_of(self, user: User) -> Sequence[Connection]:
        """Return the connections of a user's local sessions."""
        return self._local.get(user, ())

    def within(self, network: Network) -> list[Connection]:
        """Return the connections from a network, those of nobody yet included."""
        return [one for one in self.connections.values() if is_within(network, one.address)]

    def users_within(self, network: Network) -> list[User]:
        """Return the users who are connected here from a network."""
        users = dict.fromkeys(one.session.user for one in self.within(network))
        return [user for user in users if user is not None]

    # Delivering

    def deliver(self, effect: Deliver) -> None:
        """Queue an entry for everybody who is to see it."""
        entry = effect.entry
        delivery = Delivery(entry)
        skip = self._skipped(effect, entry)
        if effect.channel is not None:
            audience = self._audiences.get(effect.channel)
            if audience is not None:
                audience.deliver(delivery, effect.requires, skip)
            if self._scoped:
                self._deliver_to_poster(delivery, effect, skip)
            return
        seen = self._deliver_to_users(delivery, effect.users, effect.requires, skip)
        if effect.circle is not None:
            audience = self._around(effect.circle)
            audience.deliver(delivery, effect.requires, skip)
            if effect.watched in self._watchers:
                seen.update(audience)
        if effect.to_oneself:
            own = self.connections.get(entry.record.origin.session)
            if own is not None and own.outbox.caps & effect.requires == effect.requires:
                own.outbox.deliver(delivery)
        for connection in self._watching(effect.watched, effect.requires):
            if connection.outbox not in seen:
                connection.outbox.deliver(delivery)

    def _around(self, circle: Circle) -> Audience:
        """Return who hears a channel of a circle, each once."""
        found = Audience(self.dirty_boxes)
        for channel in circle.channels:
            audience = self._audiences.get(channel)
            if audience is not None:
                found.include(audience)
        scoped = self._scoped.get(circle.user)
        for connection in self._local.get(circle.user, (scoped,) if scoped is not None else ()):
            found.discard(connection.outbox)
        return found

    def _deliver_to_poster(self, delivery: Delivery, effect: Deliver, skip: Outbox | None) -> None:
        """Let a session that hears no channel have the echo of what it said, or its own join."""
        own = self.connections.get(delivery.entry.record.origin.session)
        if own is None or own.outbox is skip or not own.session.scope or effect.channel is None:
            return
        if not hears(own.session.scope, effect.channel.name):
            own.outbox.deliver(delivery)

    def _skipped(self, effect: Deliver, entry: Entry) -> Outbox | None:
        """Return the outbox of the session that asked, if it is not to see the entry as others do.

        A speaker sees nothing without echo-message; and what a labelled command brought about is
        part of its answer, so it is put there.
        """
        origin = entry.record.origin
        connection = self.connections.get(origin.session)
        if connection is None:
            return None
        unheard = type(entry.record) is Said and not connection.session.caps & cap.ECHO_MESSAGE
        response = connection.responses.get(origin.request) if connection.responses else None
        if response is not None and not unheard and _hears(effect, connection.session):
            response.add_entry(entry, connection.session.caps)
        return connection.outbox if unheard or response is not None else None

    def _deliver_to_users(
        self, delivery: Delivery, users: Sequence[User], requires: int, skip: Outbox | None
    ) -> set[Outbox]:
        seen: set[Outbox] = set()
        local = self._local
        for user in users:
            for connection in local.get(user, ()):
                box = connection.outbox
                seen.add(box)
                if box is not skip and box.caps & requires == requires and not connection.ended:
                    box.deliver(delivery)
        return seen

    def signal(self, message: Message, users: Sequence[User], speaker: Connection) -> None:
        """Pass on what is never kept, to sessions with message-tags other than the speaker's."""
        data = message.encode()
        for user in users:
            for connection in self.sessions_of(user):
                if connection is not speaker and connection.session.has(cap.MESSAGE_TAGS):
                    connection.outbox.signal(data)

    def notify(self, effect: Notify) -> None:
        """Tell users' sessions with certain capabilities what is no entry."""
        data, requires = effect.message.encode(), effect.requires
        told = Audience(self.dirty_boxes)
        if effect.circle is not None:
            told = self._around(effect.circle)
        for user in effect.users:
            for connection in self.sessions_of(user):
                told.add(connection.outbox)
        for connection in self._watching(effect.watched, requires):
            told.add(connection.outbox)
        but = self.connections.get(effect.but) if effect.but is not None else None
        if but is not None:
            told.discard(but.outbox)
        told.signal(data, requires)

    def _watching(self, watched: str, requires: int) -> Iterator[Connection]:
        """Find the sessions that are told more of a nick (folded) than that it is there."""
        needed = requires | cap.EXTENDED_MONITOR
        for session in self._watchers.get(watched, ()):
            connection = self.connections[session]
            if connection.session.caps & needed == needed:
                yield connection

    def subscribers(self, effect: KeyChanged) -> list[Connection]:
        """Return the connections that are to be told of a key's value, each once."""
        found = {c: None for user in effect.users for c in self.sessions_of(user)}
        if effect.circle is not None:
            everybody = chain.from_iterable(c.members for c in effect.circle.channels)
            found.update((c, None) for user in everybody for c in self.sessions_of(user))
        found.update(dict.fromkeys(self.watchers(effect.watched)))
        return [
            connection
            for connection in found
            if effect.key in connection.session.subscriptions
            and is_told(connection.session)
            and connection.session.id != effect.but
        ]

    # Watching (MONITOR)

    def watch(self, session: Session, nicks: Iterable[str]) -> None:
        """Tell a session when these nicks (folded) come and go."""
        for nick in nicks:
            self._watchers.setdefault(nick, {})[session.id] = None

    def unwatch(self, session: Session, nicks: Iterable[str]) -> None:
        """Tell a session no more of these nicks (folded)."""
        for nick in nicks:
            watchers = self._watchers.get(nick)
            if watchers is not None:
                watchers.pop(session.id, None)
                if not watchers:
                    del self._watchers[nick]

    def watchers(self, nick: str) -> list[Connection]:
        """Return the connections that watch for a nick (folded)."""
        return [self.connections[session] for session in self._watchers.get(nick, ())]


def _hears(effect: Deliver, session: Session) -> bool:
    """Say whether a session is among those to whom an entry is shown."""
    if session.caps & effect.requires != effect.requires:
        return False
    if effect.channel is not None:
        return session.user in effect.channel.members
    if effect.circle is not None and effect.circle.holds(session.user):
        return True
    return session.user in effect.users
