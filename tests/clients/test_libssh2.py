"""SSH by libssh2, which PHP, curl, Guacamole and many programs for phones have: ssh2-python."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from tests.clients.program import PATIENCE, SCRIPTS, VENV, passed_over, wait_for
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.terminal.servers import free_port

pytestmark = pytest.mark.timeout(300)
PASSWORD = "bobs-password"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run a server that keeps its port over restarts, with bob's account."""
    doors = {"HUBBUB_DOORS__SSH": f'["127.0.0.1:{free_port()}"]'}
    with Server(tmp_path / "data", **doors) as running:
        with Client(running.ports["plain"]).register("bob") as bob:
            bob.send(f"PRIVMSG NickServ :REGISTER {PASSWORD}")
            bob.until("900")
            bob.leave()
        yield running
    log = running.log.read_text()
    assert "Traceback" not in log, log


def pat(server: Server) -> Client:
    """Return somebody in #lobby who hears."""
    client = Client(server.ports["plain"])
    client.socket.settimeout(PATIENCE)
    return client.register("pat", "account-tag").join("#lobby")


def started(
    server: Server, command: str, output: int | TextIO, **how: str
) -> subprocess.Popen[str]:
    """Begin to run the program, as bob."""
    if not list(VENV.glob("lib/python*/site-packages/ssh2")):
        passed_over("ssh2-python is not installed (make test-clients installs it)")
    script = str(SCRIPTS / "libssh2_client.py")
    return subprocess.Popen(
        [
            str(VENV / "bin/python"),
            script,
            str(server.ports["ssh"]),
            how.pop("user", "bob"),
            command,
        ],
        env={**os.environ, **how},
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        text=True,
    )


def run(
    server: Server, command: str, typed: str = "", **how: str
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    process = started(server, command, subprocess.PIPE, **how)
    with process:
        out, err = process.communicate(typed, timeout=PATIENCE)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@contextmanager
def running(server: Server, command: str, log: Path, **how: str) -> Iterator[subprocess.Popen[str]]:
    """Run the program beside the test; what it prints goes to a file."""
    with log.open("w") as output, started(server, command, output, **how) as process:
        try:
            yield process
        finally:
            process.kill()


def test_libssh2_comes_in_by_each_method(server: Server, tmp_path: Path) -> None:
    for method in ("password", "keyboard-interactive"):
        done = run(server, "who", METHOD=method, PASSWORD=PASSWORD)
        assert (done.returncode, "bob" in done.stdout) == (0, True), done
        assert method in done.stderr.splitlines()[0].split(), "it is offered"
        refused = run(server, "who", METHOD=method, PASSWORD="wrong-password")
        assert (refused.returncode, refused.stdout) == (255, ""), refused
    for kind in ("ed25519", "ecdsa", "rsa"):
        key = ssh.make_key(tmp_path, kind, kind)
        with Client(server.ports["plain"]) as bob:
            bob.send(f"PASS bob:{PASSWORD}")
            ssh.add_key(bob.register("bob"), key)
            bob.leave()
        done = run(server, "who", METHOD="key", KEY=str(key))
        assert (done.returncode, "bob" in done.stdout) == (0, True), (kind, done)
    guest = run(server, "who", user="guest")
    assert (guest.returncode, "guest" in guest.stdout) == (0, True), guest
    unknown = ssh.make_key(tmp_path, "unknown")
    assert run(server, "who", METHOD="key", KEY=str(unknown)).returncode == 255


def test_libssh2_posts_and_reads_over_a_restart(server: Server, tmp_path: Path) -> None:
    how = {"METHOD": "password", "PASSWORD": PASSWORD}
    with pat(server) as other:
        assert run(server, "post '#lobby'", "from bob\nand again\n", **how).returncode == 0
        for text in ("from bob", "and again"):
            heard = other.until("PRIVMSG")
            assert (heard.params[1], heard.tags.get("account")) == (text, "bob")
        shown = tmp_path / "tail"
        with running(server, "tail '#lobby'", shown, **how) as tail:
            # Who only listens is not seen to come in: so speak until it is heard.
            def spoken() -> bool:
                other.send("PRIVMSG #lobby :is anybody listening")
                return "is anybody listening" in shown.read_text()

            wait_for(spoken, shown.read_text)
            assert server.stop() == 0
            assert tail.wait(PATIENCE) != 0, "it was cut off, and says so"
    server.start()
    with pat(server) as other:
        other.send("PRIVMSG #lobby :after the restart")
        other.sync()
        found = run(server, "history '#lobby'", **how)
        assert found.returncode == 0, found
        assert found.stdout.count("from bob") == 1, found
        assert found.stdout.count("after the restart") == 1, found
        assert run(server, "post '#nowhere,#else'", "x\n", **how).returncode not in (0, 255)


def test_libssh2_has_a_terminal(server: Server, tmp_path: Path) -> None:
    how, screen = {"METHOD": "password", "PASSWORD": PASSWORD}, tmp_path / "screen"
    with pat(server) as other, running(server, "--terminal", screen, **how) as terminal:
        assert terminal.stdin is not None
        other.until(lambda m: m.command == "JOIN" and m.nick == "bob")
        other.send("PRIVMSG #lobby :hello bob")
        wait_for(lambda: "hello bob" in screen.read_text(), screen.read_text)
        terminal.stdin.write("hello pat\r")
        terminal.stdin.flush()
        other.until(lambda m: m.command == "PRIVMSG" and m.params[1] == "hello pat")
        terminal.stdin.write("/quit\r")
        terminal.stdin.flush()
        assert terminal.wait(PATIENCE) == 0
