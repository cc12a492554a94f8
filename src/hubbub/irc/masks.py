"""Masks of `*` and `?`, made ready once and then matched with many texts.

They are chosen by strangers and tried on everybody. So a match takes time in proportion to the
lengths of both, most of them far less: what cannot fit for its length is not looked into.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from hubbub.irc.names import fold

STARS: Final = 10
"""The most stars of a mask that somebody may search or ban with, those in a row being one."""
TOO_WILD: Final = f"A mask has at most {STARS} stars: leave some out"
"""What is said of one with more."""
_READY: Final = 2048
"""How many masks are kept ready; they are the longest lines, at most."""
_WILD = re.compile(r"[*?]{2,}")


def is_too_wild(mask: str) -> bool:
    """Say whether a mask has more stars than may be tried on everybody."""
    return _collapsed(mask).count("*") > STARS


def matches(mask: str, text: str) -> bool:
    """Say whether a text matches a mask of `*` and `?` under the case mapping."""
    return ready(mask).matches(text)


class Mask:
    """Hold a mask that is ready to be matched."""

    __slots__ = ("_head", "_least", "_pieces", "_tail")

    def __init__(self, mask: str) -> None:
        head, *pieces = _collapsed(fold(mask)).split("*")
        self._least = len(head) + sum(map(len, pieces))
        self._tail = _Piece(pieces.pop()) if pieces else None
        self._head = _Piece(head)
        self._pieces = [_Piece(piece) for piece in pieces]

    def matches(self, text: str) -> bool:
        """Say whether a text matches."""
        size, least = len(text), self._least
        if size < least or (self._tail is None and size > least):
            return False
        text = fold(text)
        if not self._head.stands_at(text, 0):
            return False
        if self._tail is None:
            return True
        at, end = self._head.length, size - self._tail.length
        if not self._tail.stands_at(text, end):
            return False
        for piece in self._pieces:
            # The leftmost place is as good as any: it leaves most room to what follows.
            at = piece.find(text, at, end)
            if at < 0:
                return False
            at += piece.length
        return True


@lru_cache(maxsize=_READY)
def ready(mask: str) -> Mask:
    """Return a mask that is ready to be matched, the same one for the same text."""
    return Mask(mask)


def _collapsed(mask: str) -> str:
    """Return a mask that means the same: of wildcards in a row first each `?`, then one star."""
    return _WILD.sub(_in_order, mask)


def _in_order(found: re.Match[str]) -> str:
    singles = found[0].count("?")
    return "?" * singles + "*" * (singles < len(found[0]))


class _Piece:
    """Hold what stands between two stars, `?` in it being equal to anything."""

    __slots__ = ("_anywhere", "_places", "_text", "length")

    def __init__(self, text: str) -> None:
        self.length = len(text)
        self._text = text
        # Shift-and (Baeza-Yates, Gonnet 1992): bit i is set while text[:i + 1] ends here.
        self._places: dict[str, int] | None = None
        self._anywhere = 0
        if "?" in text:
            self._places = {}
            for index, wanted in enumerate(text):
                self._places[wanted] = self._places.get(wanted, 0) | 1 << index
            self._anywhere = self._places.pop("?")

    def stands_at(self, text: str, place: int) -> bool:
        """Say whether it stands at a place of a text that is long enough."""
        if self._places is None:
            return text.startswith(self._text, place)
        given = text[place : place + self.length]
        return all(wanted in ("?", each) for wanted, each in zip(self._text, given, strict=True))

    def find(self, text: str, start: int, end: int) -> int:
        """Return where it first stands between two places of a text, or -1."""
        if self._places is None:
            return text.find(self._text, start, end)
        if self.length > end - start:
            return -1
        places, anywhere = self._places, self._anywhere
        found, state = 1 << self.length - 1, 0
        for index in range(start, end):
            state = (state << 1 | 1) & (places.get(text[index], 0) | anywhere)
            if state & found:
                return index - self.length + 1
        return -1
