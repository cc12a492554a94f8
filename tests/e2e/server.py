"""A real server process, for tests that go through its doors."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

READY_SECONDS = 20.0


class Server:
    """Run `hubbub serve` on free ports of the loopback; `settings` are HUBBUB_... variables.

    `prepare` is called in the new process before the server starts.
    """

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self.settings = {
            "HUBBUB_DOORS__TLS": '["127.0.0.1:0"]',
            "HUBBUB_DOORS__PLAIN": '["127.0.0.1:0"]',
            "HUBBUB_DOORS__SSH": "[]",
            "HUBBUB_LIMITS__FLOOD": "false",
            **settings,
        }
        self.arguments: tuple[str, ...] = ()
        self.banner = ""
        self.ports: dict[str, int] = {}
        self.prepare: Callable[[], None] | None = None
        self.log = directory.parent / f"{directory.name}.log"
        self._read_to = 0
        self._process: subprocess.Popen[str]

    def start(self) -> None:
        """Start, and wait until it says that it is ready."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HUBBUB_")}
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "hubbub", "serve", "--data", str(self.directory)),
                    *self.arguments,
                ],
                env={**environment, **self.settings},
                cwd=self.directory.parent,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                preexec_fn=self.prepare,
            )
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if line.strip() == "ready":
                break
        self.banner = "".join(lines)
        assert "ready" in self.banner, f"{self.banner}\n{self.log.read_text()}"
        for kind, port in re.findall(r"^ +(\w+) +127\.0\.0\.1:(\d+)$", self.banner, re.M):
            self.ports[kind] = int(port)

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._process.kill()
        self._process.wait()
        self._close()

    def stop(self, number: int = signal.SIGTERM, seconds: float = 20.0) -> int:
        """End it in good order and return its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        code = self._process.wait(seconds)
        self._close()
        return code

    def ended(self, seconds: float = 20.0) -> int:
        """Wait until it ends by itself, and return its exit code."""
        code = self._process.wait(seconds)
        self._close()
        return code

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def logged(self, event: str, seconds: float = 20.0) -> None:
        """Wait until its log tells of an event that it has not told of before this was called."""
        deadline = time.monotonic() + seconds
        while event not in (log := self.log.read_text())[self._read_to :]:
            assert time.monotonic() < deadline, log
            time.sleep(0.01)
        self._read_to = len(log)

    def _close(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.close()

    def resident_bytes(self) -> int:
        """Return how much memory it holds."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found.group(1)) * 1024

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self.stop()
        log = self.log.read_text()
        assert "Traceback" not in log, log
