"""How many connections the system lets this process have."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import socket
from typing import Final

EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""What `accept` fails with when the process or the system has no room for a connection."""


def raise_descriptor_limit() -> int:
    """Raise this process's limit of open files as far as it may, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems name a hard limit that they refuse to grant; then what was there stays.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return soft


class SpareDescriptor:
    """Hold one descriptor back, so that a client can be turned away when all others are taken."""

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self.refill()

    def refill(self) -> None:
        """Take the descriptor again, if it was spent and one is free."""
        if self._descriptor is None:
            with contextlib.suppress(OSError):
                self._descriptor = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def release(self) -> None:
        """Give the descriptor up."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def turn_away(self, listening: socket.socket, most: int) -> int:
        """Accept and close up to `most` waiting clients by means of the spare; return how many."""
        turned_away = 0
        self.release()
        with contextlib.suppress(OSError):
            while turned_away < most:
                listening.accept()[0].close()
                turned_away += 1
        self.refill()
        return turned_away
