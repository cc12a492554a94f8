"""How many connections the system lets the server have."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Final

from hubbub.server.checks.finding import Finding, ok, warning

FEW: Final = 4_096
"""Fewer connections than this are met on an ordinary day, or by a flood of an hour."""
FULL_SHARE: Final = 0.8
_SUBJECT: Final = "descriptors"
_MEND: Final = "raise LimitNOFILE of the unit, or `ulimit -n` where it is started"


def check_descriptors() -> Finding:
    """Look at what a server that is started as this process was may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return check_limit(None if hard == resource.RLIM_INFINITY else hard)


def check_limit(limit: int | None, in_use: int | None = None) -> Finding:
    """Judge a limit, None for none, and how many of them are taken, None where that is unknown."""
    if limit is None:
        return ok(_SUBJECT, "there is no limit")
    if in_use is not None and in_use > limit * FULL_SHARE:
        mend = f"{_MEND}, or find out who connects: `hubbub status`"
        return warning(_SUBJECT, f"{in_use} of {limit} are taken", mend)
    if limit < FEW and in_use is None:
        what = f"a server that is started from here has room for some {limit} connections"
        return warning(_SUBJECT, what, _MEND)
    taken = f", {in_use} taken" if in_use is not None else ""
    return ok(_SUBJECT, f"room for some {limit} connections{taken}")


def none_left() -> Finding | None:
    """Return that this process can open nothing more, None where it can; for every second."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as failed:
        what = f"NONE LEFT, newcomers are turned away: {failed.strerror}"
        return warning(_SUBJECT, what, f"{_MEND}; a flood passes by itself")
    return None


def check_process(process: str) -> Finding | None:
    """Look at a running server; None where this user may not."""
    place = Path("/proc") / process
    try:
        in_use = sum(1 for _ in (place / "fd").iterdir())
        limits = (place / "limits").read_text().splitlines()
    except OSError:
        return None
    [line] = [each for each in limits if each.startswith("Max open files")]
    soft = line.split()[3]
    return check_limit(int(soft) if soft.isdecimal() else None, in_use)
