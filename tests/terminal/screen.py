"""A client in a pseudo-terminal, and what a person would see of it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pexpect
import pyte

SECONDS = 20.0
# A private mode, as pyte keeps it.
_BRACKETED_PASTE = 2004 << 5


class Screen:
    """Run `hubbub chat` with arguments on a terminal of its own."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        variables: dict[str, str] | None = None,
    ) -> None:
        self._screen = pyte.HistoryScreen(columns, rows, history=2000)
        self._stream = pyte.Stream(self._screen)
        self.raw = ""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("HUBBUB_")
        }
        self.process: Any = pexpect.spawn(
            sys.executable,
            ["-m", "hubbub", "chat", *arguments],
            env={**environment, **profile(home), "TERM": "xterm-256color", **(variables or {})},
            dimensions=(rows, columns),
            encoding="utf-8",
            timeout=SECONDS,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close(force=True)

    def type(self, text: str) -> None:
        """Press keys."""
        self.process.send(text)

    def enter(self, text: str) -> None:
        """Type a line and press Enter."""
        self.type(f"{text}\r")

    def paste(self, text: str) -> None:
        """Paste as a terminal does: in brackets only where it was asked for them."""
        asked = _BRACKETED_PASTE in self._screen.mode
        self.type(f"\x1b[200~{text}\x1b[201~" if asked else text)

    @property
    def scrollback(self) -> list[str]:
        """Return the rows that have left the screen at its top."""
        rows = self._screen.history.top
        return ["".join(row[at].data for at in range(self._screen.columns)) for row in rows]

    @property
    def lines(self) -> list[str]:
        """Return the rows of the screen that are not empty, without blanks at their ends."""
        return [row.rstrip() for row in self._screen.display if row.strip()]

    @property
    def text(self) -> str:
        """Return the screen as text."""
        return "\n".join(self.lines)

    def wait_for(self, *texts: str, end: str = "") -> str:
        """Wait until the screen holds all these texts and ends with `end`; return it."""
        deadline = time.monotonic() + SECONDS
        while not (all(text in self.text for text in texts) and self.text.endswith(end)):
            if not self._read(deadline):
                raise AssertionError(f"not seen: {texts} {end}\n{self.text}")
        return self.text

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until what the screen shows fulfils a condition."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            if not self._read(deadline):
                raise AssertionError(f"not seen:\n{self.text}")

    def wait_for_end(self) -> int:
        """Wait until the client has ended, and return its exit code."""
        deadline = time.monotonic() + SECONDS
        while self._read(deadline):
            pass
        code: int = self.process.wait()
        return code

    def read(self) -> None:
        """Take some more of what is shown."""
        assert self._read(time.monotonic() + SECONDS), self.text

    def _read(self, deadline: float) -> bool:
        try:
            data = self.process.read_nonblocking(65536, max(0.0, deadline - time.monotonic()))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += data
        self._stream.feed(data)
        return True


def profile(home: Path) -> dict[str, str]:
    """Return the variables that put a profile into a directory."""
    return {"XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}
