"""Look at a line as `hubbub wire` does, in this process, and read what it showed."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import pytest

from hubbub.wire.command import WireOptions, main

Thing = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold what was shown, as objects, and how it ended."""

    code: int
    error: str
    things: list[Thing] = field(default_factory=list)

    def named(self, what: str, way: str | None = None) -> list[Thing]:
        """Return what has a name, or begins with it, and went one way."""
        return [
            thing
            for thing in self.things
            if str(thing["what"]).startswith(what) and way in (None, thing["way"])
        ]

    def one(self, what: str, way: str | None = None) -> Thing:
        """Return the only thing of a name."""
        [found] = self.named(what, way)
        return found


def look(capsys: pytest.CaptureFixture[str], address: str, **options: Any) -> Shown:
    """Look at an address until that ends."""
    capsys.readouterr()
    code = main(WireOptions(address, json=True, **options))
    out, error = capsys.readouterr()
    return Shown(code, error, [json.loads(line) for line in out.splitlines()])


def run(*arguments: str, typed: bytes = b"", seconds: float = 30.0) -> tuple[int, str, str]:
    """Run the real program; return its exit code and what it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", "hubbub", "wire", *arguments],
        input=typed,
        capture_output=True,
        timeout=seconds,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@contextmanager
def peer(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Listen on a port, and do with each connection what is to be done; then it is closed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

        def handle(connection: socket.socket) -> None:
            with connection:
                try:
                    serve(connection)
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        # Wakes who waits in accept, which closing alone does not.
        listener.shutdown(socket.SHUT_RDWR)


def until_closed(connection: socket.socket) -> None:
    """Say nothing, and wait until the other side has gone."""
    while connection.recv(65536):
        pass


class Proxy:
    """Run `hubbub wire ADDRESS --proxy` as a process, and read along."""

    def __init__(self, address: str, *options: str) -> None:
        """Start it, and wait until it says where it listens."""
        command = [sys.executable, "-m", "hubbub", "wire", address, "--proxy", "0", "--json"]
        self._process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._things: queue.SimpleQueue[Thing | None] = queue.SimpleQueue()
        # What nobody read would fill the pipe, and whoever writes into it would wait for that.
        threading.Thread(target=self._read, daemon=True).start()
        self.shown: list[Thing] = []
        self.port = int(self.until("listening on")["what"].split()[2].rpartition(":")[2])

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._things.put(json.loads(line))
        self._things.put(None)

    def until(self, what: str) -> Thing:
        """Read until something of this name is shown."""
        while (thing := self._things.get(timeout=30)) is not None:
            self.shown.append(thing)
            if str(thing["what"]).startswith(what):
                return thing
        raise AssertionError(f"{what} was not shown")

    def end(self) -> Shown:
        """Interrupt it, as Ctrl-C does, and return all that it showed."""
        self._process.send_signal(signal.SIGINT)
        while (thing := self._things.get(timeout=30)) is not None:
            self.shown.append(thing)
        assert self._process.stderr is not None
        return Shown(self._process.wait(20), self._process.stderr.read(), self.shown)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
