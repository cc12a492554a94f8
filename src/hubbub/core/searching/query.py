"""What is searched for, and whether a message fits: the one meaning that every way to look has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.searching.words import Piece, folded, pieces
from hubbub.irc.ctcp import CTCP
from hubbub.irc.names import fold
from hubbub.irc.text import plain

_LINK: Final = re.compile(
    r"\b(?:https?|ftps?|ircs?|gemini|ssh|git)://[^\s<>\"]+|\bwww\.[^\s<>\"]+", re.IGNORECASE
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NICK_CHARACTER: Final = r"[\w\[\]\\`^{|}-]"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Hold pieces that follow one another; with `is_open` the last is only how a word begins."""

    pieces: tuple[Piece, ...]
    is_open: bool = False

    def is_in(self, text: Sequence[Piece]) -> bool:
        """Say whether it stands in a text."""
        last = len(self.pieces) - 1
        return any(
            all(self._fits(at, text[start + at]) for at in range(last + 1))
            for start in range(len(text) - last)
        )

    def _fits(self, at: int, there: Piece) -> bool:
        wanted = self.pieces[at]
        if wanted.is_run != there.is_run:
            return False
        last = len(self.pieces) - 1
        if not wanted.is_run:
            is_begun = self.is_open and at == last
            return there.text.startswith(wanted.text) if is_begun else there.text == wanted.text
        if last == 0:
            return wanted.text in there.text
        # A run goes on beyond a phrase at its ends only.
        if at == 0:
            return there.text.endswith(wanted.text)
        return there.text.startswith(wanted.text) if at == last else there.text == wanted.text


@dataclass(frozen=True, slots=True)
class Query:
    """Hold what a message must have: all that is `wanted`, nothing `unwanted`, and the rest.

    `speakers` are nicks or accounts, folded, of which it is one's; `places` names of channels and
    people as they were written, in one of which it was said (`hubbub.core` knows what they stand
    for; a message is not asked). It was said at `after` or later and earlier than `before`, both in
    microseconds. `mentioned` are names, folded, of which it has one.
    """

    wanted: tuple[Phrase, ...] = ()
    unwanted: tuple[Phrase, ...] = ()
    speakers: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    after: int | None = None
    before: int | None = None
    has_link: bool = False
    mentioned: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether it asks for nothing, so that all there is would fit."""
        return self == Query()

    def matches(self, entry: Entry) -> bool:
        """Say whether a message fits; one whose words are gone never does."""
        said, body = entry.record, entry.body
        if not isinstance(said, Said) or body is None:
            return False
        if not self._is_within(entry.time):
            return False
        if self.speakers and not speakers_of(said) & set(self.speakers):
            return False
        return self._fits(text_of(body))

    def _is_within(self, time: int) -> bool:
        if self.after is not None and time < self.after:
            return False
        return self.before is None or time < self.before

    def _fits(self, text: str) -> bool:
        if self.has_link and not has_link(text):
            return False
        if self.mentioned and not any(mentions(text, name) for name in self.mentioned):
            return False
        if not self.wanted and not self.unwanted:
            return True
        there = pieces(text)
        return all(phrase.is_in(there) for phrase in self.wanted) and not any(
            phrase.is_in(there) for phrase in self.unwanted
        )


def text_of(body: Body) -> str:
    """Return what somebody said as it is read: without formatting, the lines joined."""
    text = body.text.replace("\r", "")
    if CTCP in text:
        text = text.replace(f"{CTCP}ACTION ", "").replace(CTCP, " ")
    # To take formatting out is slow, and hardly any message has it.
    return " ".join(map(plain, text.split("\n"))) if _CONTROL.search(text) else text


def speakers_of(said: Said) -> set[str]:
    """Return the names, folded, by which the one who said something is found."""
    names = {fold(said.source.partition("!")[0])}
    return names | {fold(said.account)} if said.account else names


def has_link(text: str) -> bool:
    """Say whether there is a link in a text."""
    return _LINK.search(text) is not None


def mentions(text: str, name: str) -> bool:
    """Say whether a name, folded, stands in a text: as a word, and in no link."""
    wanted = re.escape(folded(name))
    found = re.compile(f"(?<!{_NICK_CHARACTER}){wanted}(?!{_NICK_CHARACTER})")
    return found.search(folded(_LINK.sub(" ", text))) is not None
