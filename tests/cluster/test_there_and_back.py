"""From one node to four and back, by the commands that an operator types; people talk meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hubbub.cli import commands
from hubbub.irc.message import Message
from tests.cluster.members import running
from tests.cluster.servers import free_ports
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

RUNNER = CliRunner()
NAMES = "abcd"
# Whoever has just gone may still be there on another node.
NUMBERS = count()
CAPS = ("message-tags", "server-time", "batch", "draft/chathistory", "echo-message")


@dataclass
class Site:
    """Machines on one loopback, each with a data directory and ports of its own."""

    folder: Path
    servers: list[Server] = field(default_factory=list)

    def __post_init__(self) -> None:
        listens = free_ports(3 * len(NAMES))
        self._ports = dict(zip(NAMES, zip(*[iter(listens)] * 3, strict=True), strict=True))
        for name in NAMES:
            listen = f'["127.0.0.1:{self._ports[name][0]}"]'
            self.servers.append(Server(self.folder / name, HUBBUB_CLUSTER__LISTEN=listen))

    def run(self, name: str, *words: str, given: str = "", code: int = 0) -> str:
        """Type `hubbub cluster ...` on a machine; return what it prints."""
        line = ["cluster", *words, "--data", str(self.folder / name)]
        # In this process: a dozen interpreters would take longer than all the rest.
        done = RUNNER.invoke(commands.app, line, input=given)
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    def ports(self, name: str) -> list[str]:
        """Return the options that say at which ports a machine is a member."""
        _, route, door = self._ports[name]
        return ["--name", name, "--route-port", str(route), "--join-port", str(door)]

    def join(self, name: str, through: str) -> None:
        """Let a machine join through another one."""
        token = self.run(through, "token")
        door = f"127.0.0.1:{self._ports[through][2]}"
        self.run(name, "join", door, *self.ports(name), given=token)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def say(server: Server, text: str) -> Message:
    """Say something in #lobby, and return it as it came back."""
    with Client(server.ports["plain"]).register(f"n{next(NUMBERS)}", *CAPS) as ann:
        ann.send("JOIN #lobby", f"PRIVMSG #lobby :{text}")
        return ann.until(lambda message: message.params[-1:] == (text,))


def heard(server: Server, most: int) -> list[tuple[str, str, str]]:
    """Return the last things that were said in #lobby: text, msgid and time."""
    with Client(server.ports["plain"]).register(f"n{next(NUMBERS)}", *CAPS) as bob:
        bob.send("JOIN #lobby", "CHATHISTORY LATEST #lobby * 50", "PING :end")
        bob.until("PONG")
        said = [each for each in bob.seen if each.command == "PRIVMSG"]
    return [(one.params[-1], one.tags["msgid"], one.tags["time"]) for one in said][-most:]


def test_one_node_becomes_three_and_four_and_one_again(site: Site) -> None:
    a, b, c, d = site.servers
    # A machine by itself has no [cluster] in its settings.
    listen = a.settings.pop("HUBBUB_CLUSTER__LISTEN")
    with a:
        first = say(a, "alone")
    a.settings["HUBBUB_CLUSTER__LISTEN"] = listen
    site.run("a", "create", "127.0.0.1", *site.ports("a"))
    with a:
        assert "2 more have to join" in site.run("a", "status")
        site.join("b", "a")
        site.join("c", "a")
        say(a, "while two joined")
        assert "restart it to begin" in site.run("a", "status")
    with running([a, b, c]):
        say(b, "at b")
        lines = heard(c, 3)
        assert [text for text, *_ in lines] == ["alone", "while two joined", "at b"]
        assert lines[0][1] == first.tags["msgid"]
        assert lines == heard(a, 3) == heard(b, 3)
        _grow_and_shrink(site, d)
        lines = heard(a, 4)
    site.run("a", "dissolve", "--yes")
    with a:
        assert heard(a, 4) == lines
        assert "a at 127.0.0.1" not in site.run("a", "status")
        say(a, "alone again")


def _grow_and_shrink(site: Site, d: Server) -> None:
    """Let a fourth one in through one that is no founder, hear it, and let it go."""
    a, b, *_ = site.servers
    site.join("d", "b")
    with d:
        assert heard(d, 3) == heard(a, 3)
        said = say(d, "at d")
        assert heard(b, 1)[0][1] == said.tags["msgid"]
        assert "d, up" in site.run("a", "status")
        assert "goes for good" in site.run("d", "leave", code=1)
        site.run("d", "leave", "--yes")
        assert d.ended() == 0
    assert "node-3" not in site.run("b", "status")
