"""How long the disk takes to promise that something is kept."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

PAGE: int = 4096


@dataclass(frozen=True, slots=True)
class SyncTime:
    """The time of one fdatasync after appending a page, in seconds."""

    median: float
    p99: float
    filesystem: str


def measure_sync(folder: Path, times: int = 200) -> SyncTime:
    """Append a page to a file in `folder` and fdatasync it, `times` times."""
    path = folder / "fdatasync.probe"
    taken: list[float] = []
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(times):
            os.write(descriptor, b"\0" * PAGE)
            start = time.perf_counter()
            os.fdatasync(descriptor)
            taken.append(time.perf_counter() - start)
    finally:
        os.close(descriptor)
        path.unlink()
    taken.sort()
    return SyncTime(statistics.median(taken), taken[int(len(taken) * 0.99)], filesystem(folder))


def filesystem(folder: Path) -> str:
    """Return the type of the file system that holds `folder`, as in /proc/mounts."""
    best = ("", "unknown")
    resolved = str(folder.resolve())
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, kind, *_ = line.split()
        prefix = mount.rstrip("/") + "/"
        if (resolved + "/").startswith(prefix) and len(mount) >= len(best[0]):
            best = (mount, kind)
    return best[1]
