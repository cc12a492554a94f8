"""Nicks, channels and masks: which are valid, which are the same, which match.

The case mapping is `ascii` (Modern IRC, CASEMAPPING): A-Z equal a-z, everything else is itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

NICK_BYTES: Final = 32
CHANNEL_BYTES: Final = 64
USERNAME_BYTES: Final = 10
MASK_BYTES: Final = 200
CHANNEL_PREFIXES: Final = "#"

_ASCII_UPPER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_NICK = re.compile(r"[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]*\Z")
# Controls of C0 and C1, separators, bidi overrides and invisible characters have no place in names.
_FORBIDDEN = re.compile(
    "[\x00-\x20,\x7f-\xa0\xad\u061c\u115f\u1160\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3000\u3164\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_USERNAME_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]")


def fold(name: str) -> str:
    """Return the form of a name under which it is looked up."""
    return name.lower() if name.isascii() else name.translate(_ASCII_UPPER)


def is_nick(name: str) -> bool:
    """Say whether a nick is valid (Modern IRC, Clients: letters, digits, `[]\\`_^{|}-`)."""
    return len(name) <= NICK_BYTES and _NICK.match(name) is not None


def is_channel(name: str) -> bool:
    """Say whether a channel's name is valid: `#`, then UTF-8 without blanks, commas or controls."""
    return (
        len(name) > 1
        and name[0] in CHANNEL_PREFIXES
        and len(name.encode()) <= CHANNEL_BYTES
        and _FORBIDDEN.search(name) is None
    )


def username(given: str) -> str:
    """Return the part of a given user name that may stand in a source; "user" if nothing may."""
    return _USERNAME_FORBIDDEN.sub("", given)[:USERNAME_BYTES] or "user"


def complete_mask(mask: str) -> str:
    """Return a mask with what it leaves out filled in: `nick` is `nick!*@*`, `@h` is `*!*@h`."""
    nick, bang, rest = mask.partition("!")
    if not bang:
        if "@" not in mask:
            return f"{mask or '*'}!*@*"
        nick, rest = "*", mask
    user, at, host = rest.partition("@")
    return f"{nick or '*'}!{user or '*'}@{host if at and host else '*'}"


def is_mask(mask: str) -> bool:
    """Say whether a mask may be kept in a list: no blanks, commas or controls, not too long."""
    return (
        0 < len(mask.encode()) <= MASK_BYTES and mask[0] != ":" and _FORBIDDEN.search(mask) is None
    )


@lru_cache(maxsize=4096)
def _glob(pattern: str) -> re.Pattern[str]:
    parts = []
    # Runs of stars are one star: without this a hostile mask costs exponential time.
    for piece in re.split(r"(\*+|\?)", fold(pattern)):
        if piece.startswith("*"):
            parts.append(".*")
        elif piece == "?":
            parts.append(".")
        else:
            parts.append(re.escape(piece))
    # Lazy atomic groups keep matching linear in the number of stars (Python 3.11).
    body = "".join(parts)
    head, *rest = body.split(".*")
    atomic = "".join(f"(?>.*?{part})" for part in rest[:-1])
    tail = f".*{rest[-1]}" if rest else ""
    return re.compile(f"{head}{atomic}{tail}\\Z", re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Say whether a text matches a mask of `*` and `?` under the case mapping."""
    return _glob(pattern).match(fold(text)) is not None
