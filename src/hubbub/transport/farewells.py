"""Those who are turned away, until they have read why: bounded in number and time.

A socket that is closed while its client still speaks is reset, and the text is lost to many: an SSH
client says much before it listens. So the client's end is awaited for a moment.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

FAREWELLS: Final = 64
"""How many of one door are awaited. Beyond it the longest awaited is closed."""
SECONDS: Final = 1.0
"""How long one is awaited. Over it: closed."""
READ_BYTES: Final = 64 * 1024


class Farewells:
    """Tell clients of one door why they may not come in, and close their sockets."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # Ordered by age, the oldest first.
        self._awaited: dict[socket.socket, asyncio.TimerHandle] = {}

    def say(self, connected: socket.socket, text: bytes) -> None:
        """Send a text on a non-blocking socket, and close that when its client has."""
        try:
            connected.send(text)
            connected.shutdown(socket.SHUT_WR)
        except OSError:
            connected.close()
            return
        if len(self._awaited) >= FAREWELLS:
            self._end(next(iter(self._awaited)))
        self._awaited[connected] = self._loop.call_later(SECONDS, self._end, connected)
        self._loop.add_reader(connected.fileno(), self._read, connected)

    def close(self) -> None:
        """Await nobody any more."""
        for connected in list(self._awaited):
            self._end(connected)

    def _read(self, connected: socket.socket) -> None:
        try:
            ended = not connected.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            ended = True
        if ended:
            self._end(connected)

    def _end(self, connected: socket.socket) -> None:
        self._awaited.pop(connected).cancel()
        self._loop.remove_reader(connected.fileno())
        connected.close()
