"""What is on the screen: one room; of the others, what was missed.

A terminal's scrollback cannot be taken back, so only the room that a person is in is shown as it
happens. What others say elsewhere is counted, and shown when the person goes there; what is meant
for the person is shown at once, with the room's name before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hubbub.client.events import (
    Event,
    JoinRefused,
    NewSinceYouLeft,
    PresenceChanged,
    RoomClosed,
    RoomOpened,
    Said,
    Speech,
    TopicChanged,
)
from hubbub.client.preferences import Preferences
from hubbub.client.transcript import Line, Transcript, rule

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

    `read_until` is the time of the newest message that was shown, in seconds since 1970.
    """

    name: str
    missed: deque[Event] = field(default_factory=lambda: deque(maxlen=MISSED))
    said: deque[Said] = field(default_factory=deque)
    unread: int = 0
    mentions: int = 0
    news: bool = False
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
            return [*self.flush(), *self.transcript.draw(event)]
        if isinstance(event, RoomClosed):
            return self._closed(event)
        pane = self._pane(room)
        if isinstance(event, Said):
            self._heard(pane, event)
        elif isinstance(event, NewSinceYouLeft):
            pane.news = True
        if isinstance(event, RoomOpened):
            return [*self._opened(pane), *self.transcript.draw(event)]
        if not self.is_current(room):
            return self._elsewhere(pane, event)
        return self._here(pane, event, now)

    def expect(self, name: str) -> None:
        """Go to this room as soon as we are in it."""
        self._expected = name

    def flush(self) -> list[Line]:
        """Return the comings and goings that were gathered."""
        gathered, self._gathered = self._gathered, []
        return self.transcript.fold(gathered) if gathered else []

    def tick(self, now: float) -> list[Line]:
        """Return the comings and goings when no more of them come."""
        if not self._gathered:
            return []
        if now - self._last_at >= QUIET or now - self._gathered_at >= LONGEST:
            return self.flush()
        return []

    def switch(self, name: str) -> list[Line]:
        """Go to a room and return what was missed there; without being there, open it."""
        lines = self.flush()
        pane = self._pane(name)
        if self.is_current(name):
            return lines
        self.current = pane.name
        missed = list(pane.missed)
        pane.missed.clear()
        pane.unread = pane.mentions = 0
        lines.append(rule(pane.name))
        for event in missed:
            lines += self._here(pane, event, 0.0)
        return lines + self.flush()

    def close(self, name: str) -> list[Line]:
        """Forget a room; when it was on the screen, go to another."""
        was_current = self.is_current(name)
        self._panes.pop(self._fold(name), None)
        if not was_current:
            return []
        lines = self.flush()
        self.current = ""
        return lines + (self.switch(self.panes[0].name) if self._panes else [])

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

    def said_here(self) -> list[Said]:
        """Return what was said in the room on the screen, the oldest first."""
        pane = self._panes.get(self._fold(self.current))
        return list(pane.said) if pane else []

    def search(self, words: str) -> Iterator[Said]:
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
        if not self.current:
            self.current = pane.name
        elif self._expected and self._fold(self._expected) == self._fold(pane.name):
            self._expected = ""
            return self.switch(pane.name)
        return self.flush()

    def _pane(self, name: str) -> Pane:
        key = self._fold(name)
        pane = self._panes.get(key)
        if pane is None:
            pane = self._panes[key] = Pane(name, said=deque(maxlen=self._logged))
        return pane

    def _heard(self, pane: Pane, event: Said) -> None:
        pane.said.append(event)
        if event.own or event.old:
            return
        bell = self.preferences.bell
        self._bell |= bell == "all" or (bell == "mention" and event.mention)

    def _here(self, pane: Pane, event: Event, now: float) -> list[Line]:
        if isinstance(event, Said):
            pane.read_until = max(pane.read_until, event.time)
        elif isinstance(event, (PresenceChanged, TopicChanged)) and self._is_notice(event):
            return self._gather(event, now)
        if not self._gathered:
            return self.transcript.draw(event)
        return [*self.flush(), *self.transcript.draw(event)]

    def _is_notice(self, event: PresenceChanged | TopicChanged) -> bool:
        return isinstance(event, PresenceChanged) or bool(event.nick)

    def _gather(self, event: PresenceChanged | TopicChanged, now: float) -> list[Line]:
        notices = self.preferences.notices
        if notices == "off" and isinstance(event, PresenceChanged):
            return []
        if notices == "all":
            return self.transcript.draw(event)
        if not self._gathered:
            self._gathered_at = now
        self._last_at = now
        self._gathered.append(event)
        return self.flush() if len(self._gathered) >= MISSED else []

    def _elsewhere(self, pane: Pane, event: Event) -> list[Line]:
        pane.missed.append(event)
        if isinstance(event, JoinRefused):
            return [*self.flush(), *self.transcript.draw(event)]
        if not isinstance(event, Said):
            return []
        if event.own and not event.old:
            return [*self.flush(), *self.transcript.draw(event, label=f"to {pane.name}")]
        if event.own or (event.old and not pane.news):
            return []
        pane.unread += 1
        pane.mentions += event.mention
        notice = event.speech is Speech.NOTICE and self._fold(event.nick) == self._fold(pane.name)
        if (event.mention or notice) and not event.old:
            return [*self.flush(), *self.transcript.draw(event, label=pane.name)]
        return []

    def _closed(self, event: RoomClosed) -> list[Line]:
        lines = [*self.flush(), *self.transcript.draw(event)]
        return lines + self.close(event.room)
