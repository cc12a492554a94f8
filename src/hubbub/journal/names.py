"""Names of histories as ranges."""

from __future__ import annotations

from typing import Final

_LAST: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


def after_prefix(prefix: str) -> str | None:
    """Return the first text after all that begin with `prefix`, or None where there is none."""
    shorter = prefix.rstrip(chr(_LAST))
    if not shorter:
        return None
    following = ord(shorter[-1]) + 1
    if following in _SURROGATES:
        following = _SURROGATES.stop
    return shorter[:-1] + chr(following)
