"""A terminal that is tmux: unlike pyte it breaks rows anew when it becomes narrower."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

SECONDS = 20.0

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")


class Tmux:
    """Run a command on a terminal of its own."""

    def __init__(
        self,
        folder: Path,
        *command: str,
        columns: int = 80,
        rows: int = 24,
        variables: dict[str, str] | None = None,
    ) -> None:
        # A socket's path may not be long.
        self._socket = folder / "tmux"
        environment = [f"{name}={value}" for name, value in (variables or {}).items()]
        shown = shlex.join(["env", *environment, *command])
        size = ("-x", str(columns), "-y", str(rows))
        self._run("-f", "/dev/null", "new-session", "-d", *size, f"{shown}; sleep 60")
        self._run("set", "-g", "status", "off")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._run("kill-server")

    def type(self, text: str) -> None:
        """Press keys."""
        self._run("send-keys", "-l", text)

    def enter(self, text: str) -> None:
        """Type a line and press Enter."""
        self.type(text)
        self._run("send-keys", "Enter")

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size."""
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def lines(self) -> list[str]:
        """Return the rows of the screen that are not empty, without blanks at their ends."""
        shown = self._run("capture-pane", "-p")
        return [row.rstrip() for row in shown.split("\n") if row.strip()]

    @property
    def cursor(self) -> tuple[int, int]:
        """Return the cursor's row and column."""
        row, column = self._run("display", "-p", "#{cursor_y} #{cursor_x}").split()
        return int(row), int(column)

    def wait_until(self, condition: Callable[[list[str]], bool]) -> list[str]:
        """Wait until the screen is as it should be; return its rows."""
        deadline = time.monotonic() + SECONDS
        while not condition(lines := self.lines):
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(lines))
        return lines

    def wait_for(self, *rows: str) -> None:
        """Wait until the screen shows exactly these rows."""
        self.wait_until(lambda lines: tuple(lines) == rows)

    def _run(self, *arguments: str) -> str:
        command = ["tmux", "-u", "-S", str(self._socket), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
