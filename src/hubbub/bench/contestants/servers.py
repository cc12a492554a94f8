"""The servers that are measured: how each is configured, started and stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from hubbub.bench.contestants import process
from hubbub.bench.contestants.certificate import Certificate
from hubbub.bench.errors import ServerFailed

READY_SECONDS: Final = 15.0
"""How long a server may take to open its doors before it counts as failed."""

_SETTLE_SECONDS: Final = 0.05
_SETTLE_TRIES: Final = 600
# A server counts as resting when it uses less than this share of a CPU.
_AT_REST: Final = 0.02


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a server listens on 127.0.0.1: the ports of its doors."""

    plain: int
    tls: int
    ssh: int

    def port(self, tls: bool) -> int:
        """Return the port of the TLS door or of the plain one."""
        return self.tls if tls else self.plain


def free_address() -> Ports:
    """Return ports that nobody listened on a moment ago."""
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        for probe in (one, two, three):
            probe.bind(("127.0.0.1", 0))
        return Ports(one.getsockname()[1], two.getsockname()[1], three.getsockname()[1])


class Server(ABC):
    """One server program with a folder of its own; it can be started again after it was stopped."""

    name: ClassVar[str]
    has_ssh: ClassVar[bool] = False
    """Whether it can be entered by SSH."""
    has_flood_control: ClassVar[bool] = False
    """Whether it can be measured with its flood control on."""
    at_once: ClassVar[int] = 512
    """How many clients may be on their way in at the same time while a crowd is gathered."""

    def __init__(self, folder: Path, certificate: Certificate, cpus: frozenset[int]) -> None:
        """Prepare a server that keeps its files in `folder` and runs on `cpus` only."""
        self.folder = folder
        # Where it has one, the SSH door is opened for the scenario that is about it.
        self.opens_ssh = False
        # So is its flood control turned on.
        self.controls_flood = False
        self.certificate = certificate
        self.address = free_address()
        self._cpus = cpus
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @classmethod
    @abstractmethod
    def version(cls) -> str | None:
        """Return what the program says it is, or None where it is not installed."""

    @abstractmethod
    def configure(self) -> None:
        """Write the configuration into the folder."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Return the command that runs the server in the foreground."""

    def environment(self) -> dict[str, str]:
        """Return the environment of the server."""
        return dict(os.environ)

    @property
    def pid(self) -> int:
        """Return the process id of the running server."""
        if self._process is None:
            raise ServerFailed(f"{self.name} is not running")
        return self._process.pid

    def start(self) -> None:
        """Start the server and return when its doors accept. Raises ServerFailed."""
        self.launch()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Return when its doors accept. Raises ServerFailed."""
        deadline = time.monotonic() + READY_SECONDS
        ssh = [self.address.ssh] if self.opens_ssh else []
        for port in (self.address.plain, self.address.tls, *ssh):
            while not _accepts(port):
                self.check()
                if time.monotonic() > deadline:
                    self.kill()
                    raise ServerFailed(
                        f"not ready after {READY_SECONDS:.0f} s; {self._last_line()}"
                    )
                time.sleep(0.005)

    def launch(self) -> None:
        """Start the server and return at once."""
        self.configure()
        here = os.sched_getaffinity(0)
        # Inherited by the server and by every thread and child that it starts.
        os.sched_setaffinity(0, self._cpus)
        try:
            with (self.folder / "output.txt").open("wb") as output:
                self._process = subprocess.Popen(
                    list(self.command()),
                    cwd=self.folder,
                    env=self.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
        finally:
            os.sched_setaffinity(0, here)

    def check(self) -> None:
        """Raise ServerFailed, with the last thing it said, if the server has ended."""
        if self._process is None:
            raise ServerFailed(f"{self.name} is not running")
        code = self._process.poll()
        if code is not None:
            raise ServerFailed(f"ended with {code}: {self._last_line()}")

    def cpu_seconds(self) -> float:
        """Return the CPU time that the server has used until now."""
        return process.cpu_seconds(self.pid)

    def settled_cpu(self) -> float:
        """Wait until the server is at rest and return the CPU time that it has used until then."""
        before = self.cpu_seconds()
        for _ in range(_SETTLE_TRIES):
            time.sleep(_SETTLE_SECONDS)
            after = self.cpu_seconds()
            if after - before < _SETTLE_SECONDS * _AT_REST:
                return after
            before = after
        raise ServerFailed("it does not come to rest")

    def memory(self) -> int:
        """Return the proportional set size of the server, in bytes."""
        return process.proportional_kib(self.pid) * 1024

    def kill(self) -> None:
        """End the server with SIGKILL, as a crash would; what it kept stays in its folder."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _last_line(self) -> str:
        lines = (self.folder / "output.txt").read_text(errors="replace").strip().splitlines()
        return lines[-1].strip()[:160] if lines else "it said nothing"


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
