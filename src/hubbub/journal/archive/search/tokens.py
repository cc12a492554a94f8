"""What of a message goes into the index of words, and how a question is put to it.

The index is asked for more than a question means, never for less: what it names is read and looked
at (hubbub.core.searching.query). Beside the words it has tokens for what else is asked for; they
begin with a character that no word has, and are digests, so that names may be of any characters.

    c   the history in which it was said     o   whose direct messages it is among
    f   a name of who said it                l   it has a link
    p   said in a channel                    d   said to somebody
    x   its time is far from the clock's, so that a stretch of time does not find it by its seq
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from hubbub.core.records.entries import AnyRecord, Body
from hubbub.core.records.messages import Said
from hubbub.core.searching.query import Phrase, Query, has_link, speakers_of, text_of
from hubbub.core.searching.words import Piece, pieces
from hubbub.core.world.conversations import owner_of
from hubbub.journal.names import histories_of, is_said

VERSION: Final = 1
"""Rises with any change of what goes into the index: it is made anew then."""
LONGEST: Final = 40
"""Of how many characters a word in the index is at most; what begins so is looked at."""
SLACK: Final = 10_000_000
"""How far from the clock, in microseconds, a time may be and still be found by its seq."""
_MARK: Final = "\ue000"
LINK: Final = f"{_MARK}l"
PUBLIC: Final = f"{_MARK}p"
DIRECT: Final = f"{_MARK}d"
SHIFTED: Final = f"{_MARK}x"


@lru_cache(maxsize=10_000)
def of_history(name: str) -> str:
    """Return the token of a history."""
    return _named("c", name)


def of_owner(presence: str) -> str:
    """Return the token of all direct histories of a presence."""
    return _named("o", presence)


@lru_cache(maxsize=10_000)
def _named(kind: str, name: str) -> str:
    return f"{_MARK}{kind}{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"


def words(record: AnyRecord, body: Body, lead: int) -> str:
    """Return the tokens of what somebody said, between spaces; "" for what nobody searches for."""
    if not isinstance(record, Said) or not is_said(record):
        return ""
    histories = histories_of(record)
    text = text_of(body)
    found = [token for piece in pieces(text) for token in _of_piece(piece)]
    found += map(of_history, histories)
    found += [_named("f", name) for name in sorted(speakers_of(record))]
    owners = [owner_of(history) for history in histories if history.startswith("@")]
    found += map(of_owner, owners)
    if owners:
        found.append(DIRECT)
    if len(owners) < len(histories):
        found.append(PUBLIC)
    if has_link(text):
        found.append(LINK)
    if abs(lead) > SLACK:
        found.append(SHIFTED)
    return " ".join(dict.fromkeys(found))


def _of_piece(piece: Piece) -> list[str]:
    text = piece.text
    if not piece.is_run:
        return [text[:LONGEST]]
    # With its last character alone, each character begins a token: one is found as well.
    return [text[at : at + 2] for at in range(len(text))]


def expression(query: Query, places: str) -> str:
    """Return what the index is asked for: messages within `places`, an expression of its own."""
    parts = [f"({places})", *map(_wanted, query.wanted)]
    if query.speakers:
        parts.append(any_of(_named("f", name) for name in query.speakers))
    if query.has_link:
        parts.append(quoted(LINK))
    named = [_wanted(Phrase(tuple(pieces(name)))) for name in query.mentioned if pieces(name)]
    if named and len(named) == len(query.mentioned):
        parts.append(f"({' OR '.join(named)})")
    asked = " AND ".join(parts)
    excluded = [token for phrase in query.unwanted for token in _excluded(phrase)]
    return f"({asked}) NOT {any_of(excluded)}" if excluded else asked


def any_of(tokens: Iterable[str]) -> str:
    """Return the expression for messages that have one of these tokens."""
    return f"({' OR '.join(map(quoted, tokens))})"


def quoted(token: str) -> str:
    """Return the expression for messages that have a token."""
    return f'"{token}"'


def _wanted(phrase: Phrase) -> str:
    asked: list[str] = []
    last = len(phrase.pieces) - 1
    for at, piece in enumerate(phrase.pieces):
        text = piece.text
        if piece.is_run:
            pairs = [text[start : start + 2] for start in range(len(text) - 1)]
            asked += map(quoted, pairs) if pairs else [f"{quoted(text)}*"]
        else:
            is_open = phrase.is_open and at == last and len(text) < LONGEST
            asked.append(f"{quoted(text[:LONGEST])}{'*' if is_open else ''}")
    return f"({' AND '.join(asked)})"


def _excluded(phrase: Phrase) -> list[str]:
    """Return the token that only what is not wanted has; for most phrases there is none."""
    (first, *rest) = phrase.pieces
    if rest or phrase.is_open or first.is_run or len(first.text) >= LONGEST:
        return []
    return [first.text]
