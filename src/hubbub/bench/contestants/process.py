"""What a running process costs: its CPU time and its memory, with its children."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from hubbub.bench.errors import ProcessGone

PROC: Final = Path("/proc")
_CLOCK_TICKS: Final = os.sysconf("SC_CLK_TCK")
_CPUCLOCK_SCHED: Final = 2


def family(pid: int) -> Iterator[int]:
    """Yield a process and all that it and its threads have started and that still live."""
    yield pid
    for task in _tasks(pid):
        with suppress(OSError):
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process, of all its threads and of its children, in seconds.

    The kernel's own clock of a process is read (nanoseconds; ended threads are in it), and the
    reaped children's share from /proc/PID/stat (clock ticks). Raises ProcessGone.
    """
    return sum(_own_cpu(member) + _reaped_cpu(member) for member in family(pid))


def proportional_kib(pid: int) -> int:
    """Return the proportional set size of a process and its children, in KiB.

    Unlike the resident size it does not count pages shared between them twice.
    """
    total = 0
    for member in family(pid):
        for line in _read(member, "smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
                break
    return total


def _tasks(pid: int) -> list[Path]:
    with suppress(OSError):
        return list((PROC / str(pid) / "task").iterdir())
    return []


def _own_cpu(pid: int) -> float:
    # The clock id of another process is made from its pid; see clock_getcpuclockid(3).
    try:
        return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)
    except OSError as error:
        raise ProcessGone(f"process {pid} has ended") from error


def _reaped_cpu(pid: int) -> float:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / _CLOCK_TICKS


def _read(pid: int, name: str) -> str:
    try:
        return (PROC / str(pid) / name).read_text()
    except OSError as error:
        raise ProcessGone(f"process {pid} has ended") from error


class MachineLoad:
    """How busy the machine is with things that are not this process or its children."""

    def __init__(self) -> None:
        """Begin to look."""
        self._busy, self._total = _machine_ticks()
        self._own = _own_seconds()

    def others_share(self) -> float:
        """Return the share of all CPU time since then that others have used.

        Children count when they have ended and were waited for.
        """
        busy, total = _machine_ticks()
        own = (_own_seconds() - self._own) * _CLOCK_TICKS
        return max(0.0, busy - self._busy - own) / max(1, total - self._total)


def _machine_ticks() -> tuple[int, int]:
    """Return the busy and all clock ticks of all CPUs since the machine was started."""
    fields = [int(field) for field in (PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    idle, waiting = fields[3:5]
    return sum(fields) - idle - waiting, sum(fields)


def _own_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
