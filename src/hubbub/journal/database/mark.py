"""The mark beside the journal: how far it had come, so that a start sees what is missing.

SQLite ends its write-ahead log at the first frame that is damaged, and says nothing of those after
it; a file that is gone it makes anew. So the last durable place stands in a file of its own too. It
is written after each commit and before anybody is told of it (a page of the system's cache: a
killed process leaves it right), and is made durable some seconds later: after a loss of power it
may lag so much behind, and what is missing since then is not noticed.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

SUFFIX: Final = "-mark"
SYNC_SECONDS: Final = 5.0
"""How long a mark may not be durable."""

_SIZE: Final = 512
_MODE: Final = 0o600
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Mark:
    """Say how far the journal `id` had come: seq and time of its last durable record.

    `clean` is set by a stop; `boot` names the run of the machine.
    """

    id: str
    seq: int
    time: int
    clean: bool = False
    boot: str = ""


def boot_id() -> str:
    """Return what names this run of the machine, "" where nothing does."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def read(path: Path) -> Mark | None:
    """Return the mark beside the journal at `path`, None where there is none that is whole."""
    try:
        text, _, sum = (path.with_name(path.name + SUFFIX)).read_bytes().partition(b"\n")
        if zlib.crc32(text) != int(sum.split(b"\n")[0], 16):
            return None
        return Mark(**json.loads(text))
    except (OSError, ValueError, TypeError):
        return None


def day(time: int) -> str:
    """Return a time (microseconds since 1970) as an operator reads it, in UTC."""
    try:
        return datetime.fromtimestamp(time / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError):
        return f"{time} us"


class MarkFile:
    """Write the mark of an open journal; used by one thread at a time."""

    def __init__(self, path: Path, id: str) -> None:
        """Open or make the mark of the journal at `path`. Raise OSError."""
        self.path = path.with_name(path.name + SUFFIX)
        # All but the numbers, made once: a mark is written with every commit.
        head, rest = json.dumps(asdict(Mark(id, 0, 0, False, boot_id()))).split('"seq": 0', 1)
        self._head, self._rest = head, rest.removeprefix(', "time": 0, "clean": false')
        self._file = self._open()
        self.is_synced = True

    def write(self, seq: int, time: int, clean: bool = False) -> None:
        """Mark a place. Its room is there already, so a full disk does not matter."""
        said = "true" if clean else "false"
        numbers = f'"seq": {seq}, "time": {time}, "clean": {said}'
        text = f"{self._head}{numbers}{self._rest}".encode()
        line = b"%s\n%08x\n" % (text, zlib.crc32(text))
        os.pwrite(self._file, line.ljust(_SIZE), 0)
        self.is_synced = False

    def sync(self) -> None:
        """Make it durable."""
        if not self.is_synced:
            os.fdatasync(self._file)
            self.is_synced = True

    def mend(self) -> bool:
        """Make it anew where somebody has removed it; say whether that was so."""
        try:
            here = os.stat(self.path)
        except FileNotFoundError:
            pass
        else:
            held = os.fstat(self._file)
            if (here.st_dev, here.st_ino) == (held.st_dev, held.st_ino):
                return False
        content = os.pread(self._file, _SIZE, 0)
        os.close(self._file)
        self._file = self._open()
        os.pwrite(self._file, content, 0)
        self.is_synced = False
        return True

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _open(self) -> int:
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        if os.fstat(file).st_size < _SIZE:
            # Room for all that will ever be written, while there may be some.
            os.posix_fallocate(file, 0, _SIZE)
        return file
