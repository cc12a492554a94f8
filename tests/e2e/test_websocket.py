"""The WebSocket doors of a real server: beside the others, slow readers, and goodbye."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedOK
from websockets.sync.client import ClientConnection, connect

from hubbub.irc.message import Message, parse
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.test_slow_reader import talk

DOORS = {"HUBBUB_DOORS__WSS": '["127.0.0.1:0"]', "HUBBUB_DOORS__WEBSOCKET": '["127.0.0.1:0"]'}
PATIENCE = 20.0


def come_in(server: Server, door: str, nick: str) -> ClientConnection:
    """Become a user through a WebSocket door."""
    context = None
    if door == "wss":
        context = ssl.create_default_context(cafile=server.directory / "certificate.pem")
    scheme = {"wss": "wss", "websocket": "ws"}[door]
    url = f"{scheme}://localhost:{server.ports[door]}/"
    web = connect(url, ssl=context, proxy=None, max_queue=1).__enter__()
    web.send(f"NICK {nick}")
    web.send(f"USER {nick} 0 * :{nick}")
    until(web, lambda message: message.command in ("376", "422"))
    return web


def until(web: ClientConnection, wanted: Callable[[Message], bool]) -> Message:
    """Read up to a message."""
    while True:
        message = parse(web.recv(PATIENCE, decode=False))
        if wanted(message):
            return message


@pytest.mark.parametrize("door", ["wss", "websocket"])
def test_web_and_terminal_meet(tmp_path: Path, door: str) -> None:
    with Server(tmp_path / "data", **DOORS) as server, ExitStack() as stack:
        bob = stack.enter_context(Client(server.ports["plain"]).register("bob").join("#lobby"))
        web = stack.enter_context(come_in(server, door, "web"))
        web.send("JOIN #lobby")
        web.send("PRIVMSG #lobby :grüße")
        assert bob.until("PRIVMSG").params[1] == "grüße"
        bob.send("PRIVMSG #lobby :hello")
        assert until(web, lambda message: message.command == "PRIVMSG").params[1] == "hello"
        server.stop()
        assert (
            until(web, lambda message: message.command == "ERROR")
            .params[0]
            .endswith("(Server is stopping)")
        )
        with pytest.raises(ConnectionClosedOK):
            web.recv(PATIENCE)


def test_a_slow_one_catches_up(tmp_path: Path) -> None:
    settings = {**DOORS, "HUBBUB_LIMITS__OUTBOX_BYTES": "65536"}
    said = 20_000
    with Server(tmp_path / "data", **settings) as server, ExitStack() as stack:
        ann = stack.enter_context(Client(server.ports["plain"]).register("ann").join("#lobby"))
        bob = stack.enter_context(Client(server.ports["plain"]).register("bob").join("#lobby"))
        web = stack.enter_context(come_in(server, "websocket", "web"))
        web.send("JOIN #lobby")
        until(web, lambda message: message.command == "366")
        talk(ann, bob, 0, said)
        for number in range(said):
            message = until(web, lambda message: message.command in ("PRIVMSG", "NOTICE"))
            if message.command == "NOTICE":
                # More was said than it may be behind by; the number tells how much.
                assert f" {said - number} messages " in message.params[1]
                break
            assert message.params[1].startswith(f"{number} ")
        talk(ann, bob, 0, 10)
        web.send("PING here")
        assert until(web, lambda message: message.command == "PONG").params[1] == "here"


def test_the_library_is_loaded_for_the_door_only() -> None:
    loaded = "import sys, hubbub.server.serve; sys.exit('websockets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
