"""How `hubbub chat` ends, for scripts."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Say how the client ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CANNOT_CONNECT = 3
    CERTIFICATE_REFUSED = 4
    NOT_LET_IN = 5
    NOT_CONFIRMED = 6
    INTERRUPTED = 130
