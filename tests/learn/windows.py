"""Act out the windows of a page: type its commands into a shell, and wait for what it says comes.

A window is a ```console block: `$ command` is typed into a shell, `> text` into the program that
runs there, `^C` is that key; all other lines are what the window shows. `...` is any text of a
line, or any lines where it stands alone. A block may begin with `# name`: those with the same name
are one window.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte
import pytest

SECONDS = 30.0
ROWS, COLUMNS = 1000, 700
ACTION = re.compile(r"[$>] |\^C$")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


class Window:
    """One terminal, and how far of what it shows has been seen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._seen = 0
        self._program: pexpect.spawn[bytes] | None = None

    def run(self, command: str) -> None:
        """Start a command; what ran here before it has to have ended, or is ended now."""
        self.close()
        self._screen.reset()
        self._seen = 0
        # COLUMNS, where somebody has set it, is of another terminal than this one.
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("HUBBUB_") and name not in ("COLUMNS", "LINES")
        }
        self._program = pexpect.spawn(
            "bash",
            ["-c", command],
            cwd=str(self._folder),
            env={**environment, "LC_ALL": "C.UTF-8"},
            dimensions=(ROWS, COLUMNS),
            echo=False,
        )

    def press(self, keys: str) -> None:
        """Type into what runs here."""
        assert self._program is not None
        self._program.send(keys)

    def expect(self, lines: list[str]) -> None:
        """Wait until these lines are shown, below what was seen before."""
        if not lines:
            return
        pattern = re.compile(r"(?:^|(?<=\n))" + "".join(map(_pattern, lines)))
        deadline = time.monotonic() + SECONDS
        while not (found := pattern.search(self._shown(), self._seen)):
            assert time.monotonic() < deadline, f"{lines} is not in\n{self._shown()[self._seen :]}"
            self._read()
        self._seen = found.end()

    def _shown(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip() + "\n"

    def _read(self) -> None:
        assert self._program is not None
        try:
            self._stream.feed(self._program.read_nonblocking(65536, timeout=0.2))
        except pexpect.TIMEOUT:
            pass
        except pexpect.EOF:
            pytest.fail(f"it ended, and showed only\n{self._shown()[self._seen :]}")

    def close(self) -> None:
        """End what runs here."""
        if self._program is not None:
            self._program.close(force=True)
            self._program = None


def _pattern(line: str) -> str:
    if line == "...":
        return r"(?:.*\n)*?"
    return ".*?".join(map(re.escape, line.split("..."))) + r"\n"


class Windows:
    """The windows of one page, by name; `instead` has what stands for words of the page here."""

    def __init__(self, folder: Path, instead: Mapping[str, str]) -> None:
        self._folder = folder
        self._instead = instead
        self._windows: dict[str, Window] = {}

    def act_out(self, page: str) -> int:
        """Do what the page says, block by block, and return how many commands that were."""
        commands = 0
        for block in BLOCK.findall(page):
            name, lines = "", block.splitlines()
            if lines[0].startswith("# "):
                name = lines.pop(0)
            window = self._windows.setdefault(name, Window(self._folder))
            commands += sum(line.startswith("$ ") for line in lines)
            self._act(window, [self._here(line) for line in lines])
        return commands

    def _act(self, window: Window, lines: list[str]) -> None:
        shown: list[str] = []
        for line in lines:
            if not ACTION.match(line):
                shown.append(line)
                continue
            window.expect(shown)
            shown = []
            if line.startswith("$ "):
                window.run(line[2:])
            else:
                window.press("\x03" if line == "^C" else line[2:] + "\r")
        window.expect(shown)

    def _here(self, line: str) -> str:
        for what, other in self._instead.items():
            line = line.replace(what, other)
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for window in self._windows.values():
            window.close()
