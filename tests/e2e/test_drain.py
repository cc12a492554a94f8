"""A drain with real clients at every door, and a service manager that hears of it all."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import ssl
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from websockets.sync.client import connect

from tests.e2e import ssh
from tests.e2e.irc_client import PATIENCE, Client
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen
from tests.e2e.test_health import get, scraped, wait_for
from tests.e2e.test_lost_data import run
from tests.e2e.test_websocket import come_in, until

DOORS = {
    "HUBBUB_DOORS__HEALTH": '["127.0.0.1:0"]',
    "HUBBUB_DOORS__WEBSOCKET": '["127.0.0.1:0"]',
    "HUBBUB_DOORS__WSS": '["127.0.0.1:0"]',
    "HUBBUB_DOORS__SSH": '["127.0.0.1:0"]',
}
TURNED_AWAY = "the server is about to stop and takes in nobody; try again in a minute"
LONG = "600"


def told(client: Client) -> str:
    """Return what a client is noticed."""
    return client.until("NOTICE").params[-1]


@ssh.NEEDED
def test_everybody_is_told_and_nobody_else_comes_in(tmp_path: Path) -> None:
    with Server(tmp_path / "data", **DOORS) as server, ExitStack() as stack:
        ports = server.ports
        ann = stack.enter_context(Client(ports["tls"], tls=True).register("ann").join("#lobby"))
        bob = stack.enter_context(Client(ports["plain"]).register("bob").join("#lobby"))
        web = stack.enter_context(come_in(server, "wss", "web"))
        zoe = stack.enter_context(SSHScreen(ports["ssh"], user="zoe"))
        zoe.wait_for("you are in #lobby")
        begun(server)

        said = f"The server stops within {LONG} s; come back a minute later"
        assert told(ann) == told(bob) == said
        assert until(web, lambda m: m.command == "NOTICE").params[-1] == said
        zoe.wait_for(f"The server stops within {LONG} s")
        shown_to_who_watches(server)
        turned_away_at_every_door(server)
        # Who is here goes on.
        ann.send("PRIVMSG #lobby :goodbye")
        assert bob.until("PRIVMSG").params[-1] == "goodbye"
        for client in (ann, bob):
            client.leave()
        web.close()
        zoe.enter("/quit")
        zoe.wait_for_end()
        # It does not wait for its time where nobody is left to wait for.
        assert server.ended() == 0


def begun(server: Server) -> None:
    """Begin a long drain."""
    assert (ran := run(server, "drain", LONG)).returncode == 0, ran.stderr
    assert f"stops within {LONG} s" in ran.stdout


def shown_to_who_watches(server: Server) -> None:
    """Find that it drains, by each way to ask, while five are here."""
    assert get(server, "/ready") == (503, "draining\n")
    assert get(server, "/live")[0] == 200
    shown = run(server, "status").stdout
    assert re.search(r"^ready +no: draining$", shown, re.M)
    assert re.search(r"^draining +stops within \d+ s; 5 connections are open$", shown, re.M)
    assert json.loads(run(server, "health", "--json").stdout)["why"] == "draining"


def turned_away_at_every_door(server: Server) -> None:
    """Come to each door, and read why not; each is counted."""
    ports = server.ports
    for tls in (False, True):
        with Client(ports["tls" if tls else "plain"], tls=tls) as newcomer:
            assert TURNED_AWAY in newcomer.until("ERROR").params[0]
    with pytest.raises(HTTPError) as refused:
        urlopen(f"http://127.0.0.1:{ports['websocket']}/", timeout=PATIENCE)
    assert refused.value.code == 503
    assert TURNED_AWAY in refused.value.read().decode()
    with pytest.raises(EOFError, match=re.escape(TURNED_AWAY)):
        come_in_over_wss(server)
    ran = ssh.run(ports["ssh"], "who")
    assert ran.returncode == 255
    assert TURNED_AWAY in ran.stderr
    found = scraped(server)
    refusals = {
        door: found["hubbub_connections_refused_total", door, "draining"]
        for door in ("tls", "plain", "websocket", "ssh")
    }
    assert refusals == {"tls": 1, "plain": 1, "websocket": 2, "ssh": 1}


def come_in_over_wss(server: Server) -> None:
    """Come in, and raise EOFError with what the ERROR says."""
    context = ssl.create_default_context(cafile=server.directory / "certificate.pem")
    url = f"wss://localhost:{server.ports['wss']}/"
    with connect(url, ssl=context, proxy=None) as web:
        raise EOFError(until(web, lambda m: m.command == "ERROR").params[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_drains_until_the_time_is_up(tmp_path: Path, number: int) -> None:
    with (
        Server(tmp_path / "data", HUBBUB_STOP__DRAIN_SECONDS="1", **DOORS) as server,
        Client(server.ports["tls"], tls=True).register("ann") as ann,
    ):
        begun = time.monotonic()
        server.signal(number)
        assert told(ann) == "The server stops within 1 s; come back a minute later"
        assert get(server, "/ready") == (503, "draining\n")
        assert "(Server is stopping)" in ann.until("ERROR").params[0]
        assert time.monotonic() - begun >= 0.9
        ann.close()
        assert server.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_stops_at_once(tmp_path: Path, number: int) -> None:
    with (
        Server(tmp_path / "data", HUBBUB_STOP__DRAIN_SECONDS=LONG) as server,
        Client(server.ports["tls"], tls=True).register("ann") as ann,
    ):
        server.signal(signal.SIGTERM)
        assert f"within {LONG} s" in told(ann)
        server.signal(number)
        assert "(Server is stopping)" in ann.until("ERROR").params[0]
        ann.close()
        assert server.ended() == 0


def test_a_length_of_time_that_is_none_is_refused(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        for given in ("0", "soon", "86401"):
            ran = run(server, "drain", given)
            assert (ran.returncode, ran.stderr.count("from 1 to 86400")) == (1, 1)
        assert re.search(r"^ready +yes$", run(server, "status").stdout, re.M)


class Manager:
    """Hear what a service is told to tell."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(PATIENCE)

    def until(self, wanted: str) -> list[str]:
        """Return all lines up to one."""
        lines: list[str] = []
        while wanted not in lines:
            lines += self.socket.recv(4096).decode().split("\n")
        return lines

    def hear_nothing(self, seconds: float = 0.5) -> None:
        """Fail where more is told than what is there already."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while self.socket.recv(4096):
                pass
        self.socket.settimeout(seconds)
        with pytest.raises(TimeoutError):
            self.socket.recv(4096)
        self.socket.settimeout(PATIENCE)


def test_a_service_manager_hears_of_it_all(tmp_path: Path) -> None:
    manager = Manager(tmp_path / "notify")
    server = watched(tmp_path, "400000")
    with server, Client(server.ports["plain"]).register("ann") as ann:
        before = manager.until("READY=1")
        assert "STATUS=starting" in before
        assert "STATUS=ready" in before
        for _ in range(3):
            manager.until("WATCHDOG=1")
        server.signal(signal.SIGHUP)
        assert " ".join(manager.until("READY=1")).count("MONOTONIC_USEC=") == 1
        server.signal(signal.SIGUSR1)
        told(ann)
        ann.leave()
        lines = manager.until("STOPPING=1")
        assert any(each.startswith("STATUS=not ready: stops within") for each in lines)
        assert server.ended() == 0
    manager.socket.close()


def test_a_server_that_hangs_gives_no_sign_of_life(tmp_path: Path) -> None:
    manager = Manager(tmp_path / "notify")
    with watched(tmp_path, "200000") as server:
        manager.until("READY=1")
        server.signal(signal.SIGSTOP)
        try:
            wait_for(lambda: state(server) == "T")
            manager.hear_nothing()
        finally:
            server.signal(signal.SIGCONT)
        manager.until("WATCHDOG=1")
    manager.socket.close()


def watched(place: Path, microseconds: str) -> Server:
    """Return a server that tells a manager, and one that wants to hear of it so often."""
    told = {"NOTIFY_SOCKET": str(place / "notify"), "WATCHDOG_USEC": microseconds}
    return Server(place / "data", **told, **DOORS)


def state(server: Server) -> str:
    """Return the letter for what a process does (proc_pid_stat(5))."""
    return Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()[0]
