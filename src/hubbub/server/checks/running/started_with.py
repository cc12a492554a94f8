"""What a running server was started with, so that it is judged by its own settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class StartedWith:
    """Hold the environment, the directory and the words by which a server finds its settings."""

    environ: Mapping[str, str]
    cwd: Path
    arguments: tuple[str, ...] = ()

    @classmethod
    def own(cls) -> StartedWith:
        """Return those of this process."""
        return cls(os.environ, Path.cwd())

    @classmethod
    def of(cls, process: str) -> StartedWith | None:
        """Return those of a server, None where this user may not see them (proc(5))."""
        place = _PROC / process
        try:
            arguments = tuple(_texts(place / "cmdline"))
            environ = dict(each.split("=", 1) for each in _texts(place / "environ") if "=" in each)
            found = cls(environ, (place / "cwd").readlink(), arguments)
        except OSError:
            return None
        # The number may be that of a process in a container, and stand for another one here.
        return found if "serve" in arguments else None

    def argument(self, name: str) -> Path | None:
        """Return the path that an option of the command line names, None where it names none."""
        for at, each in enumerate(self.arguments):
            if each == name and at + 1 < len(self.arguments):
                return self.cwd / self.arguments[at + 1]
            if each.startswith(f"{name}="):
                return self.cwd / each.partition("=")[2]
        return None


def _texts(path: Path) -> list[str]:
    return [os.fsdecode(each) for each in path.read_bytes().split(b"\0") if each]
