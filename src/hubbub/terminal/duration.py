"""Times as people write them: 90s, 30m, 2h, 7d, 4w."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION: Final = re.compile(r"(\d{1,6})([smhdw])\Z", re.ASCII)


def seconds_of(text: str) -> float | None:
    """Return a duration in seconds, or None where it is none."""
    found = _DURATION.match(text)
    return int(found[1]) * _UNITS[found[2]] if found else None
