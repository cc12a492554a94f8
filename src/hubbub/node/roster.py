"""Who is connected to this node, who hears which channel, and who watches for whom."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from hubbub.core.outcomes import Deliver, Entered, Left, Notify
from hubbub.core.records.base import SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Said
from hubbub.core.showing.delivery import Delivery
from hubbub.core.world.bans import Network, is_within
from hubbub.core.world.session import Session
from hubbub.core.world.state import Channel, Circle, User
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from hubbub.node.connection import Connection
from hubbub.node.monitoring.tally import Traffic
from hubbub.node.sending.audience import NOBODY, Audience
from hubbub.node.sending.outbox import Outbox
from hubbub.node.sending.writes import Writes

FLUSHED_AT_ONCE: Final = 32
"""How many connections are written to in one step."""
_NONE: Final[dict[Connection, dict[Channel, None]]] = {}


class Roster:
    """Hold the local connections and find the recipients of each delivery among them.

    `deliveries` counts those, once for each connection; `traffic` tells what went over all.
    """

    def __init__(self) -> None:
        self.deliveries = 0
        self._ended = Traffic()
        self._audiences: dict[Channel, Audience] = {}
        self._local: dict[User, list[Connection]] = {}
        self._quiet: dict[User, dict[Connection, dict[Channel, None]]] = {}
        self._watchers: dict[str, dict[SessionId, None]] = {}
        self.connections: dict[SessionId, Connection] = {}
        self.dirty_boxes: list[Outbox] = []
        self._writes = Writes()
        # Who hears one of some channels, until somebody comes or goes: many who change their nick
        # at one moment are in the same ones.
        self._circle: tuple[tuple[Channel, ...], Sequence[Audience]] | None = None

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
        writes = self._writes
        others: deque[Outbox] = deque()
        for _ in range(min(FLUSHED_AT_ONCE, len(boxes))):
            box = boxes.popleft()
            try:
                if not box.offer(writes):
                    others.append(box)
            except Exception:
                writes.failed(box)
        # Before any of the others can have a stream closed.
        writes.send()
        while others:
            box = others.popleft()
            try:
                if box.flush():
                    boxes.extendleft(reversed(others))
                    return
            except Exception:
                writes.failed(box)

    # Coming and going

    def started(self, session: SessionId, user: User) -> Connection | None:
        """Give a local session its user; return its connection."""
        connection = self.connections.get(session)
        if connection is not None:
            connection.session.user = user
            for other in (*self._local.get(user, ()), *self._quiet.get(user, ())):
                # What one has said of late counts for all of one's sessions (+d).
                connection.session.spoken = other.session.spoken
                break
            connection.enter()
            if connection.session.quiet:
                # It hears what it asks for, and nothing else that its user hears.
                self._quiet.setdefault(user, {})[connection] = {}
                return connection
            self._local.setdefault(user, []).append(connection)
            for channel in user.channels.values():
                if not connection.ended:
                    self._add(channel, connection.outbox)
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
        if user is not None:
            for channel in self._heard(connection, user):
                self._discard(channel, connection.outbox)
            self._forget(connection, user)
        connection.session.user = None
        return connection

    def _heard(self, connection: Connection, user: User) -> list[Channel]:
        """Return the channels that a session hears."""
        quiet = self._quiet.get(user, _NONE).get(connection)
        return list(user.channels.values() if quiet is None else quiet)

    def _forget(self, connection: Connection, user: User) -> None:
        quiet, local = self._quiet.get(user, {}), self._local.get(user, [])
        if quiet.pop(connection, None) is None and connection in local:
            local.remove(connection)
        if not local:
            self._local.pop(user, None)
        if not quiet:
            self._quiet.pop(user, None)

    def deafen(self, connection: Connection) -> None:
        """Deliver no more to a connection that has ended; its session has yet to end.

        Of many that go at once none is told of the others.
        """
        self._ended += Traffic.of(connection)
        user = connection.session.user
        if user is not None:
            for channel in self._heard(connection, user):
                self._discard(channel, connection.outbox)

    def traffic(self) -> Traffic:
        """Return what went over all connections that there are, and have been."""
        here = [one for one in self.connections.values() if not one.ended]
        return self._ended + Traffic.over(here)

    def entered(self, effect: Entered) -> None:
        """Let a member's local sessions hear the channel; a quiet one has to ask for it."""
        for connection in self._local.get(effect.user, ()):
            if not connection.ended:
                self._add(effect.channel, connection.outbox)

    def listen(self, connection: Connection, channel: Channel, on: bool) -> None:
        """Let a quiet session hear a channel that its user is in, or hear it no more."""
        user = connection.session.user
        heard = self._quiet.get(user, _NONE).get(connection) if user is not None else None
        if heard is None or (channel in heard) == on:
            return
        if on:
            heard[channel] = None
            self._add(channel, connection.outbox)
        else:
            del heard[channel]
            self._discard(channel, connection.outbox)

    def left(self, effect: Left) -> Sequence[Connection]:
        """Let a former member's local sessions hear the channel no more; return them."""
        local, quiet = self._local.get(effect.user, ()), self._quiet.get(effect.user, ())
        for connection in local:
            self._discard(effect.channel, connection.outbox)
        for connection in quiet:
            self.listen(connection, effect.channel, False)
        return [*local, *quiet]

    def hearing(self, user: User, channel: Channel) -> list[Connection]:
        """Return the local sessions of a member that hear a channel."""
        quiet = self._quiet.get(user, _NONE).items()
        return [*self._local.get(user, ()), *(one for one, heard in quiet if channel in heard)]

    def _add(self, channel: Channel, box: Outbox) -> None:
        self._circle = None
        audience = self._audiences.get(channel)
        if audience is None:
            audience = self._audiences[channel] = Audience(self.dirty_boxes)
        audience.add(box)

    def _discard(self, channel: Channel, box: Outbox) -> None:
        audience = self._audiences.get(channel)
        if audience is not None:
            self._circle = None
            audience.discard(box)
            if not audience:
                del self._audiences[channel]

    def negotiated(self, connection: Connection, caps: int) -> None:
        """Give a session another set of capabilities."""
        session, box = connection.session, connection.outbox
        user = session.user
        channels = self._heard(connection, user) if user is not None else []
        for channel in channels:
            self._discard(channel, box)
        session.caps = caps
        box.caps = caps
        for channel in channels:
            self._add(channel, box)

    def get(self, session: SessionId) -> Connection | None:
        """Return a local session's connection."""
        return self.connections.get(session)

    def everybody(self) -> list[Connection]:
        """Return all connections, also those of nobody yet."""
        return list(self.connections.values())

    def sessions_of(self, user: User) -> Sequence[Connection]:
        """Return the connections of a user's local sessions, but for the quiet ones."""
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
        but = (skip,) if skip is not None else NOBODY
        if effect.channel is not None:
            audience = self._audiences.get(effect.channel)
            if audience is not None:
                self.deliveries += audience.deliver(delivery, effect.requires, but)
            if self._quiet:
                self._echo(delivery, effect, skip)
            return
        own = self.connections.get(entry.record.origin.session)
        users = () if effect.alone else effect.users
        seen = self._deliver_to_users(delivery, users, effect.requires, skip)
        if effect.circle is not None:
            audiences, own_boxes = self._around(effect.circle)
            for audience in audiences:
                self.deliveries += audience.deliver(delivery, effect.requires, (*own_boxes, *but))
            if effect.watched in self._watchers:
                seen.update(chain.from_iterable(audiences))
                seen.difference_update(own_boxes)
        if own is not None and own.outbox.caps & effect.requires == effect.requires:
            if effect.alone and own.outbox is not skip:
                self._deliver(own.outbox, delivery)
            elif self._quiet and not effect.to_oneself:
                self._echo(delivery, effect, skip)
            if effect.to_oneself:
                self._deliver(own.outbox, delivery)
        for connection in self._watching(effect.watched, effect.requires):
            if connection.outbox not in seen:
                self._deliver(connection.outbox, delivery)

    def _deliver(self, box: Outbox, delivery: Delivery) -> None:
        self.deliveries += 1
        box.deliver(delivery)

    def _around(self, circle: Circle) -> tuple[Sequence[Audience], list[Outbox]]:
        """Return who hears a channel of a circle, each once, and its user, who is none of it.

        Those of the largest channel are its audience itself: of many who are in one large channel,
        and in small ones besides, each takes no longer for that.
        """
        user = circle.user
        own = [one.outbox for one in (*self._local.get(user, ()), *self._quiet.get(user, ()))]
        if self._circle is None or self._circle[0] != circle.channels:
            there = [self._audiences[one] for one in circle.channels if one in self._audiences]
            there.sort(key=len, reverse=True)
            others = Audience(self.dirty_boxes)
            for audience in there[1:]:
                for box in audience:
                    if box not in there[0]:
                        others.add(box)
            self._circle = circle.channels, (*there[:1], *((others,) if others else ()))
        return self._circle[1], own

    def _echo(self, delivery: Delivery, effect: Deliver, skip: Outbox | None) -> None:
        """Let a quiet session that does not hear where it speaks have the echo of what it did."""
        own = self.connections.get(delivery.entry.record.origin.session)
        if own is None or own.outbox is skip or own.session.user is None:
            return
        heard = self._quiet.get(own.session.user, _NONE).get(own)
        if heard is None or effect.channel in heard or not _hears(effect, own.session):
            return
        self._deliver(own.outbox, delivery)

    def _skipped(self, effect: Deliver, entry: Entry) -> Outbox | None:
        """Return the outbox of the session that asked, if it is not to see the entry as others do.

        A speaker sees nothing without echo-message; and what a labelled command brought about is
        part of its answer, so it is put there.
        """
        origin = entry.record.origin
        connection = self.connections.get(origin.session)
        if connection is None:
            return None
        unheard = isinstance(entry.record, Said) and not connection.session.caps & cap.ECHO_MESSAGE
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
                    self._deliver(box, delivery)
        return seen

    def signal(self, message: Message, users: Sequence[User], speaker: Connection | None) -> None:
        """Pass on what is never kept, to sessions with message-tags other than the speaker's.

        None where the speaker is on another node.
        """
        data = message.encode()
        for user in users:
            for connection in self.sessions_of(user):
                if connection is not speaker and connection.session.has(cap.MESSAGE_TAGS):
                    connection.outbox.signal(data)

    def notify(self, effect: Notify) -> None:
        """Tell users' sessions with certain capabilities what is no entry."""
        data, requires, channel = effect.message.encode(), effect.requires, effect.channel
        none: tuple[Sequence[Audience], list[Outbox]] = ((), [])
        around, own = self._around(effect.circle) if effect.circle is not None else none
        peer = self.connections.get(effect.but) if effect.but is not None else None
        but = (peer.outbox,) if peer is not None else NOBODY
        others = Audience(self.dirty_boxes)
        for user in effect.users:
            found = self.sessions_of(user) if channel is None else self.hearing(user, channel)
            for connection in found:
                others.add(connection.outbox)
        for connection in self._watching(effect.watched, requires):
            others.add(connection.outbox)
        for box in list(others):
            if box not in own and any(box in audience for audience in around):
                others.discard(box)
        for audience in around:
            audience.signal(data, requires, (*own, *but))
        others.signal(data, requires, but)

    def _watching(self, watched: str, requires: int) -> Iterator[Connection]:
        """Find the sessions that are told more of a nick (folded) than that it is there."""
        needed = requires | cap.EXTENDED_MONITOR
        for session in self._watchers.get(watched, ()):
            connection = self.connections[session]
            if connection.session.caps & needed == needed:
                yield connection

    def around(
        self, users: Iterable[User], circle: Circle | None, watched: str
    ) -> Iterable[Connection]:
        """Return the connections of users, of a circle, and of who watches a nick, each once."""
        found = {c: None for user in users for c in self.sessions_of(user)}
        if circle is not None:
            everybody = chain.from_iterable(c.members for c in circle.channels)
            found.update((c, None) for user in everybody for c in self.sessions_of(user))
        found.update(dict.fromkeys(self.watchers(watched)))
        return found

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
