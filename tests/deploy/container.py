"""A server in a container that is run as one hardens it, with a volume that survives it."""

from __future__ import annotations

import json
import time
from types import TracebackType
from typing import Any, Final, Self

from tests.deploy.docker import PATIENCE, Docker
from tests.e2e.irc_client import Client

TLS: Final = 6697
SSH: Final = 2222
NETWORK: Final = "hubbub"


class Container:
    """Run an image; its doors are published on the loopback. `settings` go by the environment."""

    def __init__(self, docker: Docker, image: str, user: str = "10001:0", **settings: str) -> None:
        self._docker = docker
        if docker.run("network", "inspect", NETWORK).returncode != 0:
            docker("network", "create", NETWORK)
        self.volume = docker("volume", "create")
        self.name = docker(
            *("create", "--read-only", "--cap-drop", "ALL", "--user", user, "--network", NETWORK),
            *("--security-opt", "no-new-privileges", "--volume", f"{self.volume}:/var/lib/hubbub"),
            *(word for port in (TLS, SSH) for word in ("--publish", f"127.0.0.1::{port}")),
            *(word for name, value in settings.items() for word in ("--env", f"{name}={value}")),
            image,
        )

    def start(self) -> float:
        """Start it, and wait until somebody can come in; return the seconds that it took."""
        begun = time.monotonic()
        self._docker("start", self.name)
        deadline = begun + PATIENCE
        while True:
            try:
                with self.client() as client:
                    client.register("early")
                    seconds = time.monotonic() - begun
                    client.leave()
                    return seconds
            except (OSError, EOFError):
                state = self.inspect()["State"]
                assert state["Running"], self.log()
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.05)

    def client(self) -> Client:
        """Connect to it by TLS, from outside."""
        return Client(self.port(TLS), tls=True)

    def port(self, inside: int) -> int:
        """Return where a port of the container is published."""
        return int(self._docker("port", self.name, f"{inside}/tcp").rpartition(":")[2])

    def inspect(self) -> dict[str, Any]:
        """Return what Docker knows of it."""
        found: list[dict[str, Any]] = json.loads(self._docker("inspect", self.name))
        return found[0]

    def log(self) -> str:
        """Return what it has written."""
        done = self._docker.run("logs", self.name)
        return done.stdout + done.stderr

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        log = self.log()
        self._docker("rm", "--force", "--volumes", self.name)
        self._docker("volume", "rm", "--force", self.volume)
        assert "Traceback" not in log, log
