"""One server by compose.yaml, with its settings in .env."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.deploy.docker import Docker
from tests.deploy.programs import ROOT, program
from tests.deploy.talk import history, says, somebody
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.terminal.servers import free_port

pytestmark = pytest.mark.timeout(600)


class Compose:
    """Run what compose.yaml says, in a folder with a `.env`."""

    def __init__(self, docker: Docker, folder: Path) -> None:
        self._docker, self._folder = docker, folder
        self.tls, self.ssh = free_port(), free_port()
        shutil.copy(ROOT / "compose.yaml", folder)
        settings = (ROOT / ".env.example").read_text()
        settings = settings.replace("#IP_ADDRESS=0.0.0.0", "IP_ADDRESS=127.0.0.1")
        settings = settings.replace("#PORT=6697", f"PORT={self.tls}\nSSH_PORT={self.ssh}")
        settings = settings.replace("#HUBBUB_ACCESS", "HUBBUB_ACCESS")
        settings = settings.replace("#HUBBUB_CHANNELS__KEEP", "HUBBUB_CHANNELS__KEEP")
        (folder / ".env").write_text(f"{settings}\nHUBBUB_MOTD='it costs $5'\n")

    def __call__(self, *command: str) -> str:
        """Run a command of Compose; return what it printed. All is told where it fails."""
        done = subprocess.run(
            [program("docker-compose"), *command],
            cwd=self._folder,
            env=self._docker.environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def client(self) -> Client:
        """Connect by TLS."""
        return Client(self.tls, tls=True)


@pytest.fixture(scope="module")
def compose(
    docker: Docker, image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Compose]:
    """Start it, and wait until it says that it is healthy."""
    running = Compose(docker, tmp_path_factory.mktemp("compose"))
    try:
        running("up", "--detach", "--wait", "--no-build")
        yield running
    finally:
        running("down", "--volumes", "--timeout=10")


def test_people_talk_by_tls_and_ssh(compose: Compose) -> None:
    with somebody(compose.client, "ann") as ann:
        done = ssh.run(compose.ssh, "post", "#lobby", input="by ssh\n")
        assert done.returncode == 0, done.stderr
        assert ann.until("PRIVMSG").params == ("#lobby", "by ssh")


def test_the_settings_are_those_of_the_file(compose: Compose) -> None:
    channels = compose("exec", "--no-TTY", "hubbub", "printenv", "HUBBUB_CHANNELS__KEEP")
    assert channels.strip() == "#lobby,#team-*"
    with somebody(compose.client, "ann") as ann:
        assert any("it costs $5" in m.params[-1] for m in ann.seen if m.command == "372")


def test_what_was_said_is_there_after_a_restart_and_another_image(compose: Compose) -> None:
    says(compose.client, "before the restart")
    compose("restart")
    compose("up", "--detach", "--wait", "--no-build")
    assert "before the restart" in history(compose.client)
    compose("up", "--detach", "--wait", "--no-build", "--force-recreate")
    assert "before the restart" in history(compose.client)


def test_the_operator_asks_it(compose: Compose) -> None:
    assert "ready" in compose("exec", "--no-TTY", "hubbub", "hubbub", "health")
    code = compose("exec", "--no-TTY", "hubbub", "cat", "owner-code").split()[-1]
    assert code not in compose("logs", "hubbub")


def test_a_backup_is_made_while_it_runs(compose: Compose, tmp_path: Path) -> None:
    manual = (ROOT / "docs/how-to/docker.md").read_text()
    found = re.search(r"python3 -c \\\n +'([^']+)'", manual)
    assert found is not None
    says(compose.client, "worth keeping")
    compose("exec", "--no-TTY", "hubbub", "python3", "-c", found.group(1))
    compose("cp", "hubbub:/var/lib/hubbub/backup.sqlite", str(tmp_path))
    with closing(sqlite3.connect(tmp_path / "backup.sqlite")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert b"worth keeping" in (tmp_path / "backup.sqlite").read_bytes()
