"""How much room the journal has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from hubbub.server.checks.finding import Finding, amount, error, ok, warning
from hubbub.settings.sources import is_there

LOW_BYTES: Final = 1_000_000_000
"""With less free, somebody had better look: a busy server writes that in a few days."""
LEAST_BYTES: Final = 4_000_000
"""With less free, the journal soon takes nothing more."""
_SUBJECT: Final = "disk"
_MEND: Final = "make room, or give the data directory a larger disk"


def check_disk(directory: Path) -> Finding:
    """Look at the file system that a directory is on, or will be where it is not there yet."""
    there = next((each for each in (directory, *directory.parents) if is_there(each)), directory)
    try:
        found = os.statvfs(there)
    except OSError as failed:
        reason = failed.strerror or str(failed)
        return warning(_SUBJECT, f"{there} cannot be looked at: {reason}", "look at the mount")
    free, total = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
    return check_room(free, total)


def check_room(free: int, total: int) -> Finding:
    """Judge how many bytes are free for this user, of how many."""
    what = f"{amount(free)} free of {amount(total)}"
    if free < LEAST_BYTES:
        return error(_SUBJECT, f"FULL: {what}", _MEND, passes=True)
    if free < LOW_BYTES:
        return warning(_SUBJECT, f"only {what}", _MEND)
    return ok(_SUBJECT, what)
