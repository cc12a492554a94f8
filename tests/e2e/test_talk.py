"""Two people talk, through real sockets and the journal."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server


@pytest.mark.parametrize("door", ["plain", "tls"])
def test_two_people_talk(tmp_path: Path, door: str) -> None:
    with Server(tmp_path / "data") as server:
        port, tls = server.ports[door], door == "tls"
        with Client(port, tls) as alice, Client(port, tls) as bob:
            alice.register("alice").join("#lobby")
            bob.register("bob").join("#lobby")
            bob.send("PRIVMSG #lobby :hello, alice")
            said = alice.until("PRIVMSG")
            assert said.nick == "bob"
            assert said.params == ("#lobby", "hello, alice")
            assert "127.0.0.1" not in (said.source or "")
            bob.send("QUIT :see you")
            assert alice.until("QUIT").params == ("Quit: see you",)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_tells_clients_and_keeps_what_was_said(tmp_path: Path, number: int) -> None:
    server = Server(tmp_path / "data")
    with server, Client(server.ports["tls"], tls=True) as alice:
        alice.register("alice", "echo-message").join("#lobby")
        alice.send("TOPIC #lobby :what stays", "PRIVMSG #lobby :said before the stop")
        alice.until("PRIVMSG")
        server.signal(number)
        assert "Server is stopping" in alice.until("ERROR").params[0]
        assert server.stop() == 0
    with server, Client(server.ports["plain"]) as bob:
        bob.register("bob", "server-time").join("#lobby")
        topic = [m for m in bob.seen if m.command == "332"]
        assert [m.params[-1] for m in topic] == []
        replayed = bob.sync()
        assert "said before the stop" in [m.params[-1] for m in replayed if m.command == "PRIVMSG"]
