"""Nicks, channels and masks: which are valid, which are the same, which match.

The case mapping is `ascii` (Modern IRC, CASEMAPPING): A-Z equal a-z, everything else is itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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


def distinct(given: Iterable[str]) -> list[str]:
    """Return each name once, as it was first written."""
    found: dict[str, str] = {}
    for name in given:
        found.setdefault(fold(name), name)
    return list(found.values())


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


def is_clean(name: str) -> bool:
    """Say whether a name has no blanks, commas, controls or characters that nobody sees."""
    return _FORBIDDEN.search(name) is None


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
