"""What a server does that is sent a signal before it has a loop to take it, and is ready.

Left alone each would kill it, and a service manager takes SIGHUP for a stop that was asked for.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from typing import Final

_LATER: Final = (signal.SIGHUP, signal.SIGUSR1)
"""They wait: settings may have been read before they were changed, and a drain tells people."""
_AT_ONCE: Final = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def early_signals() -> Iterator[None]:
    """Keep signals until `take_up`, but stop at SIGTERM and Ctrl-C; as before at the end."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _LATER)
    before = {number: signal.signal(number, _leave) for number in _AT_ONCE}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def take_up() -> None:
    """Let those in that have waited, once the loop has a handler for each."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _LATER)


def _leave(_number: int, _frame: object) -> None:
    # Nobody has been promised anything, and a journal may take minutes to read: a thread that does
    # cannot be ended in any other way. What lies on the disk stands a `kill -9`.
    os._exit(0)
