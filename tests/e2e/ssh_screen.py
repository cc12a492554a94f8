"""`ssh` in a pseudo-terminal, and what a person would see of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pexpect
import pyte

from tests.e2e import ssh
from tests.terminal.screen import SECONDS, Screen


class SSHScreen(Screen):
    """Run `ssh USER@127.0.0.1` on a terminal of its own."""

    def __init__(
        self,
        port: int,
        *arguments: str,
        user: str = "guest",
        key: Path | None = None,
        columns: int = 80,
        rows: int = 24,
        term: str = "xterm-256color",
    ) -> None:
        self._screen = pyte.HistoryScreen(columns, rows, history=2000)
        self._stream = pyte.Stream(self._screen)
        self.raw = ""
        command, *rest = ssh.command(port, *arguments, user=user, key=key)
        self.process: Any = pexpect.spawn(
            command,
            rest,
            env={**os.environ, "TERM": term},
            dimensions=(rows, columns),
            encoding="utf-8",
            codec_errors="replace",
            timeout=SECONDS,
        )

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of the terminal."""
        self._screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)
