"""An IRC client that sits in a channel, to see what a server really relays and keeps."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

from hubbub.irc.message import Message
from tests.e2e.irc_client import Client


class Witness(Client):
    """Sit in a channel, over plain text, at a server of whatever kind."""

    def __init__(self, url: str, channel: str, *capabilities: str) -> None:
        super().__init__(urlsplit(url).port or 0)
        self.register("witness", *capabilities)
        self.join(channel)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The nick is free for the next one when the server has closed.
        with suppress(OSError, EOFError):
            self.leave()
        self.close()

    def next(self) -> Message:
        """Return the next message; some servers want an answer before they welcome anybody."""
        message = super().next()
        if message.command == "PING":
            self.send(f"PONG :{message.params[-1]}")
        return message

    def all_until(self, *commands: str, text: str | None = None) -> list[Message]:
        """Return what comes up to a message with one of these commands, and this text if any."""
        start = len(self.seen)
        self.until(lambda m: m.command in commands and text in (None, m.params[-1]))
        return self.seen[start:]
