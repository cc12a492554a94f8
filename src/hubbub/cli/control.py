"""Talking to a running server from its own machine, through the socket in its data directory.

The socket carries IRC: operators' commands, and their answers.

ControlError    something was not done: it was refused, or could not be asked for
 +-- NoServer   no server is there
 +-- NoAnswer   nobody knows whether it was done: the server is there and says nothing
"""

import errno
import os
import pwd
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hubbub.irc.framing import LineBuffer, TooLong
from hubbub.irc.message import Message, parse
from hubbub.server.files import SOCKET_NAME

ALIVE_SECONDS: Final = 3.0
"""How long the server may give no sign of life: one that hangs, or has no descriptors left."""
SECONDS: Final = 60.0
"""How long a command may take whose server is alive, for its disk or its workers are slow."""
LINE_BYTES: Final = 1 << 16
_REFUSALS: Final = ("FAIL", "ERROR", "417", "461", "421", "481")
PATH_BYTES: Final = 107
"""The longest path of a Unix socket (unix(7), sun_path)."""


class ControlError(Exception):
    """Say why something was not done; `code` is the server's code for it, "" where it has none.

    The operator sees the sentence on standard error, and exit code 1. Where the server wants it
    confirmed (NOT_CONFIRMED), the question is asked at the terminal.
    """

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class NoAnswer(ControlError):
    """Say that the server is there and does not answer: nobody knows what became of a command.

    The operator sees which process that is, and exit code 3.
    """


class NoServer(ControlError):
    """Say that nobody answers at a data directory's socket.

    The operator sees which directory that is, who says that it is this one, how to name another,
    and exit code 1.
    """


def silently() -> None:
    """Wait without a word."""


def ask(
    data_dir: Path, command: str, *params: str, waits: Callable[[], None] = silently
) -> list[Message]:
    """Have the server of a data directory carry out a command; return the answer.

    `waits` is called now and then while it takes long. Raise ControlError where no server runs, or
    where it refuses; what did not fit a line is one. Raise NoAnswer where it gives no sign of life.
    """
    _check(params)
    line = Message(command, params).encode()
    # One limit for all that shows a sign of life: to be let in, and the answer to STATUS.
    deadline = time.monotonic() + ALIVE_SECONDS
    with _connected(data_dir) as connected:
        try:
            answers = _Answers(connected)
            # What it answers at once, whatever its journal does, shows that it is alive.
            connected.sendall(b"STATUS\r\n")
            found = answers.of_status(deadline)
            if command != "STATUS":
                connected.sendall(line + b"PING :done\r\n")
                found = answers.upto_pong(waits)
        except _Silent:
            raise NoAnswer(_no_answer(data_dir)) from None
        except OSError as error:
            raise ControlError(f"the server did not answer: {error}") from None
    for answer in found:
        if answer.command in _REFUSALS:
            code = answer.params[1] if answer.command == "FAIL" else ""
            raise ControlError(answer.params[-1], code)
    return found


def _check(params: Sequence[str]) -> None:
    """Raise ControlError where a line would not come to the same words as are given here."""
    if any(char in "\0\r\n" for param in params for char in param):
        raise ControlError("what was given holds a line break or NUL")
    for param in params[:-1]:
        if not param or " " in param or param[0] == ":":
            raise ControlError(f"{param!r} is empty, holds a blank or begins with a colon")


def _no_answer(data_dir: Path) -> str:
    # Imported here, for it brings the settings, which `hubbub --help` does without.
    from hubbub.server.data_directory import holder_of

    holder = holder_of(data_dir)
    process = f" (process {holder})" if holder else ""
    return (
        f"the server of {data_dir}{process} is there and does not answer within "
        f"{ALIVE_SECONDS:.0f} s: it hangs, is stopped, or has no descriptors left; its log may say"
        " more. Nothing was done"
    )


def _connected(data_dir: Path) -> socket.socket:
    path = data_dir / SOCKET_NAME
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connected.settimeout(ALIVE_SECONDS)
    try:
        connected.connect(str(path))
    except PermissionError:
        connected.close()
        raise ControlError(
            f"{path} belongs to another user; run this as the user who runs the server"
            f"{_owner_of(data_dir)}, or name another directory with --data DIR"
        ) from None
    except TimeoutError:
        connected.close()
        raise NoAnswer(_no_answer(data_dir)) from None
    except OSError as error:
        connected.close()
        if error.errno == errno.EAGAIN:
            # Nobody accepts those who wait already.
            raise NoAnswer(_no_answer(data_dir)) from None
        # Asked after it failed: what is too long differs from system to system.
        if len(os.fsencode(path)) > PATH_BYTES:
            raise ControlError(
                f"{path}: the path is too long for a socket; give the server a data directory with "
                "a shorter one"
            ) from None
        if error.errno not in (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR):
            raise ControlError(f"{path}: {error.strerror or error}") from None
        raise NoServer(
            f"no server runs with the data directory {data_dir}: nobody answers at {SOCKET_NAME} "
            "there; start it with `hubbub serve`, or name its settings with --config FILE, or "
            "another directory with --data DIR"
        ) from None
    return connected


def _owner_of(path: Path) -> str:
    """Return how one becomes the user of a data directory, "" where it is not seen who that is."""
    try:
        uid = path.stat().st_uid
    except OSError:
        return ""
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"'#{uid}'"
    return f" (sudo -u {name} ...)"


class _Silent(Exception):
    """Say that nothing came in time."""


class _Answers:
    """Read what the server says."""

    def __init__(self, connected: socket.socket) -> None:
        self._connected = connected
        self._buffer = LineBuffer(LINE_BYTES, LINE_BYTES)
        self._read: deque[Message] = deque()

    def next(self, deadline: float) -> Message:
        """Return the next message. Raise _Silent at the deadline, ControlError at the end."""
        while not self._read:
            self._connected.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self._connected.recv(65536)
            except TimeoutError:
                raise _Silent from None
            if not data:
                raise ControlError("the server closed the connection")
            for line in self._buffer.feed(data):
                if not isinstance(line, TooLong):
                    self._read.append(parse(line))
        return self._read.popleft()

    def of_status(self, deadline: float) -> list[Message]:
        """Return the answer to STATUS. Raise _Silent where it is not there at the deadline."""
        found: list[Message] = []
        while True:
            found.append(self.next(deadline))
            if found[-1].params[:1] == ("END",) or found[-1].command != "STATUS":
                return found

    def upto_pong(self, waits: Callable[[], None]) -> list[Message]:
        """Return the answer to a command, up to the PONG of the PING after it."""
        found: list[Message] = []
        end = time.monotonic() + SECONDS
        while True:
            try:
                message = self.next(min(end, time.monotonic() + ALIVE_SECONDS))
            except _Silent:
                if time.monotonic() >= end:
                    raise ControlError(
                        f"the server has not finished within {SECONDS:.0f} s; nobody knows whether "
                        "it will be done: look at `hubbub status` and the server's log"
                    ) from None
                waits()
                continue
            if message.command == "PONG":
                return found
            found.append(message)
