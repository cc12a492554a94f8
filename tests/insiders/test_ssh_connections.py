"""An SSH connection that is kept open is worth no more than what it was opened with is by now.

The connection may have no session that could be ended: OpenSSH begins new ones on it as it likes.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

pytestmark = ssh.NEEDED

PASSWORD = "a-long-enough-password"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("kept") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


@pytest.fixture(scope="module")
def owner(server: Server) -> Iterator[Client]:
    with Client(server.ports["plain"]).register("owl") as client:
        client.send(f"REGISTER * * {PASSWORD} {server.owner_code}")
        client.until("REGISTER")
        yield client


@contextmanager
def kept_open(server: Server, directory: Path, user: str) -> Iterator[list[str]]:
    """Yield the options that begin a session on a connection which the password has opened."""
    path = directory / "kept"
    options = [f"-oControlPath={path}"]
    line = ssh.command(server.ports["ssh"], "-M", "-N", *options, user=user)
    environment = {**os.environ, **ssh.answering(directory, PASSWORD)}
    with subprocess.Popen(line, env=environment, stdin=subprocess.DEVNULL) as master:
        try:
            while not path.exists():
                assert master.poll() is None
            yield options
        finally:
            master.terminate()


ENDINGS = {
    "new": ("ann", f"PASSWD {PASSWORD} another-{PASSWORD}"),
    "revoke": ("ann", "REVOKE ALL"),
    "logout": ("owl", "ACCOUNT LOGOUT {name}"),
    "operators": ("owl", f"ACCOUNT PASSWORD {{name}} another-{PASSWORD}"),
    "suspended": ("owl", "ACCOUNT SUSPEND {name} :taken over", "ACCOUNT RESTORE {name}"),
}
"""Who does what to be rid of somebody who has come in with the password."""


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_ends_with_what_ends_sessions(
    server: Server, owner: Client, tmp_path: Path, ending: str
) -> None:
    name = f"ann-{ending}"
    who, *lines = ENDINGS[ending]
    with Client(server.ports["plain"]).register(name) as ann:
        ann.send(f"REGISTER * * {PASSWORD}")
        ann.until("REGISTER")
        with kept_open(server, tmp_path, name) as kept:
            before = ssh.run(server.ports["ssh"], *kept, "who", user=name)
            assert before.returncode == 0, before.stderr
            doer = ann if who == "ann" else owner
            doer.sync()
            doer.send(*(line.format(name=name) for line in lines))
            assert not [m for m in doer.sync() if m.command == "FAIL"]
            after = ssh.run(server.ports["ssh"], *kept, "who", user=name)
            assert after.returncode != 0
            assert after.stdout == ""
            assert "no longer valid" in after.stderr
