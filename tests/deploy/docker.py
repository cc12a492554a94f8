"""A daemon of Docker of the tests' own, which leaves the network of this machine alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.deploy.programs import ROOT, program, root_needed

PATIENCE: Final = 60.0
# Images are many small files, and nobody wants them later. What is mounted, by the daemon too, ends
# with its namespace, however it ends itself.
_IN_MEMORY: Final = """
set -eu
mkdir "$1"
mount -t tmpfs -o size=8g,mode=0711 tmpfs "$1"
shift
exec "$@"
"""
PUBLIC_NAME: Final = "debian:trixie-slim"
"""What the Dockerfile begins with; there is no registry here, so one made here has its name."""


class Docker:
    """Speak to a daemon with its own program."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("DOCKER_", "HUBBUB_"))},
            "DOCKER_HOST": f"unix://{socket}",
            "DOCKER_BUILDKIT": "1",
            # Nobody's logins and plugins: compose is called by its own name.
            "DOCKER_CONFIG": str(socket.parent / "client"),
        }
        self._program = program("docker", "docker.io")

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of Docker to its end, whatever it comes to."""
        return subprocess.run(
            [self._program, *(str(word) for word in command)],
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def __call__(self, *command: str | Path) -> str:
        """Run a command of Docker; return what it printed. All is told where it fails."""
        done = self.run(*command)
        assert done.returncode == 0, f"docker {command}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()


@contextmanager
def daemon(folder: Path) -> Iterator[Docker]:
    """Run a daemon that changes no rules of the firewall; ports are published by its proxy."""
    root_needed()
    folder.mkdir()
    config = {"bridge": "none", "iptables": False, "ip-forward": False, "ip-masq": False}
    (folder / "daemon.json").write_text(json.dumps(config))
    log = folder / "daemon.log"
    docker = Docker(folder / "socket")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *("unshare", "--mount", "sh", "-c", _IN_MEMORY, "dockerd", folder / "data"),
                program("dockerd", "docker.io"),
                *("--config-file", folder / "daemon.json", "--host", f"unix://{docker.socket}"),
                *("--data-root", folder / "data", "--exec-root", folder / "exec"),
                *("--pidfile", folder / "pid"),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while docker.run("version").returncode != 0:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield docker
    finally:
        # Bridges are this machine's, and would stay.
        docker.run("network", "prune", "--force")
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def build(docker: Docker, archive: Path) -> str:
    """Build the image as the Dockerfile says, on a Debian of ours; return its name."""
    docker("import", archive, PUBLIC_NAME)
    docker("build", "--network", "host", "--tag", "hubbub", ROOT)
    return "hubbub"
