"""A Unix socket that only this user of the machine can connect to."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hubbub.transport.errors import ListenError
from hubbub.transport.stream import Stream

BACKLOG: Final = 16
RETRY_SECONDS: Final = 0.5
"""How long nobody is accepted after there was no descriptor, not even the spare one."""
PATH_BYTES: Final = 107
"""The longest path of a Unix socket (unix(7), sun_path)."""


class UnixListener:
    """Listen at a path, with mode 0600, and hand over each connection as a stream."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, path: Path, accepted: Callable[[Stream], None]
    ) -> None:
        """Begin to listen; what an earlier process left at the path is replaced.

        Raise ListenError. The path must be in a directory that nobody else may write.
        """
        self._loop = loop
        self._path = path
        self._accepted = accepted
        if len(os.fsencode(path)) > PATH_BYTES:
            raise ListenError(
                f"{path}: the path is too long for a socket ({PATH_BYTES} bytes)", None
            )
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            path.unlink(missing_ok=True)
            self._socket.bind(os.fspath(path))
            self._socket.listen(BACKLOG)
        except OSError as error:
            self._socket.close()
            raise ListenError(f"cannot listen at {path}: {error.strerror}", error.errno) from error
        finally:
            os.umask(mask)
        self._socket.setblocking(False)
        self._spare = _spare()
        loop.add_reader(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        if self._spare < 0:
            self._spare = _spare()
        try:
            connected = self._take()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                # Whoever waits would be reported again and again meanwhile.
                self._loop.remove_reader(self._socket.fileno())
                self._loop.call_later(RETRY_SECONDS, self._listen_again)
            return
        connected.setblocking(False)
        self._accepted(Stream(self._loop, connected, ("127.0.0.1", 0)))

    def _take(self) -> socket.socket:
        """Return who waits, for the spare descriptor where there is no other. Raise OSError."""
        try:
            return self._socket.accept()[0]
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE) or self._spare < 0:
                raise
        # An operator is who can do something about it.
        os.close(self._spare)
        self._spare = -1
        return self._socket.accept()[0]

    def _listen_again(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.add_reader(self._socket.fileno(), self._accept)

    def close(self) -> None:
        """Accept nobody any more, and take the socket away."""
        if self._socket.fileno() < 0:
            return
        if self._spare >= 0:
            os.close(self._spare)
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        with contextlib.suppress(OSError):
            self._path.unlink()


def _spare() -> int:
    """Return a descriptor to give up for somebody when there are no others, or -1."""
    try:
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1
