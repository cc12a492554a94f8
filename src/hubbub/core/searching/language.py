"""The language of questions: disk "no space" raid* -solved from:bob in:#ops after:7d has:link."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from hubbub.core.errors import QueryError
from hubbub.core.searching.query import Phrase, Query
from hubbub.core.searching.words import pieces
from hubbub.irc.durations import seconds_of
from hubbub.irc.names import fold
from hubbub.irc.timestamps import parse_time

MOST_TERMS: Final = 20
"""How many parts a question has at most: each costs a look into the index."""
SHORTEST_BEGINNING: Final = 2
"""Of how many characters the beginning of a word is at least: of one, half of all words are."""

_PART: Final = re.compile(r'(-?)(?:"([^"]*)("?)|(\S+))')
_FILTER: Final = re.compile(r"([a-z]+):(.+)", re.IGNORECASE)
_DAY: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z")
_TIME: Final = "a day such as 2026-05-31, a month, a year, or how long ago: 2h, 7d"


def parse(text: str, now: int, own: Sequence[str] = ()) -> Query:
    """Return what a question means, `now` in microseconds; `own` are the names that `me` is for.

    Raise QueryError.
    """
    found = _PART.findall(text)
    if len(found) > MOST_TERMS:
        raise QueryError(f"That is more than {MOST_TERMS} words; search for fewer")
    query = Query()
    for minus, quoted, closing, bare in found:
        if bare:
            query = _with_bare(query, bare, bool(minus), now, own)
        elif not closing:
            raise QueryError(f'The quotation mark before {quoted[:20]} has no second: "two words"')
        else:
            query = _with_phrase(query, quoted, bool(minus), False)
    if query.is_empty:
        raise QueryError("Say what to search for: words, from:NICK, in:#CHANNEL, after:7d, ...")
    return query


def _with_bare(query: Query, bare: str, is_unwanted: bool, now: int, own: Sequence[str]) -> Query:
    parts = _FILTER.fullmatch(bare)
    name = parts[1].lower() if parts is not None else ""
    if parts is None or name not in _FILTERS:
        if bare.lower().removesuffix(":") in _FILTERS and bare.endswith(":"):
            raise QueryError(f"After {bare} follows what it is, without a space")
        is_open = bare.endswith("*")
        return _with_phrase(query, bare.removesuffix("*"), is_unwanted, is_open)
    if is_unwanted:
        raise QueryError(f"{name}: cannot be excluded; only words can, as in -word")
    return _FILTERS[name](query, parts[2].strip('"'), now, own)


def _with_phrase(query: Query, text: str, is_unwanted: bool, is_open: bool) -> Query:
    found = tuple(pieces(text))
    if not found:
        # What is no word, such as a smiley, is nowhere in the index.
        raise QueryError(f"There is no word in {text[:20]!r} to search for")
    if is_open and not found[-1].is_run and len(found[-1].text) < SHORTEST_BEGINNING:
        least = SHORTEST_BEGINNING
        raise QueryError(f"Give at least {least} letters before the * of {text[:20]}*")
    phrase = Phrase(found, is_open)
    if is_unwanted:
        return replace(query, unwanted=(*query.unwanted, phrase))
    return replace(query, wanted=(*query.wanted, phrase))


def _from(query: Query, value: str, now: int, own: Sequence[str]) -> Query:
    names = own if value == "me" else (value.removeprefix("@"),)
    return replace(query, speakers=(*query.speakers, *map(fold, names)))


def _in(query: Query, value: str, now: int, own: Sequence[str]) -> Query:
    return replace(query, places=(*query.places, value))


def _after(query: Query, value: str, now: int, own: Sequence[str]) -> Query:
    return _within(query, _moments("after", value, now)[0], None)


def _before(query: Query, value: str, now: int, own: Sequence[str]) -> Query:
    return _within(query, None, _moments("before", value, now)[0])


def _on(query: Query, value: str, now: int, own: Sequence[str]) -> Query:
    if _DAY.match(value) is None:
        raise QueryError(f"on:{value[:20]} is no day; give one such as on:2026-05-31")
    return _within(query, *_moments("on", value, now))


def _has(query: Query, value: str, now: int, own: Sequence[str]) -> Query:
    if value.lower() not in ("link", "links"):
        raise QueryError(f"has:{value[:20]} is not known; there is has:link")
    return replace(query, has_link=True)


def _mentions(query: Query, value: str, now: int, own: Sequence[str]) -> Query:
    names = own if value == "me" else (value.removeprefix("@"),)
    return replace(query, mentioned=(*query.mentioned, *map(fold, names)))


def _within(query: Query, after: int | None, before: int | None) -> Query:
    """Return a question with another bound; of two the narrower one holds."""
    afters = [each for each in (query.after, after) if each is not None]
    befores = [each for each in (query.before, before) if each is not None]
    return replace(query, after=max(afters, default=None), before=min(befores, default=None))


def _moments(name: str, value: str, now: int) -> tuple[int, int]:
    """Return when a day, month or year begins and ends (UTC), or a moment twice."""
    seconds = seconds_of(value)
    if seconds is not None:
        moment = now - seconds * 1_000_000
        return moment, moment
    day = _DAY.match(value)
    if day is None:
        exact = parse_time(value.upper())
        if exact is None:
            raise QueryError(f"{name}:{value[:20]} is no time; give {_TIME}")
        return exact, exact
    year, month, number = (int(each or 0) for each in day.groups())
    following = (year, month, number + 1) if number else (year, month + 1, 1)
    following = following if month else (year + 1, 1, 1)
    begin, end = _midnight(year, month or 1, number or 1), _midnight(*following)
    if begin is None:
        raise QueryError(f"{name}:{value[:20]} is no time; give {_TIME}")
    if end is None:
        end = _midnight(year, month + 1, 1) or _midnight(year + 1, 1, 1)
    return begin, end if end is not None else begin


def _midnight(year: int, month: int, day: int) -> int | None:
    return parse_time(f"{year:04}-{month:02}-{day:02}T00:00:00.000Z")


_FILTERS: Final[dict[str, Callable[[Query, str, int, Sequence[str]], Query]]] = {
    "from": _from,
    "in": _in,
    "after": _after,
    "before": _before,
    "on": _on,
    "has": _has,
    "mentions": _mentions,
}
FILTERS: Final = tuple(_FILTERS)
"""The words before a colon that the language knows."""
