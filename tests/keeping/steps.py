"""What is done to files, step by step: a process that is killed at one, a disk that is full then.

A step is what opens, makes, moves or removes a file, and each write of SQLite.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

KILLED: Final = 9
_EVENTS: Final = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.chown"}
)
_NEED_NO_ROOM: Final = frozenset({"os.remove", "os.rmdir", "os.rename"})
_WRITES: Final = os.O_WRONLY | os.O_RDWR


class _Steps:
    """Count steps below a directory, and do at one of them what the test says."""

    def __init__(self) -> None:
        self.directory = ""
        self.left = 0
        self.meet: Callable[[], None] | None = None
        self.kinds = _EVENTS

    def step(self) -> None:
        """Come to the next step."""
        if self.meet is None:
            return
        self.left -= 1
        if self.left == 0:
            self.meet()

    def heard(self, event: str, arguments: tuple[object, ...]) -> None:
        """Take an event of the interpreter's for a step, where it is one."""
        if self.meet is None or event not in self.kinds:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITES):
            return
        if str(arguments[0]).startswith(self.directory):
            self.step()


_steps = _Steps()
sys.addaudithook(_steps.heard)


class _Disk(apsw.VFS):
    def __init__(self) -> None:
        self.base = apsw.vfs_names()[0]
        super().__init__("stepping", self.base, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self.base, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, base: str, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._is_met = _steps.directory in str(
            name.filename() if isinstance(name, apsw.URIFilename) else name
        )
        super().__init__(base, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._is_met:
            try:
                _steps.step()
            except OSError:
                raise apsw.FullError("the disk is full") from None
        super().xWrite(data, offset)


@contextmanager
def _at(
    step: int, directory: Path, meet: Callable[[], None], kinds: frozenset[str] = _EVENTS
) -> Iterator[None]:
    usual, disk = apsw.vfs_names()[0], _Disk()
    _steps.directory, _steps.left, _steps.meet = str(directory), step, meet
    _steps.kinds = kinds
    try:
        yield
    finally:
        _steps.meet = None
        disk.unregister()
        apsw.set_default_vfs(usual)


def killed_at(step: int, directory: Path, act: Callable[[], object]) -> bool:
    """Have a process of its own do something, killed at a step; False where it ended before."""
    child = os.fork()
    if not child:
        code = 1
        try:
            with _at(step, directory, lambda: os._exit(KILLED)):
                act()
            code = 0
        except BaseException:
            # pytest shows it as what was written meanwhile.
            traceback.print_exc()
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), f"it failed before step {step}"
    return code == KILLED


def full_at(step: int, directory: Path, act: Callable[[], object]) -> bool:
    """Do something on a disk that is full from a step on; False where it ended before."""
    met = False

    def meet() -> None:
        nonlocal met
        met = True
        # And it stays full: what asks for room again finds none.
        _steps.left = 1
        raise OSError(errno.ENOSPC, "No space left on device")

    with _at(step, directory, meet, _EVENTS - _NEED_NO_ROOM):
        act()
    return met
