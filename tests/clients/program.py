"""A chat program that nobody here wrote, as a process with a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, NoReturn

import pytest

SCRIPTS: Final = Path(__file__).parent / "scripts"
VENV: Final = Path(__file__).parents[2] / ".venv-clients"
"""Where `make test-clients` installs what comes from Python's package index."""
PATIENCE: Final = 60.0
"""Seconds that programs are given to connect again: some wait for ten before they try."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Say where the server is, and how to tell that it is the right one."""

    tls: int
    plain: int
    fingerprint: str
    """SHA-256 of the certificate, in lower-case hexadecimal digits."""


def passed_over(why: str) -> NoReturn:
    """Skip a test for which something is not installed; fail where HUBBUB_CLIENTS=all."""
    if os.environ.get("HUBBUB_CLIENTS") == "all":
        pytest.fail(why)
    pytest.skip(why)


def wait_for(condition: Callable[[], bool], told: Callable[[], str]) -> None:
    """Look again and again, for another program tells of nothing by itself."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)


class Program(ABC):
    """Run a program as `bob`, with the password `bobs-password`, in #lobby."""

    needs: ClassVar[str] = ""
    """The name of the program on the PATH."""
    hint: ClassVar[str] = "make test-clients installs it"

    def __init__(self, folder: Path, doors: Doors) -> None:
        self.folder, self.doors = folder, doors
        folder.mkdir(exist_ok=True)
        self.log = folder / "output"
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def path(cls) -> str:
        """Return where the program is; skip the test where it is nowhere."""
        found = shutil.which(cls.needs, path=f"{VENV / 'bin'}:{os.environ['PATH']}:/usr/games")
        if found is None:
            passed_over(f"{cls.needs} is not installed ({cls.hint})")
        return found

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line; write what the program reads first."""

    def environment(self) -> Mapping[str, str]:
        """Return the variables that differ from ours."""
        return {"HOME": str(self.folder)}

    def start(self) -> None:
        """Run it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env={**os.environ, **self.environment()},
                stdin=subprocess.PIPE,  # at the end of which some end
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End it, and all that it has started."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                os.killpg(self._process.pid, 15)
                self._process.wait(10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                self._process.kill()
                self._process.wait()
            self._process = None

    def forget(self) -> None:
        """Take away what is in no folder of the test's."""
        return

    def shown(self) -> str:
        """Return what it has shown of #lobby and of direct messages, over all its runs."""
        return self.log.read_text("utf-8", "replace")

    def told(self) -> str:
        """Return what there is to say where a test has failed."""
        return (
            f"{type(self).__name__} shows:\n{self.shown()}\n{self.log.read_text(errors='replace')}"
        )

    def hears(self, text: str) -> None:
        """Wait until it has shown a text."""
        wait_for(lambda: text in self.shown(), self.told)

    def copied(self, name: str, to: str, more: Mapping[str, str] = MappingProxyType({})) -> Path:
        """Put a script of ours, with the ports in it, where it is looked for; return where."""
        target = self.folder / to
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (SCRIPTS / name).read_text()
        words = {
            "@PLAIN@": str(self.doors.plain),
            "@TLS@": str(self.doors.tls),
            "@FOLDER@": str(self.folder),
            **more,
        }
        for word, value in words.items():
            text = text.replace(word, value)
        target.write_text(text)
        return target

    def say(self, text: str) -> None:
        """Type a line into #lobby; a bot does not."""
        raise NotImplementedError


class Unprivileged(Program):
    """A program that refuses to run as root, which is all that there is in many a container."""

    def __init__(self, folder: Path, doors: Doors) -> None:
        # It runs as somebody else, who may not look into our folders.
        super().__init__(Path(tempfile.mkdtemp(prefix="hubbub-")), doors)

    def as_nobody(self, command: list[str]) -> list[str]:
        """Return a command line that runs a command as nobody, in a folder that is nobody's."""
        if os.getuid() != 0:
            return command
        for path in (self.folder, *self.folder.rglob("*")):
            shutil.chown(path, "nobody")
        return ["setpriv", "--reuid=nobody", "--clear-groups", *command]

    def forget(self) -> None:
        """Take its folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)
