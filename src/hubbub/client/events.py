"""What a person cares about: the events that a session gives out and a transcript draws.

Texts in here are as they came over the wire; `transcript` makes them safe. Times are seconds since
1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Speech(Enum):
    """Say how something was said."""

    MESSAGE = "message"
    NOTICE = "notice"
    ACTION = "action"


class DeliveryStatus(Enum):
    """Say what is known of a message of one's own, or that it is another's."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNSURE = "unsure"


class Presence(Enum):
    """Say how somebody came, went, or changed."""

    JOIN = "join"
    PART = "part"
    QUIT = "quit"
    NICK = "nick"


@dataclass(frozen=True, slots=True)
class Registered:
    """The server knows us: by this nick, on this network."""

    nick: str
    network: str
    time: float


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """Somebody said something; `text` has a "\\n" between the lines of a multiline message.

    `prefix` is the speaker's status, such as "@". `old` is True for what history or a replay
    brought, `unread` where none of our devices has shown that. `reason` tells why a message of
    one's own failed. `taken_back` tells by whom and why the text was taken away, "" where it was
    not. `edited` says that it has another text than it was said with. `reply_to` is the msgid of
    the message that it answers, `answers` how that begins where it is known.
    """

    room: str
    nick: str
    text: str
    speech: Speech
    time: float
    delivery: DeliveryStatus = DeliveryStatus.RECEIVED
    prefix: str = ""
    mention: bool = False
    old: bool = False
    reason: str = ""
    unread: bool = False
    msgid: str = ""
    taken_back: str = ""
    edited: bool = False
    reply_to: str = ""
    answers: str = ""

    @property
    def counts(self) -> bool:
        """Say whether it is to be read: another's, and shown on no device of ours before."""
        return not self.own and (self.unread or not self.old)

    @property
    def own(self) -> bool:
        """Say whether we said it ourselves."""
        return self.delivery is not DeliveryStatus.RECEIVED


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """Somebody came, went or changed the nick; `detail` is the reason, or the new nick."""

    room: str
    nick: str
    change: Presence
    detail: str
    time: float
    old: bool = False


@dataclass(frozen=True, slots=True)
class TopicChanged:
    """A room has another topic; `nick` is "" when the topic was only told."""

    room: str
    nick: str
    topic: str
    time: float
    old: bool = False


@dataclass(frozen=True, slots=True)
class RoomOpened:
    """We are in a room now; `again` where a lost connection had taken us out of it."""

    room: str
    time: float
    again: bool = False


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """We left a room, or were made to; a lost connection is not told of like this.

    `asked` says that it was here that the person asked to leave.
    """

    room: str
    reason: str
    time: float
    asked: bool = False


@dataclass(frozen=True, slots=True)
class JoinRefused:
    """The server does not let us into a channel; `code` is the numeric that said so, or ""."""

    room: str
    reason: str
    time: float
    code: str = ""


@dataclass(frozen=True, slots=True)
class NewSinceYouLeft:
    """What follows in this room was said after we last saw it."""

    room: str
    time: float


@dataclass(frozen=True, slots=True)
class HistoryShown:
    """All of a room's history that was asked for has been told; what was said live follows."""

    room: str
    time: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """What follows in this room was said before all that is shown; `over` where that ends.

    `time` is that of the first message of it, or of the last.
    """

    room: str
    time: float
    over: bool = False


@dataclass(frozen=True, slots=True)
class NotShown:
    """So many unread messages of this room were not loaded; `more` where there may be yet more."""

    room: str
    count: int
    more: bool
    time: float


@dataclass(frozen=True, slots=True)
class ReadElsewhere:
    """Another device of ours has shown this room up to the message of this time."""

    room: str
    until: float
    time: float


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A message was taken back by somebody: its text is to be shown and kept no more.

    `about` is the message itself, where it is known.
    """

    room: str
    nick: str
    msgid: str
    reason: str
    time: float
    old: bool = False
    about: ChatMessage | None = None


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody reacted to a message, or took that back where it is `undone`.

    `about` is the message itself, where it is known.
    """

    room: str
    nick: str
    reaction: str
    msgid: str
    time: float
    undone: bool = False
    old: bool = False
    about: ChatMessage | None = None


@dataclass(frozen=True, slots=True)
class TextChanged:
    """Somebody gave a message another text.

    `about` is the message itself as it was, where it is known.
    """

    room: str
    nick: str
    msgid: str
    text: str
    time: float
    about: ChatMessage | None = None


@dataclass(frozen=True, slots=True)
class ReactionsCounted:
    """So many reacted in these ways to a message that history brought.

    `about` is the message itself, where it is known.
    """

    room: str
    msgid: str
    counts: tuple[tuple[str, int], ...]
    time: float
    about: ChatMessage | None = None


@dataclass(frozen=True, slots=True)
class RoomRenamed:
    """Whom we talk with, or a channel, is called otherwise now; `reason` may be ""."""

    room: str
    name: str
    time: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewIn:
    """A conversation in which something is unread: how much, and how much of it is meant for us.

    `said` are the newest of the latter, the oldest first; `time` is that of the newest message.
    """

    name: str
    unread: int
    mentions: int
    time: float
    said: tuple[ChatMessage, ...] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class WhatIsNew:
    """The server told in which conversations something is unread, the newest first."""

    found: tuple[NewIn, ...]
    time: float


@dataclass(frozen=True, slots=True)
class MentionsListed:
    """The server listed what was meant for us, the newest first, as far as a page goes."""

    said: tuple[ChatMessage, ...]
    time: float


@dataclass(frozen=True, slots=True)
class UnreadCounted:
    """So much of this room is unread by now: one of our devices has read there."""

    room: str
    unread: int
    mentions: int
    time: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Between what came before and what follows in this room, messages are missing."""

    room: str
    time: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found, or was said around something that was: messages of any rooms, oldest first.

    The last one's number is `number`, each before has one more; 0 where they have none.
    """

    messages: tuple[ChatMessage, ...]
    number: int
    time: float


@dataclass(frozen=True, slots=True)
class Told:
    """The server told us something; `room` is "" where it belongs to none."""

    text: str
    time: float
    room: str = ""
    error: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionRefused:
    """The server does not let us in at all: password, ban, or no nick that it accepts."""

    reason: str
    time: float


@dataclass(frozen=True, slots=True)
class AccountNeeded:
    """The server lets in nobody without an account; the text says what to do."""

    text: str
    time: float


@dataclass(frozen=True, slots=True)
class TokenGiven:
    """The server gave this device a token for an account; it is to be kept, and never shown."""

    account: str
    name: str
    token: str
    time: float


@dataclass(frozen=True, slots=True)
class TokenGone:
    """The token that this device has for an account is of no use any more."""

    account: str
    time: float


@dataclass(frozen=True, slots=True)
class SecondFactorKey:
    """The key for an app that makes one-time passwords, and its address for a QR code."""

    key: str
    address: str
    time: float


@dataclass(frozen=True, slots=True)
class Silent:
    """The server answers nothing any more; the connection should be given up."""

    time: float


Event = (
    Registered
    | ChatMessage
    | PresenceChanged
    | TopicChanged
    | RoomOpened
    | RoomClosed
    | JoinRefused
    | NewSinceYouLeft
    | HistoryShown
    | Earlier
    | NotShown
    | ReadElsewhere
    | TakenBack
    | Reacted
    | TextChanged
    | ReactionsCounted
    | RoomRenamed
    | WhatIsNew
    | MentionsListed
    | UnreadCounted
    | LeftOut
    | SearchResult
    | Told
    | ConnectionRefused
    | AccountNeeded
    | TokenGiven
    | TokenGone
    | SecondFactorKey
    | Silent
)
