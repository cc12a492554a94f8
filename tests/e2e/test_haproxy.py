"""Behind a real proxy: haproxy tells for whom it connects, on every door."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

from hubbub.irc.message import Message, parse
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

pytestmark = pytest.mark.skipif(shutil.which("haproxy") is None, reason="no haproxy")

PATIENCE = 20.0
PROXY = "127.0.0.2"
"""Where haproxy connects from, so that who comes from 127.0.0.1 needs no header."""
HUBBUB = {
    "HUBBUB_DOORS__PROXIES": PROXY,
    "HUBBUB_DOORS__WEBSOCKET": "127.0.0.1:0",
    "HUBBUB_LIMITS__CONNECTIONS_PER_ADDRESS": "2",
}
# With a checksum, as a Network Load Balancer's; what that one says beside it is in tests/deploy.
AWS = "send-proxy-v2 proxy-v2-options crc32c,unique-id"
HAPROXY = """
global
    maxconn 100
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
{listeners}
"""
LISTENER = """
listen {name}
    bind 127.0.0.1:{port}
    mode {mode}
    {more}
    source {proxy}
    server hubbub 127.0.0.1:{door} {option}
"""


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def haproxy(directory: Path, door: int, option: str, *, http: bool = False) -> Iterator[int]:
    """Run haproxy in front of a door; give the port that clients connect to."""
    port = free_port()
    mode, more = ("http", "option forwardfor") if http else ("tcp", "")
    listener = LISTENER.format(
        name="irc", port=port, mode=mode, more=more, proxy=PROXY, door=door, option=option
    )
    file = directory / "haproxy.cfg"
    file.write_text(HAPROXY.format(listeners=listener))
    with subprocess.Popen(["haproxy", "-db", "-f", file], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            yield port
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something listens."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return
    raise AssertionError("haproxy does not listen")


def let_in(port: int, tls: bool, nick: str) -> Client:
    """Come in once the connection that found haproxy listening is counted no more."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return Client(port, tls).register(nick)
        except (EOFError, OSError):
            assert time.monotonic() < deadline, "nobody is let in"
            time.sleep(0.05)


def host_of(client: Client, nick: str) -> str:
    """Return the host that WHOIS shows."""
    client.send(f"WHOIS {nick}")
    return client.until("311").params[3]


@pytest.mark.parametrize("option", ["send-proxy", "send-proxy-v2", "send-proxy-v2-ssl", AWS])
@pytest.mark.parametrize("tls", [False, True])
def test_the_client_s_address_comes_through(tmp_path: Path, option: str, tls: bool) -> None:
    with Server(tmp_path / "data", **HUBBUB) as server:
        door = server.ports["tls" if tls else "plain"]
        with (
            haproxy(tmp_path, door, option) as port,
            Client(server.ports["plain"]).register("direct") as direct,
            let_in(port, tls, "ann") as ann,
        ):
            assert host_of(direct, "ann") == host_of(direct, "direct")
            assert host_of(ann, "direct") == host_of(direct, "direct")
            # Both are counted as 127.0.0.1, and two may come from there.
            with pytest.raises((EOFError, OSError)):
                Client(port, tls).register("third")


def test_openssl_through_it(tmp_path: Path) -> None:
    with (
        Server(tmp_path / "data", **HUBBUB) as server,
        haproxy(tmp_path, server.ports["tls"], "send-proxy-v2") as port,
    ):
        done = subprocess.run(
            ["openssl", "s_client", "-quiet", "-ign_eof", "-connect", f"127.0.0.1:{port}"],
            input=b"NICK ann\r\nUSER a 0 * :a\r\nQUIT\r\n",
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert b" 001 ann " in done.stdout


@ssh.NEEDED
def test_ssh_through_it(tmp_path: Path) -> None:
    with (
        Server(tmp_path / "data", HUBBUB_DOORS__SSH="127.0.0.1:0", **HUBBUB) as server,
        haproxy(tmp_path, server.ports["ssh"], "send-proxy-v2") as port,
        Client(server.ports["plain"]).register("direct").join("#ci") as direct,
    ):
        done = ssh.run(port, "post '#ci'", user="build", input="done\n")
        assert (done.returncode, done.stderr) == (0, "")
        posted = direct.until("PRIVMSG")
        assert posted.nick == "build"
        assert (posted.source or "").endswith("@" + host_of(direct, "direct"))


def test_without_a_header_nobody_comes_through(tmp_path: Path) -> None:
    with (
        Server(tmp_path / "data", **HUBBUB) as server,
        haproxy(tmp_path, server.ports["plain"], "") as port,
        Client(port) as client,
    ):
        client.send("NICK ann")
        with pytest.raises((EOFError, OSError)):
            client.line()
        server.logged("a proxy's connection is closed")


def test_health_checks_are_not_taken_for_clients(tmp_path: Path) -> None:
    check = "send-proxy-v2 check check-send-proxy inter 50ms"
    with (
        Server(tmp_path / "data", **HUBBUB) as server,
        haproxy(tmp_path, server.ports["plain"], check) as port,
    ):
        for number in range(10):
            with Client(port).register(f"ann{number}") as client:
                client.leave()


def test_a_web_client_through_it(tmp_path: Path) -> None:
    with (
        Server(tmp_path / "data", **HUBBUB) as server,
        haproxy(tmp_path, server.ports["websocket"], "", http=True) as port,
        Client(server.ports["plain"]).register("direct") as direct,
        connect(f"ws://127.0.0.1:{port}/", proxy=None) as web,
    ):
        web.send("NICK web")
        web.send("USER web 0 * :web")
        message = Message("")
        while message.command != "001":
            message = parse(web.recv(PATIENCE, decode=False))
        assert host_of(direct, "web") == host_of(direct, "direct")
