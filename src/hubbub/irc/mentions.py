"""Finding in a text whom it is meant for: words that are names, in one pass over the text.

A name counts as a word of its own: `ann`, `@ann`, `ann:`, `(ann)`, `Ann's`. It does not count
inside a longer word or nick (`anna`, `ann-marie`), and not inside what is no prose: a link, a path,
an address or a host's name. Capitals do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Final

from hubbub.irc.names import fold

# What a nick may hold, and every letter and digit, so that no name begins within a longer word.
_WORD: Final = re.compile(r"[\w\[\]\\`^{|}-]+")
_FRAME: Final = "[]`{|}"
"""What a nick may hold that people also write round a word; `ann_` is another nick than `ann`."""
_NO_PROSE: Final = re.compile(r"://|^www\.|^[/~.]*/|\w[@.]\w|\w/\w+/", re.IGNORECASE)
_FRAMED: Final = re.compile(r"[\[\]`{|}]")
_LOOK: Final = b"\0"
"""What takes a look: formatting, and what people write round a word."""
_LETTERS: Final = bytes(
    0
    if chr(code) in _FRAME or not chr(code).isprintable()
    else ord(chr(code).lower() if _WORD.match(chr(code)) else " ")
    for code in range(128)
).ljust(256, _LOOK)
"""For each byte of ASCII what it is in words that are compared: small letters, blanks between."""
_GROUP: Final = re.compile(r"(?<![\w@])@(here|channel)(?![\w\[\]\\`^{|}-])")
_NOBODY: Final[frozenset[str]] = frozenset()
_CTCP: Final = "\x01"
_FORMATTING: Final = re.compile(
    "\x03(?:\\d{1,2}(?:,\\d{1,2})?)?|\x04[0-9a-fA-F]{0,6}|[\x02\x0f\x11\x16\x1d-\x1f]"
)


def names_in(text: str, *known: AbstractSet[str]) -> tuple[str, ...]:
    """Return which of the `known` names (folded) a text holds as words, in the text's order.

    The time that it takes rises with the length of the text, and not with how many are known.
    """
    if text.isascii():
        # Nearly all texts name nobody, which is found out soonest so: it is asked of every message.
        letters = text.encode().translate(_LETTERS)
        if _LOOK not in letters:
            plain = letters.decode().split()
            for names in known:
                if not names.isdisjoint(plain):
                    break
            else:
                return ()
    folded = _plain(text)
    words = _WORD.findall(folded)
    if _FRAMED.search(folded) is not None:
        words += [word.strip(_FRAME) for word in words]
    if all(names.isdisjoint(words) for names in known):
        return ()
    found: dict[str, None] = {}
    for token in folded.split():
        if _NO_PROSE.search(token) is None:
            for word in _WORD.findall(token):
                found |= {
                    name: None
                    for name in (word, word.strip(_FRAME))
                    if any(name in names for names in known)
                }
    return tuple(found)


def groups_in(text: str) -> frozenset[str]:
    """Return which groups a text calls, `here` or `channel`, by `@here` and `@channel`."""
    if "@" not in text:
        return _NOBODY
    tokens = (token for token in _plain(text).split() if _NO_PROSE.search(token) is None)
    return frozenset(name for token in tokens for name in _GROUP.findall(token))


def _plain(text: str) -> str:
    """Return a text without its formatting, in the form in which names are looked up."""
    if text[:1] == _CTCP:
        # `ACTION` is what the text is, and no word of it.
        text = text.partition(" ")[2]
    return fold(text if text.isprintable() else _FORMATTING.sub("", text))
