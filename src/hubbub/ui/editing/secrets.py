"""Which lines that are typed hold a secret, and are not remembered."""

from __future__ import annotations

from typing import Final

_NEVER: Final = frozenset(
    ("/raw", "/quote", "/redeem", "/verify", "/password", "/oper", "/identify", "/ns", "/nickserv")
)
_LONGEST: Final = {"/join": 2, "/j": 2, "/login": 2, "/register": 1, "/reset": 2, "/2fa": 2}
"""Commands whose further words may be secret: how many words may be kept."""
_SERVICE: Final = frozenset({"identify", "register", "pass", "oper", "nickserv"})


def may_be_kept(typed: str) -> bool:
    """Say whether a line that was typed may be kept: it holds no key or password."""
    words = typed.lower().split()
    if not typed.startswith("/") or not words:
        return True
    if words[0] in _NEVER or len(words) > _LONGEST.get(words[0], len(words)):
        return False
    if words[0] == "/mode" and _sets_key(words[1:]):
        return False
    return not _SERVICE & set(words[1:4])


def _sets_key(words: list[str]) -> bool:
    """Say whether what follows /mode may hold a channel's key."""
    modes = words if words and words[0][0] in "+-" else words[1:]
    # Some servers take modes behind the words of others, too: `+o NICK +k KEY`.
    letters = [*modes[:1], *(word for word in modes[1:] if word[0] in "+-")]
    return len(modes) > 1 and any("k" in each for each in letters)
