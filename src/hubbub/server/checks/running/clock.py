"""Whether the machine's clock is kept by somebody."""

from __future__ import annotations

import ctypes
from typing import Final

from hubbub.server.checks.finding import Finding, ok, warning

UNSYNCHRONIZED: Final = 5
"""TIME_ERROR of adjtimex(2)."""
_ROOM: Final = 512
"""More than struct timex takes on any machine; all zeros, it asks and sets nothing."""
_SUBJECT: Final = "clock"


def state() -> int | None:
    """Return what the kernel says of its clock, None where it cannot be asked."""
    try:
        answer = int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_ROOM)))
    except (OSError, AttributeError):
        return None
    return answer if answer >= 0 else None


def check_clock(found: int | None) -> Finding:
    """Judge what the kernel says."""
    if found is None:
        return ok(_SUBJECT, "this system does not say whether anybody keeps it")
    if found == UNSYNCHRONIZED:
        what = "nobody keeps it: times of messages drift, and certificates may seem to have ended"
        return warning(_SUBJECT, what, "turn on an NTP service (`timedatectl set-ntp true`)")
    return ok(_SUBJECT, "it is kept")
