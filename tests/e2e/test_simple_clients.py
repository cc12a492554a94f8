"""A client that takes lines by patterns, as many bots do: it never splits a message into its parts.

Its patterns want what other servers send: a colon before text and lists, and no source before
AUTHENTICATE and PING.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

from tests.e2e.irc_client import Client
from tests.e2e.server import Server

PASSWORD = "correct-horse"


class Bot:
    """Act on the first pattern that a line matches, and take note of all others."""

    def __init__(self, port: int, nick: str) -> None:
        self.client = Client(port)
        self.nick = nick
        self.heard: dict[str, tuple[str, ...]] = {}
        self.patterns: list[tuple[str, str, Callable[..., None]]] = [
            ("ping", r"PING :(\S+)$", lambda data: self.client.send(f"PONG :{data}")),
            ("offered", r":\S+ CAP \S+ LS :(.*)$", self._offered),
            ("acknowledged", r":\S+ CAP \S+ ACK :sasl ?$", self._begin),
            ("challenge", r"AUTHENTICATE \+$", self._prove),
            ("proved", r":\S+ 903 \S+ :", lambda: self.client.send("CAP END")),
            ("welcome", r":\S+ 001 (\S+) :", lambda nick: self.client.send("JOIN #bots")),
            ("joined", r":(\S+)!\S+@\S+ JOIN :?(\S+)$", self._note),
            ("names", r":\S+ 353 \S+ \S \S+ :(.*)$", self._note),
            ("topic", r":\S+ TOPIC \S+ :(.*)$", self._note),
            ("parted", r":(\S+)!\S+ PART (\S+) :(.*)$", self._note),
            ("kicked", r":\S+ KICK (\S+) (\S+) :(.*)$", self._note),
            ("quit", r":(\S+)!\S+ QUIT :(.*)$", self._note),
            ("said", r":(\S+)!\S+ PRIVMSG (\S+) :(.*)$", self._note),
            ("away", r":\S+ 301 \S+ (\S+) :(.*)$", self._note),
            ("online", r":\S+ 303 \S+ :(.*)$", self._note),
            ("pong", r":\S+ PONG \S+ :(.*)$", self._note),
        ]

    def _note(self, *words: str) -> None:
        pass

    def _offered(self, capabilities: str) -> None:
        if "sasl" in capabilities.split():
            self.client.send("CAP REQ sasl")

    def _begin(self) -> None:
        self.client.send("AUTHENTICATE PLAIN")

    def _prove(self) -> None:
        given = f"{self.nick}\0{self.nick}\0{PASSWORD}".encode()
        self.client.send(f"AUTHENTICATE {base64.b64encode(given).decode()}")

    def until(self, name: str) -> tuple[str, ...]:
        """Read lines and act on them until a pattern is matched; return its words."""
        while True:
            line = self.client.line().decode()
            for heard, pattern, act in self.patterns:
                found = re.match(pattern, line)
                if found is not None:
                    act(*found.groups())
                    if heard == name:
                        return found.groups()
                    break


def test_a_bot_of_patterns_logs_in_and_understands(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        port = server.ports["plain"]
        with Client(port) as owner:
            owner.register("robot", "draft/account-registration")
            owner.send(f"REGISTER * * {PASSWORD}")
            owner.until("900")
            owner.leave()
        ann = Client(port).register("ann").join("#bots")
        bot = Bot(port, "robot")
        bot.client.send("CAP LS", "NICK robot", "USER robot 0 * :robot")
        assert bot.until("joined") == ("robot", "#bots")
        assert "ann" in bot.until("names")[0]
        for line, name, words in (
            ("PRIVMSG #bots :hello", "said", ("ann", "#bots", "hello")),
            ("TOPIC #bots :news", "topic", ("news",)),
            ("PART #bots :bye", "parted", ("ann", "#bots", "bye")),
            ("AWAY :lunch", "", ()),
        ):
            ann.send(line)
            if name:
                assert bot.until(name) == words
        ann.sync()
        bot.client.send("PRIVMSG ann :hello", "ISON ann", "PING :x")
        assert bot.until("away") == ("ann", "lunch")
        assert bot.until("online") == ("ann",)
        assert bot.until("pong") == ("x",)
        ann.send("JOIN #bots", "QUIT :gone")
        assert bot.until("quit")[1].endswith("gone")
        bot.client.close()
        ann.close()
