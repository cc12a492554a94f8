"""How old the newest backup is, where backups are made by `hubbub-backup`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hubbub.server.checks.finding import Finding, ok, warning

MARK: Final = "backed-up"
"""The file of the data directory that each backup touches, and no archive holds."""
OLD_SECONDS: Final = 3 * 86_400.0
"""One night may be missed, and a weekend's mail be read on Monday."""
_MEND: Final = "`systemctl status hubbub-backup` says why; or remove the file where others are made"


def check_backup(directory: Path, now: float) -> Finding | None:
    """Judge the age of the newest backup of a data directory; None where none was ever made.

    `now` is in seconds since 1970. Snapshots of the disk are not known of here.
    """
    try:
        age = max(0.0, now - (directory / MARK).stat().st_mtime)
    except OSError:
        return None
    hours = int(age // 3600)
    what = f"made {hours} h ago" if hours < 72 else f"made {hours // 24} days ago"
    if age >= OLD_SECONDS:
        return warning("backup", f"the newest was {what} ({directory / MARK})", _MEND)
    return ok("backup", what)
