"""What one session knows: itself, the server, the rooms; and what it has to say and to tell."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from hubbub.client.credentials.credentials import REPEATED, LoginState
from hubbub.client.events import Event, Told
from hubbub.client.state.batches import Batch
from hubbub.client.state.isupport import ISupport
from hubbub.client.state.lookups import Listing, Lookup
from hubbub.client.state.outgoing import Outgoing, Wire
from hubbub.client.state.rooms import REMEMBERED, Room, Rooms
from hubbub.irc import timestamps
from hubbub.irc.masks import matches
from hubbub.irc.message import Message
from hubbub.irc.names import complete_mask

# Until a JOIN has shown our own source, the longest that servers give.
_GUESSED_HOST: Final = "x" * 63
_GUESSED_USER: Final = "x" * 10
_NICK_ROOM: Final = 30
ROOMS: Final = 500
"""The most rooms that others can open by writing to us."""
HELD: Final = 2000
"""The most live events that wait for a room's history; further ones do not wait."""
QUESTIONS: Final = 8
"""The most questions that wait for the person; further ones count as not answered."""


@dataclass(slots=True)
class Wishes:
    """Say what the person wants of a session.

    `exact_nick` says that another nick than `nick` will not do.
    `history` is how many messages to load on joining, 0 for none; `highlights` are words that count
    as a mention like the nick; `ignored` are masks whose messages are not shown. `remember` is how
    many messages of a room are remembered, so that none is shown twice. `quiet` asks the server to
    let the session pass by (hubbub/quiet): it speaks and reads without being in a channel. `person`
    says that somebody reads what comes: then conversations are caught up with, and how far one has
    read is told.
    """

    nick: str
    realname: str = ""
    exact_nick: bool = False
    password: str = ""
    history: int = 50
    highlights: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    remember: int = REMEMBERED
    quiet: bool = False
    person: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Ask the person for something that is not to be seen or kept, unless it may be `shown`.

    `then` takes the answer, "" where there is none.
    """

    prompt: str
    then: Callable[[State, str], None]
    shown: bool = False


@dataclass(slots=True)
class CatchingUp:
    """Hold a conversation in which something was said at `time`, and how it is caught up with.

    `asked_at` is when the server was asked how far we have read there, 0 once it has answered.
    """

    name: str
    time: float
    asked_at: float = 0.0
    loading: bool = False


@dataclass(slots=True)
class State:
    """Hold what one session knows, across its connections.

    `seen` maps folded names of rooms to when an earlier run last saw them. `old` is True while a
    message from history is taken up, `page` the room whose history it is; what others said after
    `unread_after` is unread, and counted in `unread`.

    `ghost` is the nick under which an earlier connection of ours may still be alive on the server,
    "" when none can be; `taken` the nick that another one had. `names_wanted` holds the folded
    channels whose members were asked for, and whether any was named yet; `listed` says that a row
    of RPL_LIST came. `requested` are the capabilities that the server has not answered yet.
    `questions` wait for the person. `away` says that the server shows us as being away.
    `server_time` is the newest time that the server told, `gone_at` what that was when the last
    connection was lost.
    `mentions_from` is the last message that was listed of those that were meant for us.
    `catching` are the conversations that are still to be caught up with, `marked_at` is when the
    server was told last how far we have read. `lookup` is who is being asked about, `listings` are
    the bans of channels that are being told, `numbered` those that were shown, by their numbers.
    `asked` are who waits for the answer to a label, of which there were `labels`.
    `now` is when the current input came, in seconds since 1970.
    """

    wishes: Wishes
    outgoing: Outgoing
    nick: str
    seen: Mapping[str, float] = field(default_factory=dict)
    old: bool = False
    page: str = ""
    unread_after: float = math.inf
    unread: int = 0
    source: str = ""
    ghost: str = ""
    taken: str = ""
    features: ISupport = field(default_factory=ISupport)
    offered: dict[str, str] = field(default_factory=dict)
    capabilities: frozenset[str] = frozenset()
    registered: bool = False
    was_registered: bool = False
    quitting: bool = False
    now: float = 0.0
    heard_at: float = 0.0
    server_time: float = 0.0
    gone_at: float = 0.0
    sending: list[Message] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    names_wanted: dict[str, bool] = field(default_factory=dict)
    listed: bool = False
    away: bool = False
    requested: frozenset[str] = frozenset()
    login: LoginState = field(default_factory=LoginState)
    questions: deque[Question] = field(default_factory=deque)
    catching: deque[CatchingUp] = field(default_factory=deque)
    marked_at: float = 0.0
    mentions_from: str = ""
    lookup: Lookup | None = None
    listings: dict[str, Listing] = field(default_factory=dict)
    numbered: dict[str, list[str]] = field(default_factory=dict)
    asked: dict[str, Callable[[Message | Batch], None]] = field(default_factory=dict)
    labels: int = 0
    rooms: Rooms = field(init=False)

    def __post_init__(self) -> None:
        """Make the rooms, which look names up as the server does."""
        self.rooms = Rooms(lambda name: self.features.fold(name), self.wishes.remember)

    def send(self, command: str, *params: str) -> None:
        """Send a message to the server."""
        message = Message(command, params)
        if command in REPEATED:
            self.login.wanted = message
        self.sending.append(message)

    def emit(self, event: Event) -> None:
        """Tell the person of an event."""
        self.events.append(event)

    def emit_in(self, room: Room | None, event: Event) -> None:
        """Tell the person of an event in a room, after the older ones that are still to come."""
        if room and room.filling and not self.old and len(room.filling.held) < HELD:
            room.filling.held.append(event)
        else:
            self.events.append(event)

    def tell(self, text: str, room: str = "", error: bool = False) -> None:
        """Tell the person a text; on the way out nothing is left to tell."""
        if not self.quitting:
            self.events.append(Told(text, self.now, room, error))

    def tell_of(self, room: Room, message: Message, text: str) -> None:
        """Tell the person what a message says about a room, when it was said there."""
        self.emit_in(room, Told(text, self.time_of(message), room.name))

    def ask(self, prompt: str, then: Callable[[State, str], None], shown: bool = False) -> None:
        """Ask the person; the answer is not seen and not kept, unless it may be shown."""
        if len(self.questions) < QUESTIONS:
            self.questions.append(Question(prompt, then, shown))
        else:
            then(self, "")

    def same(self, one: str, other: str) -> bool:
        """Say whether two names are the same on this server."""
        return self.features.fold(one) == self.features.fold(other)

    def is_me(self, nick: str) -> bool:
        """Say whether a nick is our own."""
        return self.same(nick, self.nick)

    def has(self, capability: str) -> bool:
        """Say whether a capability was agreed on."""
        return capability in self.capabilities

    @property
    def marks(self) -> bool:
        """Say whether the server is to know how far we have read: a guest has no other device."""
        account = self.login.account != ""
        return self.wishes.person and account and self.has("draft/read-marker")

    def time_of(self, message: Message) -> float:
        """Return when a message was sent, in seconds since 1970: the server's word, or now."""
        told = parse_time(message.tags.get("time", ""))
        return self.now if told is None else told

    def room_of(self, message: Message, target: str) -> str:
        """Return the room a message belongs to: its channel, or the other person's nick."""
        _, bare = self.features.split_prefix(target)
        if self.features.is_channel(bare):
            return bare
        if self.old and self.page and not self.features.is_channel(self.page):
            # In the history of a conversation both may have had other nicks.
            return self.page
        return message.nick if self.is_me(target) else target

    def is_own(self, message: Message) -> bool:
        """Say whether we said this ourselves, on whatever device."""
        account = message.tags.get("account", "")
        if self.old and account and self.login.account:
            return self.same(account, self.login.account)
        return self.is_me(message.nick)

    def open_room(self, name: str) -> Room | None:
        """Return a room, a new one where there is room for it."""
        room = self.rooms.get(name)
        if room is None and len(self.rooms.all()) < ROOMS:
            read_until = self.seen.get(self.features.fold(name), 0.0)
            room = self.rooms.open(name, self.features.is_channel(name), read_until)
        return room

    def is_ignored(self, source: str) -> bool:
        """Say whether the person does not want to hear this source."""
        return any(matches(complete_mask(mask), source) for mask in self.wishes.ignored)

    def mentions_me(self, text: str) -> bool:
        """Say whether a text holds our nick, or a word that the person watches for."""
        words = (self.nick, *self.wishes.highlights)
        folded = text.casefold()
        # Most texts hold none of them at all, which is found out sooner.
        return any(
            re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
            for word in words
            if word and word.casefold() in folded
        )

    def wire(self) -> Wire:
        """Say what can be sent on this connection."""
        source = self.source or f"{self.nick}!{_GUESSED_USER}@{_GUESSED_HOST}"
        # A longer nick after a reconnection must not make a message too long.
        spare = max(0, min(self.features.number("NICKLEN", 9), _NICK_ROOM) - len(self.nick))
        limits = _limits(self.offered.get("draft/multiline", ""))
        multiline = self.has("draft/multiline") and self.has("batch")
        return Wire(
            source + "x" * spare,
            tags=self.has("message-tags"),
            labels=self.has("labeled-response"),
            echo=self.has("echo-message"),
            multiline_bytes=limits.get("max-bytes", 4096) if multiline else 0,
            multiline_lines=limits.get("max-lines", 24) if multiline else 0,
        )


@lru_cache(maxsize=512)
def parse_time(text: str) -> float | None:
    """Return server-time's `2026-01-31T12:34:56.789Z` as seconds since 1970, or None."""
    microseconds = timestamps.parse_time(text)
    return None if microseconds is None else microseconds / 1_000_000


def format_time(seconds: float) -> str:
    """Return seconds since 1970 as server-time writes them."""
    return timestamps.format_time(round(seconds * 1_000_000))


def _limits(value: str) -> dict[str, int]:
    limits: dict[str, int] = {}
    for item in value.split(","):
        name, _, number = item.partition("=")
        if number.isascii() and number.isdigit() and len(number) < 9 and int(number):
            limits[name] = int(number)
    return limits


Handler = Callable[[State, Message], None]
"""What takes up one kind of message."""
