"""Somebody who talks and somebody who listens at a server whose nodes come and go.

Each comes back as a chat program does, at whichever node the balancer takes it to. What is heard is
what came by itself, and what the history tells of the time away.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping
from itertools import count
from types import TracebackType
from typing import Final, Self

from hubbub.irc.message import Message
from tests.e2e.irc_client import Client

CHANNEL: Final = "#lobby"
CAPS: Final = ("message-tags", "server-time", "batch", "draft/chathistory", "echo-message")
PAGE: Final = 50
PACE_SECONDS: Final = 0.1
AGAIN_SECONDS: Final = 0.2
_nicks = count()


def came_in(door: Callable[[], Client]) -> Client:
    """Come in under a new nick, for the last may still be there, and enter the channel."""
    return door().register(f"n{next(_nicks)}", *CAPS).join(CHANNEL)


def told(client: Client, last: str) -> list[Message]:
    """Return all that was said after a msgid, or from the first on, page after page."""
    said: list[Message] = []
    while True:
        after = f"msgid={last}" if last else "timestamp=2001-01-01T00:00:00.000Z"
        client.send(f"CHATHISTORY AFTER {CHANNEL} {after} {PAGE}")
        page = [each for each in client.sync() if "batch" in each.tags and each.nick]
        said += [each for each in page if each.command == "PRIVMSG"]
        if not page:
            return said
        last = page[-1].tags["msgid"]


class _Person:
    """Do something at a server on a thread, and again after each end of a connection."""

    def __init__(self, door: Callable[[], Client]) -> None:
        self._door, self._is_over = door, threading.Event()
        self.came = 0
        self._client: Client | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                with came_in(self._door) as client:
                    self.came, self._client = self.came + 1, client
                    self._go_on(client)
            except (OSError, EOFError):
                self._is_over.wait(AGAIN_SECONDS)

    def _go_on(self, client: Client) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over.set()
        while self._thread.is_alive():
            # Who listens would wait for something to be said.
            if self._client is not None:
                with contextlib.suppress(OSError):
                    self._client.socket.shutdown(socket.SHUT_RDWR)
            self._thread.join(AGAIN_SECONDS)


class Talker(_Person):
    """Say one thing after the other, none twice; `confirmed` has what came back, by msgid."""

    def __init__(self, door: Callable[[], Client]) -> None:
        super().__init__(door)
        self.confirmed: dict[str, str] = {}
        self._numbers = count()

    def _go_on(self, client: Client) -> None:
        while not self._is_over.wait(PACE_SECONDS):
            text = f"line {next(self._numbers)}"
            client.send(f"PRIVMSG {CHANNEL} :{text}")
            back = client.until(lambda each, text=text: each.params[-1:] == (text,))  # type: ignore[misc]
            if back.command == "PRIVMSG":
                self.confirmed[back.tags["msgid"]] = text

    def goes_on(self, patience: float = 60) -> None:
        """Wait until something more is confirmed that was said after this."""
        enough, end = len(self.confirmed) + 2, time.monotonic() + patience
        while len(self.confirmed) < enough:
            assert time.monotonic() < end, "nothing is confirmed any more"
            time.sleep(0.05)


class Listener(_Person):
    """Hear what is said; `heard` has it by msgid."""

    def __init__(self, door: Callable[[], Client]) -> None:
        super().__init__(door)
        self.heard: dict[str, str] = {}
        self._last = ""

    def _go_on(self, client: Client) -> None:
        for each in told(client, self._last):
            self._hear(each)
        for each in client.seen:
            self._hear(each)
        while not self._is_over.is_set():
            self._hear(client.next())

    def hears(self, said: Mapping[str, str], patience: float = 60) -> None:
        """Wait until all that was said has been heard, as it was said."""
        end = time.monotonic() + patience
        while missing := said.items() - self.heard.items():
            assert time.monotonic() < end, f"not heard: {sorted(missing)[:5]} of {len(missing)}"
            time.sleep(0.05)

    def _hear(self, message: Message) -> None:
        if message.command == "PRIVMSG" and "msgid" in message.tags:
            self.heard.setdefault(message.tags["msgid"], message.params[-1])
            self._last = message.tags["msgid"]
