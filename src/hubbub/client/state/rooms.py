"""Rooms: channels and conversations, who is in them, and what was seen of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from hubbub.client.events import Event
from hubbub.client.state.batches import Batch
from hubbub.irc.message import Message

REMEMBERED: Final = 2000
"""How many messages of a room are remembered at least, so that none is shown twice; at most twice
as many are."""


@dataclass(frozen=True, slots=True)
class Member:
    """Hold a nick as its owner writes it, its status prefixes such as "@+", the host or "".

    `away` is why somebody is not there, as far as the server has told, "" for who is. `user` and
    `account` are "" where they are not known, the account also for a guest.
    """

    nick: str
    prefix: str = ""
    host: str = ""
    away: str = ""
    user: str = ""
    account: str = ""


@lru_cache(maxsize=8192)
def shared(member: Member) -> Member:
    """Return a member that is equal: the same one for all sessions in one process that see it."""
    return member


@dataclass(frozen=True, slots=True)
class Anchor:
    """Name the newest message that was seen: its time in seconds since 1970, its msgid or ""."""

    time: float
    msgid: str = ""


@dataclass(slots=True)
class Backfill:
    """Hold the loading of what was said lately; live events wait until it is over.

    `gap` is what was seen last before the connection was lost, or None on a first visit. `found`
    says whether it was among what came: then nothing is missing. `first` is True for a first visit,
    `ruled` once "new since you left" has been told. `unread` counts what no device of ours had
    shown. `whole` is False where the server could not read some of it. `held` are live events that
    wait until the older ones have been shown.
    """

    gap: Anchor | None
    limit: int
    asked_at: float
    pages: int = 0
    found: bool = False
    first: bool = False
    ruled: bool = False
    unread: int = 0
    whole: bool = True
    held: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Looking:
    """Hold a look further back, page by page, until `wanted` messages were found.

    It ends at what was said at `until` or before, in seconds since 1970. Where the pages are to be
    shown they are kept, the newest first; otherwise the messages are only counted.
    """

    wanted: int
    until: float = 0.0
    shown: bool = True
    found: int = 0
    limit: int = 0
    asked: int = 0
    asked_at: float = 0.0
    pages: list[Batch] = field(default_factory=list)


@dataclass(slots=True)
class Room:
    """Hold one channel or conversation.

    `joined` says whether we are in it, `wanted` whether a new connection shall join it again.
    `read_until` is the time of the newest message that a device of ours has shown, 0 for none, and
    `marked_until` the newest that the server knows of. `anchor` is the newest message that was
    seen; `entry`, our own coming, stands in until something is said. `oldest` is where what was
    loaded of the history begins. `asked` are the requests for pages of it that are not answered
    yet, the oldest first, `looking` the one that looks further back. `caught_up` says that its
    history was asked for on this connection; `came` counts what was unread then, and `came_more`
    says that there is more than was counted.
    """

    name: str
    is_channel: bool
    joined: bool = False
    wanted: bool = False
    key: str = ""
    topic: str = ""
    read_until: float = 0.0
    marked_until: float = 0.0
    members: dict[str, Member] = field(default_factory=dict)
    anchor: Anchor | None = None
    entry: Anchor | None = None
    oldest: Anchor | None = None
    filling: Backfill | None = None
    looking: Looking | None = None
    asked: deque[Backfill | Looking] = field(default_factory=deque)
    caught_up: bool = False
    came: int = 0
    came_more: bool = False
    remember: int = REMEMBERED
    _known: set[str | tuple[str, ...]] = field(default_factory=set)
    _known_before: set[str | tuple[str, ...]] = field(default_factory=set)

    def is_news(self, message: Message) -> bool:
        """Say whether a message was not seen before, and remember it.

        Without msgid and server-time there is nothing to tell two messages apart by: all are news.
        """
        key = _key(message)
        if key is None:
            return True
        if self._has_seen(key):
            return False
        if len(self._known) >= self.remember:
            self._known, self._known_before = set(), self._known
        self._known.add(key)
        return True

    def knows(self, message: Message) -> bool:
        """Say whether a message was seen before."""
        key = _key(message)
        return key is not None and self._has_seen(key)

    def _has_seen(self, key: str | tuple[str, ...]) -> bool:
        return key in self._known or key in self._known_before

    def saw(self, anchor: Anchor) -> None:
        """Take note of the newest message."""
        if self.anchor is None or anchor.time >= self.anchor.time:
            self.anchor = anchor


def _key(message: Message) -> str | tuple[str, ...] | None:
    """Return what a message is told from others by; None where there is nothing."""
    tags = message.tags
    if "msgid" in tags:
        return tags["msgid"]
    if "time" in tags:
        return (tags["time"], message.command, message.source or "", *message.params)
    return None


class Rooms:
    """Keep the rooms by their folded names, in the order in which they were opened."""

    def __init__(self, fold: Callable[[str], str], remember: int) -> None:
        self._fold = fold
        self._remember = remember
        self._rooms: dict[str, Room] = {}

    def get(self, name: str) -> Room | None:
        """Return a room, or None."""
        return self._rooms.get(self._fold(name))

    def open(self, name: str, is_channel: bool, read_until: float = 0.0) -> Room:
        """Return a room, a new one where there is none."""
        key = self._fold(name)
        if key not in self._rooms:
            self._rooms[key] = Room(
                name, is_channel, read_until=read_until, remember=self._remember
            )
        return self._rooms[key]

    def close(self, name: str) -> None:
        """Forget a room."""
        self._rooms.pop(self._fold(name), None)

    def rename(self, old: str, new: str) -> Room | None:
        """Give a room another name, unless there is one of that name."""
        room = self._rooms.get(self._fold(old))
        if room is None or self._rooms.get(self._fold(new), room) is not room:
            return None
        room.name = new
        items = [(self._fold(each.name), each) for each in self._rooms.values()]
        self._rooms = dict(items)
        return room

    def all(self) -> list[Room]:
        """Return all rooms, the oldest first."""
        return list(self._rooms.values())

    def channels(self) -> list[Room]:
        """Return the channels, the oldest first."""
        return [room for room in self._rooms.values() if room.is_channel]

    def of(self, nick: str) -> list[Room]:
        """Return the channels that somebody is in."""
        key = self._fold(nick)
        return [room for room in self._rooms.values() if key in room.members]
