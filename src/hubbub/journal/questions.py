"""What is asked of an archive, and what it answers: places, pages, counts, searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hubbub.core.records.entries import Body, Entry
from hubbub.core.searching.query import Query


@dataclass(frozen=True, slots=True)
class Position:
    """Point into a history, whose order is (time, seq): both rise with each entry of it.

    With `seq` None the point is a whole millisecond: an entry is before it, in it, or after it.
    """

    time: int
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Ask for part of a history, the bounds themselves excluded, oldest first in the answer.

    `latest` takes the newest `limit` entries between the bounds rather than the oldest. `events`
    includes what is neither PRIVMSG nor NOTICE (joins, modes, TAGMSG, ...). `upto` is the last seq
    that may be shown; `since` the position (included) where the asker's rights begin. `hidden` are
    stretches, in order and few, of which it shows nothing: from a position (included) to another.
    """

    history: str
    limit: int
    upto: int
    after: Position | None = None
    before: Position | None = None
    latest: bool = True
    events: bool = False
    since: Position | None = None
    hidden: tuple[tuple[Position, Position], ...] = ()

    def hides(self, seq: int) -> bool:
        """Say whether it shows nothing of what stands at a seq."""
        return any((first.seq or 0) <= seq < (end.seq or 0) for first, end in self.hidden)


@dataclass(frozen=True, slots=True)
class Unread:
    """Ask how much others than `authors` have said within a page, at most its limit.

    And what of that was meant for one of `who` (the accounts, and the history's name for all who
    are in it). Authors are as hubbub.journal.names.author_of has them. Without `counts` only the
    latter is looked for.
    """

    page: Page
    authors: tuple[str, ...]
    who: tuple[str, ...]
    counts: bool = True


class Counted(NamedTuple):
    """Hold how much was said, and the (time, seq) of what was meant for who asked, newest first."""

    said: int
    meant: tuple[tuple[int, int], ...]


class Edition(NamedTuple):
    """Hold what an entry said up to a time, in microseconds since 1970."""

    upto: int
    body: Body


class Newest(NamedTuple):
    """Name the newest message of a history."""

    history: str
    time: int
    seq: int


@dataclass(frozen=True, slots=True)
class SearchPlace:
    """Name a history that is searched, and what of it may be shown: `since` a seq, not the hidden.

    `@OWNER/*` stands for all direct histories of OWNER, `#*` for all of channels, `*` for all.
    `hidden` are stretches from a seq (included) to another, in order.
    """

    history: str
    since: int = 0
    hidden: tuple[tuple[int, int], ...] = ()

    def shows(self, seq: int) -> bool:
        """Say whether what stands at a seq may be shown."""
        return seq >= self.since and not any(first <= seq < end for first, end in self.hidden)


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """Ask for what fits a query in some places: the newest `limit` of it, up to the seq `upto`."""

    query: Query
    places: tuple[SearchPlace, ...]
    limit: int
    upto: int


class Hit(NamedTuple):
    """Hold what was found, and in which history the asker may read it."""

    entry: Entry
    history: str


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what a search found, the newest first.

    `unsearched` counts the records among which was not looked although something there may fit:
    they are not in the index yet. `is_cut` says that the time for it was over before all was seen.
    """

    hits: tuple[Hit, ...] = ()
    unsearched: int = 0
    is_cut: bool = False
