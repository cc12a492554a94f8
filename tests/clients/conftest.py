"""A server that keeps its ports over restarts, and a person who talks to the programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.irc.message import Message
from tests.clients.program import PATIENCE, Doors
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.terminal.servers import free_port


def is_bob(message: Message) -> bool:
    """Say whether a message is bob's, under whatever nick: who logs in late has another."""
    return message.tags.get("account") == "bob"


class Network:
    """Hold a server with the accounts bob and pat, and pat's connection."""

    def __init__(self, folder: Path) -> None:
        self.tls, self.plain = free_port(), free_port()
        self.server = Server(
            folder / "data",
            HUBBUB_DOORS__TLS=f'["127.0.0.1:{self.tls}"]',
            HUBBUB_DOORS__PLAIN=f'["127.0.0.1:{self.plain}"]',
        )
        self.server.start()
        for name in ("bob", "pat"):
            with Client(self.plain).register(name) as somebody:
                somebody.send(f"PRIVMSG NickServ :REGISTER {name}s-password")
                somebody.until("900")
                somebody.leave()
        self.pat = self._pat()

    @property
    def doors(self) -> Doors:
        """Say where the server is."""
        found = re.search(r"sha-256 ([0-9a-f:]+)", self.server.banner.lower())
        assert found is not None, self.server.banner
        return Doors(self.tls, self.plain, found.group(1).replace(":", ""))

    def _pat(self) -> Client:
        pat = Client(self.plain)
        pat.socket.settimeout(PATIENCE)
        pat.send("PASS pat:pats-password")
        return pat.register("pat", "account-tag", "extended-join", "draft/chathistory").join(
            "#lobby"
        )

    def restart(self) -> None:
        """End the server in good order, start it again, and let pat come back."""
        self.pat.close()
        assert self.server.stop() == 0
        self.server.start()
        self.pat = self._pat()

    def says(self, text: str, to: str = "#lobby") -> None:
        """Let pat say something."""
        self.pat.send(f"PRIVMSG {to} :{text}")

    def heard(self, text: str) -> Message:
        """Wait until bob has said something; return the message."""
        return self.pat.until(
            lambda m: m.command == "PRIVMSG" and is_bob(m) and m.params[1] == text
        )

    def said_by_bob(self) -> list[str]:
        """Return what bob has said, to pat too, since this was last asked."""
        return [
            m.params[1] for m in self.pat.sync() if m.command in ("PRIVMSG", "NOTICE") and is_bob(m)
        ]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    network = Network(tmp_path)
    try:
        yield network
    finally:
        network.pat.close()
        network.server.stop()
    log = network.server.log.read_text()
    assert "Traceback" not in log, log
