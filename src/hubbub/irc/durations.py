"""Lengths of time as people write them: 90s, 15m, 12h, 7d, 2w, 1d12h."""

from __future__ import annotations

import re
from typing import Final

MAX_SECONDS: Final = 10 * 365 * 86_400
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
_WHOLE = re.compile(r"(?:\d{1,9}[smhdwy])+\Z")
_PART = re.compile(r"(\d{1,9})([smhdwy])")


def seconds_of(text: str) -> int | None:
    """Return a length of time in seconds, or None where the text is none, is 0 or over 10 years."""
    text = text.lower()
    if not text.isascii() or not _WHOLE.match(text):
        return None
    seconds = sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(text))
    return seconds if 0 < seconds <= MAX_SECONDS else None


def shown_duration(seconds: int) -> str:
    """Return a length of time in its largest units: 93784 is 1d2h3m4s."""
    parts = []
    for unit in ("w", "d", "h", "m", "s"):
        count, seconds = divmod(seconds, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
