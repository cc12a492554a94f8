"""What is on the screen: one room; of the others, what was missed.

A terminal's scrollback cannot be taken back, so only the room that a person is in is shown as it
happens. What others say elsewhere is counted, and shown when the person goes there; what is meant
for the person is shown at once, with the room's name before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from hubbub.client.events import (
    ChatMessage,
    Event,
    HistoryShown,
    JoinRefused,
    NotShown,
    Presence,
    PresenceChanged,
    Reacted,
    ReactionsCounted,
    ReadElsewhere,
    RoomClosed,
    RoomOpened,
    RoomRenamed,
    Speech,
    TakenBack,
    TextChanged,
    TopicChanged,
    UnreadCounted,
)
from hubbub.client.preferences import Preferences
from hubbub.client.timeline.transcript import Line, Transcript, day_rule, opening, rule

MISSED: Final = 500
"""How many events of a room are kept for when a person goes there."""
LOGGED: Final = 5000
"""How many messages of a room /search looks through."""
QUIET: Final = 1.0
"""Seconds that comings and goings are gathered for, until nothing more comes."""
LONGEST: Final = 3.0
"""Seconds after which they are shown even while more come."""


@dataclass(slots=True)
class Pane:
    """Hold one room: what was missed there, and what was said.

    `read_until` is the time of the newest message that was shown, in seconds since 1970, and
    `opened` when we came in, which is how far a room was read where nothing has been said.
    `loading` says that older messages are still to come: what comes meanwhile waits in `missed`.
    """

    name: str
    missed: deque[Event] = field(default_factory=lambda: deque(maxlen=MISSED))
    said: deque[ChatMessage] = field(default_factory=deque)
    unread: int = 0
    mentions: int = 0
    loading: bool = False
    opened: float = 0.0
    read_until: float = 0.0


class View:
    """Turn events into the lines to show now."""

    def __init__(
        self,
        transcript: Transcript,
        fold: Callable[[str], str],
        preferences: Preferences,
        logged: int = LOGGED,
    ) -> None:
        """Begin in no room; `fold` makes names comparable as the server does.

        So many messages of a room are `logged` for /search.
        """
        self._logged = logged
        self.transcript = transcript
        self.preferences = preferences
        self.current = ""
        self._fold = fold
        self._panes: dict[str, Pane] = {}
        self._gathered: list[PresenceChanged | TopicChanged] = []
        self._gathered_at = 0.0
        self._last_at = 0.0
        self._bell = False
        self._expected = ""
        self._put_out = False
        self._day: date | None = None
        # Told of what was shown, and asked whether older messages come of where one goes.
        self.on_read: Callable[[str, float], None] = lambda room, until: None
        self.on_going: Callable[[str], bool] = lambda room: False

    @property
    def panes(self) -> list[Pane]:
        """Return the rooms in the order in which they were opened."""
        return list(self._panes.values())

    @property
    def unread(self) -> tuple[int, ...]:
        """Return how much was missed in each room; what a status line shows changes with it."""
        return tuple(pane.unread + pane.mentions for pane in self._panes.values())

    def receive(self, event: Event, now: float) -> list[Line]:
        """Take up an event and return what to show of it now."""
        room: str = getattr(event, "room", "")
        if not room:
            return self._draw(event)
        if isinstance(event, (RoomClosed, RoomRenamed, ReadElsewhere, HistoryShown, UnreadCounted)):
            return self._changed(event)
        pane = self._pane(room)
        if isinstance(event, RoomOpened):
            pane.opened = event.time
            return [*self._opened(pane), *self._draw(event)]
        event = self._take_up(pane, event)
        if self.is_current(room) and not pane.loading:
            return self._here(pane, event, now)
        return self._elsewhere(pane, event)

    def expect(self, name: str) -> None:
        """Go to this room as soon as we are in it."""
        self._expected = name

    def flush(self) -> list[Line]:
        """Return the comings and goings that were gathered."""
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return []
        if len({self.transcript.day(event.time) for event in gathered}) > 1:
            return [
                line
                for event in gathered
                for line in (*self._dated(event.time), *self.transcript.draw(event))
            ]
        return [*self._dated(gathered[-1].time), *self.transcript.fold(gathered)]

    def tick(self, now: float) -> list[Line]:
        """Return the comings and goings when no more of them come."""
        if not self._gathered:
            return []
        if now - self._last_at >= QUIET or now - self._gathered_at >= LONGEST:
            return self.flush()
        return []

    def switch(self, name: str) -> list[Line]:
        """Go to a room and return what was missed there; without being there, open it.

        While older messages are still to come, nothing is shown of it, until HistoryShown.
        """
        lines = self.flush()
        pane = self._pane(name)
        if self.is_current(name):
            return lines
        self.current = pane.name
        self._put_out = False
        lines.append(rule(pane.name))
        pane.loading = self.on_going(pane.name)
        return lines if pane.loading else [*lines, *self._catch_up(pane)]

    def _catch_up(self, pane: Pane) -> list[Line]:
        """Return what was missed in the room on the screen, in the order in which it was said."""
        missed = sorted(pane.missed, key=lambda event: event.time)
        pane.missed.clear()
        pane.unread = pane.mentions = 0
        lines = [line for event in missed for line in self._here(pane, event, 0.0)]
        self._read_all(pane)
        return lines + self.flush()

    def _loaded(self, pane: Pane) -> list[Line]:
        """Take note that all older messages have come."""
        was_loading, pane.loading = pane.loading, False
        if not self.is_current(pane.name):
            return []
        if was_loading:
            return self._catch_up(pane)
        self._read_all(pane)
        return []

    def close(self, name: str) -> list[Line]:
        """Forget a room that the person leaves; when it was on the screen, go to another."""
        was_current = self.is_current(name)
        lines = self._forget(name)
        return [*lines, *self.switch(self.panes[0].name)] if was_current and self._panes else lines

    def _forget(self, name: str) -> list[Line]:
        self._panes.pop(self._fold(name), None)
        if not self.is_current(name):
            return []
        self.current = ""
        return self.flush()

    def is_current(self, name: str) -> bool:
        """Say whether a room is the one on the screen."""
        if name == self.current:
            return bool(name)
        return bool(self.current) and self._fold(name) == self._fold(self.current)

    def next_unread(self) -> str:
        """Return the room to go to next: one that mentions us, one with news, or any other."""
        others = [pane for pane in self.panes if not self.is_current(pane.name)]
        others.sort(key=lambda pane: (-bool(pane.mentions), -bool(pane.unread)))
        return others[0].name if others else ""

    def said_here(self) -> list[ChatMessage]:
        """Return what was said in the room on the screen, the oldest first."""
        pane = self._panes.get(self._fold(self.current))
        return list(pane.said) if pane else []

    def search(self, words: str) -> Iterator[ChatMessage]:
        """Return what was said in the rooms that holds all these words, the oldest first."""
        wanted = words.casefold().split()
        found = [
            said
            for pane in self.panes
            for said in pane.said
            if all(word in f"{said.nick} {said.text}".casefold() for word in wanted)
        ]
        return iter(sorted(found, key=lambda said: said.time))

    def read_until(self) -> dict[str, float]:
        """Map the folded names of rooms to the time of the newest message that was shown there."""
        return {key: pane.read_until for key, pane in self._panes.items() if pane.read_until}

    def take_bell(self) -> bool:
        """Say whether the bell is due, once."""
        due, self._bell = self._bell, False
        return due

    def _opened(self, pane: Pane) -> list[Line]:
        expected = bool(self._expected) and self._fold(self._expected) == self._fold(pane.name)
        if expected:
            self._expected = ""
        if expected and (self.current or self._put_out):
            return self.switch(pane.name)
        if not self.current and not self._put_out:
            self.current = pane.name
        return self.flush()

    def _pane(self, name: str) -> Pane:
        key = self._fold(name)
        pane = self._panes.get(key)
        if pane is None:
            pane = self._panes[key] = Pane(name, said=deque(maxlen=self._logged))
        return pane

    def _take_up(self, pane: Pane, event: Event) -> Event:
        """Keep what was said, and return the event with what it is about, where that is kept."""
        if isinstance(event, ChatMessage):
            if event.reply_to and (about := _said(pane, event.reply_to)) is not None:
                event = replace(event, answers=opening(about))
            self._heard(pane, event)
        elif isinstance(event, NotShown) and not self.is_current(pane.name):
            pane.unread += event.count
        elif isinstance(event, (TakenBack, Reacted, TextChanged, ReactionsCounted)):
            about = _said(pane, event.msgid)
            if isinstance(event, TakenBack) and about is not None:
                about = self._take_back(pane, about, event.nick)
            elif isinstance(event, TextChanged) and about is not None:
                _put(pane, about, replace(about, text=event.text, edited=True))
            return replace(event, about=about)
        return event

    def _heard(self, pane: Pane, event: ChatMessage) -> None:
        _insert(pane.said, event)
        if event.own or event.old:
            return
        bell = self.preferences.bell
        self._bell |= bell == "all" or (bell == "mention" and event.mention)

    def _take_back(self, pane: Pane, said: ChatMessage, nick: str) -> ChatMessage:
        """Forget the text of a message wherever it is kept."""
        gone = replace(said, text="", reason="", taken_back=nick)
        pane.said = deque((gone if each is said else each for each in pane.said), pane.said.maxlen)
        for index, missed in enumerate(pane.missed):
            if isinstance(missed, ChatMessage) and missed.msgid == said.msgid:
                pane.missed[index] = gone
                pane.unread = max(0, pane.unread - said.counts)
                pane.mentions = max(0, pane.mentions - (said.counts and said.mention))
            elif isinstance(missed, Reacted) and missed.about is said:
                pane.missed[index] = replace(missed, about=gone)
        return gone

    def _here(self, pane: Pane, event: Event, now: float) -> list[Line]:
        if isinstance(event, ChatMessage):
            self._read(pane, event.time)
        elif isinstance(event, (PresenceChanged, TopicChanged)) and self._is_notice(event):
            return self._gather(event, now)
        return self._draw(event)

    def _read(self, pane: Pane, until: float) -> None:
        """Take note how far the room on the screen was read."""
        if until > pane.read_until:
            pane.read_until = until
            self.on_read(pane.name, until)

    def _read_all(self, pane: Pane) -> None:
        """Take note that nothing was said where we are: what comes in our absence is new."""
        if not pane.read_until:
            self._read(pane, pane.opened)

    def _draw(self, event: Event, label: str = "") -> list[Line]:
        """Return an event's lines after those that were gathered, with the day before a new one."""
        flushed = self.flush() if self._gathered else []
        lines = self.transcript.draw(event, label)
        return [*flushed, *(self._dated(event.time) if lines else ()), *lines]

    def _dated(self, time: float) -> list[Line]:
        """Return the line that says which day it is, where that is another than the last shown."""
        day = self.transcript.day(time) if self.transcript.times else None
        if day is None or day == self._day:
            return []
        self._day = day
        return [day_rule(day)]

    def _is_notice(self, event: PresenceChanged | TopicChanged) -> bool:
        return isinstance(event, PresenceChanged) or bool(event.nick)

    def _gather(self, event: PresenceChanged | TopicChanged, now: float) -> list[Line]:
        notices = self.preferences.notices
        if isinstance(event, PresenceChanged):
            # Who came and went before is no news; by what name somebody spoke is.
            is_past = event.old and event.change is not Presence.NICK
            if notices == "off" or (notices == "fold" and is_past):
                return []
        if notices == "all":
            return self._draw(event)
        if not self._gathered:
            self._gathered_at = now
        self._last_at = now
        self._gathered.append(event)
        return self.flush() if len(self._gathered) >= MISSED else []

    def _elsewhere(self, pane: Pane, event: Event) -> list[Line]:
        pane.missed.append(event)
        if isinstance(event, JoinRefused):
            return self._draw(event)
        if not isinstance(event, ChatMessage):
            return []
        if self.is_current(pane.name):
            # It waits for what is older, and is shown then.
            return []
        if event.own and not event.old:
            return self._draw(event, label=f"to {pane.name}")
        if not event.counts:
            return []
        pane.unread += 1
        pane.mentions += event.mention
        if not event.old and (event.mention or self._tells_here(pane, event)):
            return self._draw(event, label=pane.name)
        return []

    def _tells_here(self, pane: Pane, event: ChatMessage) -> bool:
        """Say whether somebody, or a service, tells one something in a conversation."""
        from_partner = self._fold(event.nick) == self._fold(pane.name)
        return event.speech is Speech.NOTICE and from_partner

    def _changed(
        self, event: RoomClosed | RoomRenamed | ReadElsewhere | HistoryShown | UnreadCounted
    ) -> list[Line]:
        """Take up what became of a room."""
        if isinstance(event, RoomClosed):
            return [*self._draw(event), *self._closed(event)]
        pane = self._panes.get(self._fold(event.room))
        if pane is None:
            return []
        if isinstance(event, HistoryShown):
            return self._loaded(pane)
        if isinstance(event, UnreadCounted):
            if not self.is_current(pane.name):
                # The server counts for all devices, and beyond what was loaded here.
                pane.unread, pane.mentions = event.unread, event.mentions
            return []
        if isinstance(event, ReadElsewhere):
            self._read_elsewhere(pane, event.until)
            return []
        was_current = self.is_current(pane.name)
        pane.name = event.name
        self._panes = {self._fold(each.name): each for each in self._panes.values()}
        if was_current:
            self.current = pane.name
            return self._draw(event)
        pane.missed.append(event)
        return []

    def _closed(self, event: RoomClosed) -> list[Line]:
        """Take a room away; whoever did not ask for it may be typing, and goes nowhere by itself.

        What was typed for one room must not be said in another.
        """
        if event.asked:
            return self.close(event.room)
        self._put_out |= self.is_current(event.room)
        return self._forget(event.room)

    def _read_elsewhere(self, pane: Pane, until: float) -> None:
        """Count no more what another device has shown; it is shown here all the same."""
        pane.read_until = max(pane.read_until, until)
        unread = [event for event in pane.missed if isinstance(event, ChatMessage) and event.counts]
        left = [event for event in unread if event.time > until]
        # What was not loaded is older than all of these.
        if len(left) < len(unread):
            pane.unread = min(pane.unread, len(left))
            pane.mentions = min(pane.mentions, sum(event.mention for event in left))


def _said(pane: Pane, msgid: str) -> ChatMessage | None:
    """Return what was said in a room under a msgid, where that is kept."""
    return next((said for said in pane.said if said.msgid == msgid), None)


def _put(pane: Pane, said: ChatMessage, now: ChatMessage) -> None:
    """Keep a message as it stands now, wherever it is kept."""
    pane.said = deque((now if each is said else each for each in pane.said), pane.said.maxlen)
    for index, missed in enumerate(pane.missed):
        if isinstance(missed, ChatMessage) and missed.msgid == said.msgid:
            pane.missed[index] = now


def _insert(said: deque[ChatMessage], event: ChatMessage) -> None:
    """Keep a message in the order of what was said; for the oldest there may be no room."""
    if not said or event.time >= said[-1].time:
        said.append(event)
    elif said.maxlen is None or len(said) < said.maxlen:
        said.insert(bisect_right(said, event.time, key=lambda each: each.time), event)
