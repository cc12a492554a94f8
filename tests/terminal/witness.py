"""A bare IRC client, to see what a server really relays and keeps."""

from __future__ import annotations

import socket
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from hubbub.irc.message import Message, parse


class Witness:
    """Sit in a channel, over plain text."""

    def __init__(self, url: str, channel: str, *capabilities: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port or 0), 30)
        self._file = self._socket.makefile("rb")
        if capabilities:
            self.send(f"CAP REQ :{' '.join(capabilities)}")
        self.send("NICK witness", "USER witness 0 * witness", "CAP END")
        # Some servers want an answer before they welcome anybody.
        self.until("376", "422")
        self.send(f"JOIN {channel}")
        self.until("366")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The nick is free for the next one when the server has closed.
        with suppress(OSError):
            self.send("QUIT")
            self._file.read()
        self._file.close()
        self._socket.close()

    def send(self, *lines: str) -> None:
        """Send lines."""
        self._socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def until(self, *commands: str, text: str | None = None) -> list[Message]:
        """Return what comes up to a message with one of these commands, and this text if any."""
        messages = []
        for line in self._file:
            message = parse(line)
            if message.command == "PING":
                self.send(f"PONG :{message.params[-1]}")
            messages.append(message)
            if message.command in commands and (text is None or message.params[-1] == text):
                return messages
        raise AssertionError(messages[-5:])
