"""Hundreds of clients whose process is killed, beside people who go on talking."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server

VANISHING = 600
CHANNEL = "#vanish"
"""Where those who vanish are (hubbub.bench.loads.vanishing)."""
SAID = 200
SOON = 20.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    bounds = {
        "HUBBUB_LIMITS__CONNECTIONS_PER_ADDRESS": "1000",
        "HUBBUB_LIMITS__UNAUTHENTICATED": "1000",
    }
    with Server(tmp_path / "data", **bounds) as running:
        yield running


def gather(server: Server) -> subprocess.Popen[bytes]:
    """Start a process of many clients; return it when all are in."""
    given = (str(server.ports["plain"]), str(VANISHING), "100")
    command = [sys.executable, "-m", "hubbub.bench.loads.vanishing", *given]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def descriptors(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def test_that_all_are_seen_to_be_gone_and_nobody_waits_for_that(server: Server) -> None:
    with Client(server.ports["plain"]) as ann, Client(server.ports["plain"]) as bob:
        for client, nick in ((ann, "ann"), (bob, "bob")):
            client.register(nick).join(CHANNEL)
        before = descriptors(server)
        with gather(server) as process:
            bob.sync()
            assert descriptors(server) >= before + VANISHING
            process.kill()
        for number in range(SAID):
            ann.send(f"PRIVMSG {CHANNEL} :{number}")
        gone, said = Counter[str](), list[str]()
        while len(said) < SAID or len(gone) < VANISHING:
            message = bob.next()
            if message.command == "QUIT":
                gone[str(message.source)] += 1
            elif message.command == "PRIVMSG":
                said.append(message.params[1])
        assert said == [str(number) for number in range(SAID)]
        assert set(gone.values()) == {1}
        # Nobody is left of them, in the channel, under a nick, or with a descriptor.
        bob.send(f"NAMES {CHANNEL}", "ISON v00000 v00300 v00599 ann")
        assert set(bob.until("353").params[-1].replace("@", "").split()) == {"ann", "bob"}
        assert bob.until("303").params[-1].split() == ["ann"]
        until = time.monotonic() + SOON
        while descriptors(server) > before:
            assert time.monotonic() < until, (descriptors(server), before)
            bob.sync()
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()
