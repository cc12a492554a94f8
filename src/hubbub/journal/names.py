"""Names of histories: which stand for many, and what range those are."""

from __future__ import annotations

from typing import Final

_LAST: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


def is_prefix(name: str) -> bool:
    """Say whether a name stands for all that begin as it does, without its `*`.

    Only `@OWNER/*`, all direct histories of one owner: a channel may well be called `#*`.
    """
    return name.startswith("@") and name.endswith("/*")


def after_prefix(prefix: str) -> str | None:
    """Return the first text after all that begin with `prefix`, or None where there is none."""
    shorter = prefix.rstrip(chr(_LAST))
    if not shorter:
        return None
    following = ord(shorter[-1]) + 1
    if following in _SURROGATES:
        following = _SURROGATES.stop
    return shorter[:-1] + chr(following)
