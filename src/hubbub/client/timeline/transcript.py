"""Events as lines of safe text. Whatever shows a conversation shows these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import Enum
from functools import lru_cache
from typing import Final

from hubbub.client.events import (
    AccountNeeded,
    ChatMessage,
    ConnectionRefused,
    DeliveryStatus,
    Earlier,
    Event,
    JoinRefused,
    LeftOut,
    MentionsListed,
    NewSinceYouLeft,
    NotShown,
    Presence,
    PresenceChanged,
    Reacted,
    ReactionsCounted,
    Registered,
    RoomClosed,
    RoomOpened,
    RoomRenamed,
    SearchResult,
    SecondFactorKey,
    Silent,
    Speech,
    TakenBack,
    TextChanged,
    TokenGiven,
    TokenGone,
    Told,
    TopicChanged,
    WhatIsNew,
)
from hubbub.client.graphemes import shorten
from hubbub.client.timeline import digest, qr_code
from hubbub.client.timeline.nick_colours import colour_of
from hubbub.irc.text import PLAIN, Style, spans, visible


class Role(Enum):
    """Say what a fragment is, so that whoever draws it can choose its look."""

    TIME = "time"
    NICK = "nick"
    TEXT = "text"
    OWN = "own"
    MENTION = "mention"
    NOTICE = "notice"
    RULE = "rule"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Fragment:
    """Hold a piece of safe text, what it is, and the style its writer gave it."""

    text: str
    role: Role = Role.TEXT
    style: Style = PLAIN


Line = tuple[Fragment, ...]
"""One line of a transcript."""

DRAWN: Final = 256
"""How many drawn messages are remembered."""
_CONTINUED: Final = "│ "
_NO_TIME: Final = " " * len("12:34 ")
_FOLDED_NAMES: Final = 6
_OPENING: Final = 40
# Not of the locale, whose words a server's other sessions would get too.
_DAYS: Final = (*("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_FOLD_FROM: Final = 4


def text_of(line: Line) -> str:
    """Return a line's text alone."""
    return "".join(fragment.text for fragment in line)


@dataclass(frozen=True, slots=True)
class Transcript:
    """Draw events: with the time in a zone before each line, or without."""

    zone: tzinfo
    times: bool = True

    def draw(self, event: Event, label: str = "") -> list[Line]:
        """Return the lines of one event; `label` names a room that is not the one on screen."""
        if isinstance(event, ChatMessage):
            # What many hear, and in a server many sessions show, is drawn once.
            return list(_drawn(self, event, label))
        boundary = _boundary(event)
        if boundary:
            return [rule(boundary)]
        if isinstance(event, (TokenGiven, TokenGone)):
            return []
        if isinstance(event, SecondFactorKey):
            return _second_factor(event)
        if isinstance(event, SearchResult):
            return [line for at in range(len(event.messages)) for line in self._found(event, at)]
        if isinstance(event, WhatIsNew):
            return [(Fragment(line, Role.NOTICE),) for line in digest.of_news(event, direct=False)]
        if isinstance(event, MentionsListed):
            return [(Fragment(line, Role.NOTICE),) for line in digest.of_mentions(event)]
        prefix = self._time(event.time)
        text, role = self._about(event) or _sentence(event)
        if not text:
            return []
        if label:
            prefix = (*prefix, Fragment(f"[{visible(label)}] ", Role.NOTICE))
        return [(*prefix, Fragment(line, role)) for line in visible_lines(text)]

    def _found(self, event: SearchResult, at: int) -> list[Line]:
        """Return the lines of one message that was found: its number, its day, its room."""
        said = event.messages[at]
        number = f"{event.number + len(event.messages) - 1 - at:>3} " if event.number else ""
        day = f"{self.day(said.time) or ''} {f'{self.clock(said.time)} ' if self.times else ''}"
        first, *rest = Transcript(self.zone, times=False).draw(said)
        return [(Fragment(f"{number}{day}{visible(said.room)} ", Role.NOTICE), *first), *rest]

    def fold(self, events: Sequence[PresenceChanged | TopicChanged]) -> list[Line]:
        """Return who came, went and changed: each in a line, or all in one where there are many."""
        if len(events) < _FOLD_FROM:
            return [line for event in events for line in self.draw(event)]
        parts = [
            _folded(events, change, sign, word)
            for change, sign, word in (
                (Presence.JOIN, "→", "joined"),
                (Presence.PART, "←", "left"),
                (Presence.QUIT, "←", "quit"),
                (Presence.NICK, "~", "changed the nick"),
            )
        ]
        topics = [event for event in events if isinstance(event, TopicChanged)]
        if topics:
            parts.append(f"topic: {visible(topics[-1].topic)}")
        text = " · ".join(part for part in parts if part)
        return [(*self._time(events[-1].time), Fragment(text, Role.NOTICE))]

    def day(self, seconds: float) -> date | None:
        """Return the day of a time in the transcript's zone; None where there is none."""
        moment = _moment(self.zone, seconds)
        return None if moment is None else moment.date()

    def clock(self, seconds: float) -> str:
        """Return the time of day, as it stands before each line."""
        moment = _moment(self.zone, seconds)
        return "--:--" if moment is None else f"{moment:%H:%M}"

    def _time(self, seconds: float) -> tuple[Fragment, ...]:
        return (Fragment(f"{self.clock(seconds)} ", Role.TIME),) if self.times else ()

    def _about(self, event: Event) -> tuple[str, Role] | None:
        """Return the sentence about what became of a message, which it names by its time."""
        match event:
            case TakenBack(nick=nick, about=said, reason=reason):
                what = (
                    f"{said.nick}'s message from {self.clock(said.time)}" if said else "a message"
                )
                return f"{what} was taken back by {nick}{_because(reason)}", Role.NOTICE
            case Reacted(nick=nick, about=said, reaction=reaction, undone=undone):
                verb = "takes back" if undone else "reacts with"
                on = f" to {opening(said)}" if said else " to an earlier message"
                return f"{nick} {verb} {reaction}{on}", Role.NOTICE
            case ReactionsCounted(counts=counts, about=said):
                on = f" to {opening(said)}" if said else ""
                return f"{' '.join(f'{way} {count}' for way, count in counts)}{on}", Role.NOTICE
            case TextChanged(nick=nick, about=said, text=text):
                what = f"the message from {self.clock(said.time)}" if said else "a message"
                return f"{nick} edited {what}: {plain_topic(text)}", Role.NOTICE
        return None

    def said(self, event: ChatMessage, label: str) -> list[Line]:
        """Return the lines of what somebody said."""
        head = self._head(event, label)
        marks = _mark(event)
        if event.taken_back:
            return [(*head, Fragment(f"(taken back by {visible(event.taken_back)})", Role.NOTICE))]
        first, *rest = event.text.split("\n")
        role = _text_role(event)
        time = (Fragment(_NO_TIME, Role.TIME),) if self.times else ()
        indent = (*time, Fragment(_CONTINUED, Role.RULE))
        if event.answers:
            head = (*head, Fragment(f"↳ {visible(event.answers)} │ ", Role.NOTICE))
        lines = [
            (*head, *_fragments(first, role)),
            *((*indent, *_fragments(text, role)) for text in rest),
        ]
        lines[-1] = (*lines[-1], *marks)
        return lines

    def _head(self, event: ChatMessage, label: str) -> Line:
        fragments = list(self._time(event.time))
        if label:
            fragments.append(Fragment(f"[{visible(label)}] ", Role.NOTICE))
        role = Role.OWN if event.own else Role.NICK
        style = PLAIN if event.own else Style(foreground=colour_of(event.nick))
        nick = Fragment(visible(event.prefix + event.nick), role, style)
        before, after = _FRAMES[event.speech]
        return (*fragments, Fragment(before), nick, Fragment(after))


@lru_cache(maxsize=DRAWN)
def _moment(zone: tzinfo, seconds: float) -> datetime | None:
    """Return a time in a zone; what many hear, many sessions ask for. None where there is none."""
    try:
        return datetime.fromtimestamp(seconds, zone)
    except (OverflowError, ValueError, OSError):
        return None


@lru_cache(maxsize=DRAWN)
def _drawn(transcript: Transcript, event: ChatMessage, label: str) -> tuple[Line, ...]:
    return tuple(transcript.said(event, label))


_FRAMES: Final = {
    Speech.MESSAGE: ("<", "> "),
    Speech.NOTICE: ("-", "- "),
    Speech.ACTION: ("* ", " "),
}


def rule(text: str) -> Line:
    """Return a line that divides what came before from what follows."""
    return (Fragment(f"──── {visible(text)} ────", Role.RULE),)


def day_rule(day: date) -> Line:
    """Return a line that says which day it is from here on."""
    name, month = _DAYS[day.weekday()], _MONTHS[day.month - 1]
    return (Fragment(f"— {name}, {day.day} {month} {day.year} —", Role.RULE),)


def _because(reason: str) -> str:
    return f" ({plain_topic(reason)})" if reason else ""


def opening(said: ChatMessage) -> str:
    """Return who said a message, and how it begins, for who is told of it."""
    return f"{said.nick}: {_opening(said)}"


def _opening(said: ChatMessage) -> str:
    """Return how a message begins."""
    if said.taken_back:
        return "(taken back)"
    return shorten(plain_topic(said.text.partition("\n")[0]), _OPENING)


def visible_lines(text: str) -> list[str]:
    """Return a text of several lines as safe lines."""
    return [visible(line) for line in text.split("\n")]


def plain_lines(event: Event) -> list[str]:
    """Return what somebody said as lines for a pipe: `<nick> text`; [] for every other event."""
    if not isinstance(event, ChatMessage):
        return []
    before, after = _FRAMES[event.speech]
    head = f"{before}{visible(event.nick)}{after}"
    return [head + "".join(span.text for span in spans(line)) for line in event.text.split("\n")]


def _second_factor(event: SecondFactorKey) -> list[Line]:
    # Scanners want dark on light, whatever the terminal's ground is.
    paper = Style(foreground="#ffffff", background="#000000")
    code = qr_code.half_blocks(event.address)
    lead = "Scan this with your app for one-time passwords" if code else "Tell your app this key"
    return [
        (Fragment(lead, Role.NOTICE),),
        *((Fragment(row, Role.TEXT, paper),) for row in code),
        (Fragment(f"its key is {visible(event.key)}", Role.NOTICE),),
    ]


def _fragments(text: str, role: Role) -> Line:
    return tuple(Fragment(span.text, role, span.style) for span in spans(text))


def _text_role(event: ChatMessage) -> Role:
    if event.delivery in (DeliveryStatus.FAILED, DeliveryStatus.UNSURE):
        return Role.ERROR
    return Role.MENTION if event.mention else Role.TEXT


def _mark(event: ChatMessage) -> Line:
    if event.edited:
        return (Fragment(" (edited)", Role.NOTICE),)
    if event.delivery is DeliveryStatus.FAILED:
        return (Fragment(f"  ✗ not sent: {visible(event.reason)}", Role.ERROR),)
    if event.delivery is DeliveryStatus.UNSURE:
        return (Fragment(f"  ? perhaps not sent: {visible(event.reason)}", Role.ERROR),)
    return ()


def _boundary(event: Event) -> str:
    """Return what a line across the conversation says; "" for all that is none."""
    match event:
        case NewSinceYouLeft():
            return "new since you left"
        case LeftOut():
            return "more was said here than could be loaded"
        case Earlier(room=room, over=over):
            return "that was earlier" if over else f"earlier in {room}"
        case _:
            return ""


def _sentence(event: Event) -> tuple[str, Role]:
    match event:
        case PresenceChanged():
            return _presence(event), Role.NOTICE
        case TopicChanged(nick=nick, topic=topic):
            text = plain_topic(topic)
            return (f"{nick} sets the topic: {text}" if nick else f"topic: {text}"), Role.NOTICE
        case RoomOpened(room=room, again=again):
            return f"you are in {room}{' again' if again else ''}", Role.NOTICE
        case RoomClosed(room=room, reason=reason):
            return f"you are no longer in {room}: {reason}", Role.NOTICE
        case JoinRefused(room=room, reason=reason):
            return f"cannot join {room}: {reason}", Role.ERROR
        case Registered(nick=nick, network=network):
            return f"you are {nick} on {network}", Role.NOTICE
        case RoomRenamed(room=room, name=name, reason=reason):
            return f"~ {room} is now {name}{_because(reason)}", Role.NOTICE
        case NotShown(count=count, more=more):
            total = f"{count} or more" if more else str(count)
            return (
                f"{total} earlier unread messages are not shown: /history {count} shows them"
            ), Role.NOTICE
        case Told(text=text, error=error):
            return plain_topic(text), Role.ERROR if error else Role.NOTICE
        case ConnectionRefused(reason=reason):
            return reason, Role.ERROR
        case AccountNeeded(text=text):
            return text, Role.ERROR
        case Silent():
            return "the server does not answer", Role.ERROR
        case _:
            return "", Role.NOTICE


def plain_topic(text: str) -> str:
    """Return a text of several lines without its formatting codes."""
    return "\n".join("".join(span.text for span in spans(line)) for line in text.split("\n"))


def _presence(event: PresenceChanged) -> str:
    detail = f" ({plain_topic(event.detail)})" if event.detail else ""
    match event.change:
        case Presence.JOIN:
            return f"→ {event.nick} joined{detail}"
        case Presence.PART:
            return f"← {event.nick} left{detail}"
        case Presence.QUIT:
            return f"← {event.nick} quit{detail}"
        case Presence.NICK:
            return f"~ {event.nick} is now {event.detail}"


def _folded(
    events: Sequence[PresenceChanged | TopicChanged], change: Presence, sign: str, word: str
) -> str:
    nicks = [
        visible(event.nick)
        for event in events
        if isinstance(event, PresenceChanged) and event.change is change
    ]
    if not nicks:
        return ""
    more = len(nicks) - _FOLDED_NAMES
    names = ", ".join(nicks[:_FOLDED_NAMES]) + (f" and {more} more" if more > 0 else "")
    return f"{sign} {names} {word}"
