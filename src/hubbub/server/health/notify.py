"""What a service manager is told of the server: sd_notify(3), over the socket in NOTIFY_SOCKET."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator, MutableMapping
from typing import Final

import structlog

from hubbub.irc.text import visible

BEAT_SECONDS: Final = 1.0
"""How often it is told how the server does, where a watchdog does not want to hear more often."""
LONGER_MICROSECONDS: Final = 15_000_000
"""For how much longer a start or a stop that goes on asks each time; past it the manager ends it.
As long as stopping itself may take, after a drain."""

_LASTING: Final = ("READY", "STOPPING", "STATUS")
"""What stays true until it is told; a sign of life, or of a reload that is over, is not."""

_log = structlog.get_logger(__name__)


class Notifier:
    """Tell the service manager; without an address do nothing.

    `address` is a path, or a name in the abstract namespace behind an `@`. `watchdog` says in
    seconds how long the manager waits for a sign of life, 0 for ever. `status` says how the server
    does, `is_passing` whether it starts or drains, for which the manager has a limit of its own.
    """

    def __init__(self, address: str, watchdog: float = 0.0) -> None:
        self.address = address
        self.status: Callable[[], str] = lambda: "starting"
        self.is_passing: Callable[[], bool] = lambda: True
        self._beat_seconds = min(BEAT_SECONDS, watchdog / 2) if watchdog else BEAT_SECONDS
        self._watchdog = ("WATCHDOG=1",) if watchdog else ()
        self._told = ""
        self._untold: dict[str, str] = {}
        self._is_heard = True
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def taken_from(cls, environment: MutableMapping[str, str]) -> Notifier:
        """Take what the manager has left in an environment, so that no child process speaks too."""
        address = environment.pop("NOTIFY_SOCKET", "")
        microseconds = environment.pop("WATCHDOG_USEC", "")
        pid = environment.pop("WATCHDOG_PID", "")
        watched = microseconds.isdecimal() and pid in ("", str(os.getpid()))
        if address and address[0] not in "/@":
            _log.warning("NOTIFY_SOCKET is neither a path nor an abstract name; nothing is told")
            address = ""
        return cls(address, int(microseconds) / 1e6 if watched else 0.0)

    def start(self) -> None:
        """Tell from now on, from the loop, that it turns and how the server does."""
        if not self.address:
            return
        self._timer = asyncio.get_running_loop().call_later(self._beat_seconds, self.start)
        longer = (f"EXTEND_TIMEOUT_USEC={LONGER_MICROSECONDS}",) if self.is_passing() else ()
        self._tell(*self._watchdog, *longer, *self._news())

    def stop(self) -> None:
        """Tell nothing any more."""
        if self._timer is not None:
            self._timer.cancel()

    def ready(self) -> None:
        """Tell that the server serves, or that it has reread its settings."""
        self._tell("READY=1", *self._news())

    def stopping(self) -> None:
        """Tell that the server has begun to stop."""
        self._tell("STOPPING=1", *self._news())

    @contextlib.contextmanager
    def reloading(self) -> Iterator[None]:
        """Tell that the settings are being read again, and at the end that they have been."""
        self._tell(
            "RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}"
        )
        try:
            yield
        finally:
            self.ready()

    def _news(self) -> tuple[str, ...]:
        status = self.status()
        if status == self._told:
            return ()
        self._told = status
        # A line for each: what is said must not look like another.
        return (f"STATUS={visible(status)}",)

    def _tell(self, *lines: str) -> None:
        if not self.address:
            return
        waiting = {**self._untold, **{line.partition("=")[0]: line for line in lines}}
        if not waiting:
            return
        name = self.address
        path = f"\0{name[1:]}" if name[0] == "@" else name
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                # A manager that does not read is not waited for: everybody would wait.
                sender.setblocking(False)
                sender.sendto("\n".join(waiting.values()).encode(), path)
            self._is_heard, self._untold = True, {}
        except OSError as error:
            # Said again with the next beat: who has not heard READY ends the server in the end.
            self._untold = {name: waiting[name] for name in _LASTING if name in waiting}
            # Once, not at each beat.
            if self._is_heard:
                self._is_heard = False
                why = error.strerror or str(error)
                _log.warning("the service manager was not told", error=why)
