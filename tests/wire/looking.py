"""Look at a line as `hubbub wire` does, in this process, and read what it showed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

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
