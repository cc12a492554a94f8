"""What an account wants of its conversations: how much it is told of each, and which stay on top.

It is known to the account's own sessions only, by the metadata keys that soju has for it
(soju.im/muted, soju.im/pinned), so that other clients agree with ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MUTED: Final = "soju.im/muted"
PINNED: Final = "soju.im/pinned"
LEVEL: Final = "hubbub/level"
KEYS: Final = (MUTED, PINNED, LEVEL)
"""The keys of metadata that are one account's own, whoever's metadata they seem to be."""
LEVELS: Final = ("all", "mentions", "nothing")
BUFFERS: Final = 500
"""Of how many conversations an account has wishes; the one set longest ago is forgotten first."""


class Attention(NamedTuple):
    """Hold the wishes for one conversation: one of LEVELS, and whether it is pinned."""

    level: str = LEVELS[0]
    pinned: bool = False

    def value(self, key: str) -> str:
        """Return the value of one of KEYS."""
        if key == LEVEL:
            return self.level
        return str(int(self.pinned if key == PINNED else self.level == LEVELS[-1]))

    def changed(self, key: str, value: str | None) -> Attention | None:
        """Return it with another value of a key, None being the first; None for a wrong value."""
        if key == LEVEL:
            level = value or LEVELS[0]
            return self._replace(level=level) if level in LEVELS else None
        if value not in (None, "0", "1"):
            return None
        if key == PINNED:
            return self._replace(pinned=value == "1")
        if value == "1":
            return self._replace(level=LEVELS[-1])
        # To be muted no more leaves what was chosen in between.
        return self._replace(level=LEVELS[0]) if self.level == LEVELS[-1] else self


DEFAULT: Final = Attention()
