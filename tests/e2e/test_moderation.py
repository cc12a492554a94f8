"""Operators keep people out: through real doors, the journal, and the control socket."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.passwords.argon2 import hash_password
from tests.e2e.irc_client import Client
from tests.e2e.server import Server


def served(directory: Path) -> Server:
    return Server(directory, HUBBUB_OPERATORS__root=hash_password("secret"))


def operator(server: Server) -> Client:
    client = Client(server.ports["plain"]).register("oper")
    client.send("OPER root secret")
    client.until("381")
    return client


def hubbub(server: Server, *arguments: str) -> tuple[int, str]:
    """Run a command on the server's machine; return its exit code and all it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "hubbub", *arguments, "--data", str(server.directory)],
        capture_output=True,
        text=True,
        cwd=server.directory.parent,
    )
    return done.returncode, done.stdout + done.stderr


def turned_away(server: Server, nick: str) -> str:
    """Return why the server closes the connection of who registers under a nick."""
    with Client(server.ports["plain"]) as client:
        client.send(f"NICK {nick}", "USER x 0 * :x")
        return client.until("ERROR").params[0]


def test_a_ban_and_its_record_survive_a_crash(tmp_path: Path) -> None:
    server = served(tmp_path / "data")
    with server, operator(server) as oper, Client(server.ports["plain"]) as bad:
        bad.register("badger")
        oper.send("UBAN ADD badger!*@* 7d :spam | seen before")
        assert "You are banned from this server: spam" in bad.until("ERROR").params[0]
        oper.send("SWITCH registrations off :later", "PING :done")
        oper.until("PONG")
        server.kill()
        server.start()
        assert "spam" in turned_away(server, "badger")
        with operator(server) as again:
            again.send("AUDIT 10", "PING :done")
            again.until("PONG")
            told = "\n".join(m.params[-1] for m in again.seen if m.command == "NOTICE")
        assert "UBAN ADD mask badger!*@* 1w, met 1: spam | seen before" in told
        assert "SWITCH registrations off later" in told
        assert "127.0.0.1" not in told


def test_an_operator_at_the_machine(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        assert hubbub(server, "ban", "add", "eve!*@*", "enough", "--expires", "1h")[0] == 0
        assert "enough" in turned_away(server, "eve")
        assert "mask eve!*@*" in hubbub(server, "ban", "list")[1]
        assert hubbub(server, "ban", "remove", "eve!*@*")[0] == 0
        assert hubbub(server, "ban", "remove", "eve!*@*")[0] == 1
        assert hubbub(server, "switch", "guests", "off", "a raid")[0] == 0
        assert "a raid" in turned_away(server, "eve")
        assert "guests are off" in hubbub(server, "switch")[1]
        assert hubbub(server, "switch", "guests", "on")[0] == 0
        with Client(server.ports["plain"]) as eve:
            eve.register("eve")
            code, told = hubbub(server, "ban", "test", "eve!*@*")
            assert (code, "meets 1 who are here" in told) == (0, True)
        code, told = hubbub(server, "audit", "-n", "4")
        assert [line.split("machine ")[-1] for line in told.splitlines()] == [
            "UBAN ADD mask eve!*@* 1h, met 0: enough",
            "UBAN DEL mask eve!*@*",
            "SWITCH guests off a raid",
            "SWITCH guests on",
            "4 entries",
        ]


@pytest.mark.parametrize("arguments", [("audit",), ("ban", "list"), ("switch",)])
def test_without_a_server(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, told = hubbub(Server(tmp_path / "data"), *arguments)
    assert code == 1
    assert "no server runs" in told


def test_an_address_is_one_however_it_is_written(tmp_path: Path) -> None:
    """At the command line, in chat, at a door of IPv6, and in what a proxy tells."""
    server = Server(tmp_path / "data", HUBBUB_DOORS__PROXIES="::ffff:127.0.0.1")
    with server:
        code, told = hubbub(server, "ban", "add", "::ffff:203.0.113.9", "spam")
        assert code == 0, told
        assert "is taken as 203.0.113.9/32" in told
        for family, address in (("TCP4", "203.0.113.9"), ("TCP6", "::ffff:203.0.113.9")):
            with Client(server.ports["plain"]) as client:
                client.send(f"PROXY {family} {address} {address} 5000 6667")
                client.send("NICK eve", "USER x 0 * :x")
                assert "spam" in client.until("ERROR").params[0]
        code, told = hubbub(server, "ban", "test", "::ffff:203.0.113.9")
        assert code == 0, told
        code, told = hubbub(server, "ban", "remove", "::ffff:203.0.113.9")
        assert code == 0, told
        assert "203.0.113.9" not in hubbub(server, "ban", "list")[1]
        code, told = hubbub(server, "ban", "add", "203.0.113.9/24")
        assert (code, "203.0.113.9/24 is taken as 203.0.113.0/24" in told) == (0, True)
