"""Times that run out, and how many may come from one address, at a running server."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server


@pytest.mark.parametrize("door", ["plain", "tls"])
def test_who_does_not_register_is_told_and_closed(tmp_path: Path, door: str) -> None:
    settings = {"HUBBUB_LIMITS__REGISTRATION_SECONDS": "0.5"}
    with (
        Server(tmp_path / "data", **settings) as server,
        Client(server.ports[door], tls=door == "tls") as slow,
    ):
        slow.send("NICK slow")
        assert "Registration timed out" in slow.until("ERROR").params[0]
        with pytest.raises(EOFError):
            slow.next()


def test_who_is_silent_is_pinged_and_closed_and_who_answers_stays(tmp_path: Path) -> None:
    settings = {
        "HUBBUB_LIMITS__PING_AFTER_SECONDS": "0.5",
        "HUBBUB_LIMITS__PING_TIMEOUT_SECONDS": "0.5",
    }
    with Server(tmp_path / "data", **settings) as server:
        port = server.ports["plain"]
        with Client(port).register("dead") as dead, Client(port).register("live") as live:
            dead.join("#lobby")
            live.join("#lobby")
            while (message := live.next()).command != "QUIT":
                if message.command == "PING":
                    live.send(f"PONG {message.params[0]}")
            assert message.nick == "dead"
            assert message.params[0].startswith("Ping timeout")
            assert "Ping timeout" in dead.until("ERROR").params[0]


def test_a_peer_whose_socket_takes_nothing_is_given_up(tmp_path: Path) -> None:
    settings = {
        "HUBBUB_LIMITS__STALLED_SECONDS": "0.5",
        "HUBBUB_LIMITS__OUTBOX_BYTES": "65536",
    }
    with Server(tmp_path / "data", **settings) as server:
        port = server.ports["plain"]
        with (
            Client(port, receive_buffer=4096).register("stalled") as stalled,
            Client(port).register("ann", "echo-message") as ann,
        ):
            stalled.join("#lobby")
            ann.join("#lobby")
            gone = False
            while not gone:
                ann.send(*(f"PRIVMSG #lobby :{'x' * 400}" for _ in range(100)))
                gone = any(m.command == "QUIT" for m in ann.sync())
            # What it gets to read in the end is cut off.
            with pytest.raises((EOFError, ConnectionError)):
                stalled.until("PING")


def test_a_flood_is_slowed_and_nothing_is_lost(tmp_path: Path) -> None:
    settings = {
        "HUBBUB_LIMITS__FLOOD": "true",
        "HUBBUB_LIMITS__MESSAGE_BURST": "5",
        "HUBBUB_LIMITS__MESSAGES_PER_SECOND": "100",
    }
    with Server(tmp_path / "data", **settings) as server:
        port = server.ports["plain"]
        with Client(port).register("ann") as ann, Client(port).register("bob") as bob:
            ann.join("#lobby")
            bob.join("#lobby")
            lines = [f"{number} {'x' * 400}" for number in range(100)]
            ann.send(*(f"PRIVMSG #lobby :{line}" for line in lines))
            assert [bob.until("PRIVMSG").params[1] for _ in lines] == lines
            assert "RATE_LIMITED" in [m.params[1] for m in ann.sync() if m.command == "FAIL"]


@pytest.fixture
def other_address() -> Iterator[str]:
    """Give an address of this machine that is not of the loopback network."""
    if os.getuid() != 0:
        pytest.skip("only root can give a machine another address")
    address = "192.0.2.77"
    add = ["ip", "address", "add", f"{address}/32", "dev", "lo"]
    try:
        done = subprocess.run(add, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("ip (iproute2) is not installed")
    if done.returncode:
        pytest.skip("this machine does not let a test add an address")
    yield address
    subprocess.run(["ip", "address", "del", f"{address}/32", "dev", "lo"], check=True)


def test_so_many_from_one_address(tmp_path: Path, other_address: str) -> None:
    settings = {
        "HUBBUB_LIMITS__CONNECTIONS_PER_ADDRESS": "3",
        "HUBBUB_DOORS__PLAIN": f'["{other_address}:0", "127.0.0.1:0"]',
        "HUBBUB_DOORS__PLAIN_BEYOND_LOOPBACK": "true",
        "HUBBUB_ACCESS": "open",
    }
    with Server(tmp_path / "data", **settings) as server, ExitStack() as stack:
        line = next(text for text in server.banner.splitlines() if other_address in text)
        port = int(line.rpartition(":")[2])

        def come_in() -> socket.socket:
            peer = socket.create_connection((other_address, port), 20, (other_address, 0))
            return stack.enter_context(peer)

        for _ in range(3):
            peer = come_in()
            peer.sendall(b"PING :inside\r\n")
            assert b"inside" in peer.recv(4096)
        refused = come_in()
        assert b"too many connections from your address" in refused.recv(4096)
        # Those of the loopback network are counted by nobody.
        with Client(server.ports["plain"]) as local:
            local.register("local")
