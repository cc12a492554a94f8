"""A client of few words for tests: blocking, one line at a time, over TCP or TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Self

from hubbub.irc.message import Message, parse

PATIENCE = 20.0


class Client:
    """Speak IRC to a port of a host; wait for an answer `patience` seconds at most."""

    def __init__(
        self,
        port: int,
        tls: bool | ssl.SSLContext = False,
        receive_buffer: int = 0,
        host: str = "127.0.0.1",
        patience: float = PATIENCE,
    ) -> None:
        raw = socket.socket()
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.settimeout(patience)
        try:
            raw.connect((host, port))
            self.socket: socket.socket = raw
            if isinstance(tls, ssl.SSLContext):
                self.socket = tls.wrap_socket(raw)
            elif tls:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                self.socket = context.wrap_socket(raw)
        except OSError:
            raw.close()
            raise
        self._partial = b""
        self._lines: list[bytes] = []
        self.seen: list[Message] = []

    def send(self, *lines: str) -> None:
        """Send lines."""
        self.socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def line(self) -> bytes:
        """Return the next line, without its ending. Raise EOFError at the end, and close."""
        while not self._lines:
            try:
                data = self.socket.recv(65536)
            except OSError:
                self.close()
                raise
            if not data:
                self.close()
                raise EOFError
            *lines, self._partial = (self._partial + data).split(b"\r\n")
            self._lines = lines
        return self._lines.pop(0)

    def next(self) -> Message:
        """Return the next message."""
        message = parse(self.line())
        self.seen.append(message)
        return message

    def until(self, wanted: str | Callable[[Message], bool]) -> Message:
        """Read up to the message with this command, or that fits."""
        while True:
            message = self.next()
            if message.command == wanted if isinstance(wanted, str) else wanted(message):
                return message

    def register(self, nick: str, *caps: str) -> Self:
        """Become a user."""
        if caps:
            self.send("CAP LS 302", f"CAP REQ :{' '.join(caps)}")
        self.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        if caps:
            self.send("CAP END")
        self.until(lambda m: m.command in ("376", "422"))
        return self

    def join(self, channel: str) -> Self:
        """Enter a channel."""
        self.send(f"JOIN {channel}")
        self.until("366")
        return self

    def sync(self) -> list[Message]:
        """Return all that comes before the answer to a PING."""
        start = len(self.seen)
        self.send("PING :sync")
        self.until(lambda m: m.command == "PONG" and m.params[-1] == "sync")
        return self.seen[start:-1]

    def leave(self) -> None:
        """Quit, and wait until the server has let go of the nick."""
        self.send("QUIT")
        self.until("ERROR")

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
