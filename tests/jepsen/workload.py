"""People who talk to a cluster while it is being broken, and write down what they were told.

Each says numbered lines to two channels, one at a time, waits for the echo, and goes to another
node when its connection ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from hubbub.irc.message import Message
from tests.e2e.irc_client import Client
from tests.jepsen.operations import Line, Operation, Outcome, Watch

CHANNELS = ("#jepsen-a", "#jepsen-b")
CAPS = (
    "echo-message",
    "labeled-response",
    "batch",
    "message-tags",
    "server-time",
    "standard-replies",
    # Who can ask is not shown by itself what was said before: it sees only what comes.
    "draft/chathistory",
)
PATIENCE = 20.0
"""How long somebody waits for an echo before he gives up on a connection, in seconds."""
GAP_WORDS = ("missed", "too slow")
"""How the server begins to say that a reader was not shown all."""

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node can be reached."""

    node: int
    address: Address


class Speaker(threading.Thread):
    """One who talks; `operations` is what he asked for, `watches` what he was shown."""

    def __init__(self, name: str, places: Sequence[Place], rest: float) -> None:
        """Be ready to talk through these places in turn, with so long a rest in between."""
        super().__init__(name=name, daemon=True)
        self._places = list(places)
        self._rest = rest
        self._numbers = count()
        self._labels = count(1)
        self._ending = threading.Event()
        self.operations: list[Operation] = []
        self.watches: list[Watch] = []
        self.fault = ""

    def stop(self) -> None:
        """Let it end after what it says now."""
        self._ending.set()

    def run(self) -> None:
        """Talk, and come back whenever a connection ends."""
        for connection in count():
            if self._ending.is_set():
                return
            place = self._places[connection % len(self._places)]
            try:
                self._visit(place, f"{self.name}x{connection}")
            except (OSError, EOFError):
                self._ending.wait(0.2)
            except Exception as error:
                self.fault = repr(error)
                return

    def _visit(self, place: Place, nick: str) -> None:
        with visitor(place, nick) as client:
            watches = {channel: Watch(nick, place.node, channel) for channel in CHANNELS}
            self.watches += watches.values()
            while not self._ending.is_set():
                for channel in CHANNELS:
                    self._say(client, place, nick, channel, watches)
                self._ending.wait(self._rest)
            client.leave()

    def _say(
        self, client: Client, place: Place, nick: str, channel: str, watches: dict[str, Watch]
    ) -> None:
        text = f"{self.name} {next(self._numbers)}"
        label = f"l{next(self._labels)}"
        operation = Operation(nick, place.node, channel, text, time.monotonic())
        self.operations.append(operation)
        try:
            client.send(f"@label={label} PRIVMSG {channel} :{text}")
            while True:
                message = client.next()
                take_note(message, watches)
                if message.command == "ERROR":
                    raise EOFError
                if message.tags.get("label") == label:
                    break
        finally:
            operation.ended = time.monotonic()
        settle(operation, message)


def settle(operation: Operation, answer: Message) -> None:
    """Write down what an answer means for what was asked for."""
    if answer.command == "PRIVMSG":
        operation.outcome = Outcome.OK
        operation.msgid, operation.time = answer.tags["msgid"], answer.tags["time"]
    elif answer.command == "FAIL" and "UNKNOWN" in answer.params[1]:
        operation.reason = answer.params[1]
    else:
        operation.outcome = Outcome.FAIL
        operation.reason = " ".join(answer.params[1:2])


def take_note(message: Message, watches: dict[str, Watch]) -> None:
    """Write down what a connection is shown."""
    if message.command == "PRIVMSG" and message.params[0] in watches:
        watches[message.params[0]].shown.append(line_of(message))
    elif message.command in ("NOTICE", "NOTE", "WARN") and any(
        words in message.params[-1] for words in GAP_WORDS
    ):
        for watch in watches.values():
            watch.had_gap = True


def line_of(message: Message) -> Line:
    """Return a message as a line of the record."""
    nick = (message.source or "").split("!")[0]
    return Line(message.tags["msgid"], message.tags["time"], nick, message.params[1])


def visitor(place: Place, nick: str) -> Client:
    """Return somebody who is in both channels of a node. Raise OSError or EOFError."""
    client = Client(place.address[1], host=place.address[0], patience=PATIENCE)
    try:
        client.register(nick, *CAPS)
        for channel in CHANNELS:
            client.join(channel)
    except BaseException:
        client.close()
        raise
    return client


def history_of(place: Place, channel: str) -> list[Line]:
    """Return all that a node's history of a channel has."""
    lines: list[Line] = []
    bound = "timestamp=2020-01-01T00:00:00.000Z"
    with visitor(place, f"reader{place.node}") as client:
        while True:
            client.send(f"CHATHISTORY AFTER {channel} {bound} 200")
            client.until(lambda m: m.command == "BATCH" and m.params[0].startswith("+"))
            page = []
            while (message := client.next()).command != "BATCH":
                page.append(line_of(message))
            if not page:
                client.leave()
                return lines
            lines += page
            bound = f"msgid={page[-1].msgid}"


def eventually(what: Callable[[], bool], seconds: float) -> bool:
    """Say whether something comes true within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError, EOFError):
            if what():
                return True
        time.sleep(0.05)
    return False
