"""Talking to a running server from its own machine, through the socket in its data directory.

The socket carries IRC: operators' commands, and their answers. ControlError says in one sentence
why something was not done.
"""

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hubbub.irc.framing import LineBuffer, TooLong
from hubbub.irc.message import Message, parse

SOCKET_NAME: Final = "control.sock"
SECONDS: Final = 60.0
"""How long an answer may take before the server is given up."""
LINE_BYTES: Final = 1 << 16
PATH_BYTES: Final = 107
"""The longest path of a Unix socket (unix(7), sun_path)."""


class ControlError(Exception):
    """Say why something was not done; `code` is the server's code for it, "" where it has none."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


def ask(data_dir: Path, command: str, *params: str) -> list[Message]:
    """Have the server of a data directory carry out a command; return the answer.

    Raise ControlError where no server runs, or where it refuses; what did not fit a line is one.
    """
    if any(char in "\0\r\n" for param in params for char in param):
        raise ControlError("what was given holds a line break or NUL")
    for param in params[:-1]:
        if not param or " " in param or param[0] == ":":
            raise ControlError(f"{param!r} is empty, holds a blank or begins with a colon")
    line = Message(command, params).encode()
    with _connected(data_dir) as connected:
        try:
            connected.sendall(line + b"PING :done\r\n")
            answers = list(_answers(connected))
        except OSError as error:
            raise ControlError(f"the server did not answer: {error}") from None
    for answer in answers:
        if answer.command in ("FAIL", "ERROR") or answer.command in ("417", "461", "421", "481"):
            code = answer.params[1] if answer.command == "FAIL" else ""
            raise ControlError(answer.params[-1], code)
    return answers


def _connected(data_dir: Path) -> socket.socket:
    path = data_dir / SOCKET_NAME
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connected.settimeout(SECONDS)
    try:
        connected.connect(str(path))
    except PermissionError:
        connected.close()
        raise ControlError(
            f"{path} belongs to another user; run this as the user who runs the server"
        ) from None
    except OSError as error:
        connected.close()
        if len(os.fsencode(path)) > PATH_BYTES:
            raise ControlError(
                f"{path}: the path is too long for a socket; give the server a data directory with "
                "a shorter one"
            ) from None
        if error.errno not in (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR):
            raise ControlError(f"{path}: {error.strerror or error}") from None
        raise ControlError(
            f"no server runs with the data directory {data_dir}; start it with `hubbub serve`, or "
            "name another with --data"
        ) from None
    return connected


def _answers(connected: socket.socket) -> Iterator[Message]:
    buffer = LineBuffer(LINE_BYTES, LINE_BYTES)
    while True:
        data = connected.recv(65536)
        if not data:
            raise ControlError("the server closed the connection")
        for line in buffer.feed(data):
            if isinstance(line, TooLong):
                continue
            message = parse(line)
            if message.command == "PONG":
                return
            yield message
