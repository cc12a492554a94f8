"""The bounds of the SSH door: each buffer, queue and wait, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

INPUT_BYTES: Final = 64 * 1024
"""What a client may send before we have taken it: the receive window of a session."""
BEFORE_HANDLED_BYTES: Final = 256 * 1024
"""Bytes of a connection that wait while an earlier packet is handled; past it, reading pauses."""
PIECE_BYTES: Final = 1024
"""How much of it is handled in one step: some twenty of the smallest packets."""
TERM_BYTES: Final = 64
"""Length of a terminal's name; a longer one is refused."""
COMMAND_BYTES: Final = 4096
"""Length of a command; a longer one is refused."""
WITHOUT_SESSION_SECONDS: Final = 60.0
"""How long a connection may stay that has no session."""


@dataclass(frozen=True, slots=True)
class SSHBounds:
    """Hold what an operator may set; sizes in bytes, times in seconds.

    `unsent_bytes` counts everything that waits for one peer: what its window holds back, what the
    socket has not taken, and what a key exchange defers.
    """

    handshake_seconds: float = 10.0
    login_seconds: float = 60.0
    login_attempts: int = 10
    sessions_per_connection: int = 10
    unsent_bytes: int = 64 * 1024
