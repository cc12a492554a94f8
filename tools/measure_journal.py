"""Measure the journal alone: records a second at most, and commit latency at a fixed rate.

Both while the event loop is kept busy, as a server's is; an fdatasync of one page on the same disk
stands beside them. Run: python -m tools.measure_journal [DIRECTORY]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from hubbub.bench.disk import measure_sync
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Draft, Entry
from hubbub.core.records.messages import Said
from hubbub.journal.port import JournalError
from hubbub.journal.sqlite.journal import SQLiteJournal

SECONDS = 4.0
ROOMS = 50
WINDOW = 8_192
RATE = 10_000
TICK = 0.0002


def draft(number: int) -> Draft:
    """Return a message of the usual length to one of the rooms."""
    room = f"#room{number % ROOMS}"
    source = f"nick{number % 500}!user@a1b2c3d4e5.cloak"
    record = Said(
        Origin(SessionId(1, 1, number % 500), number), source, "", "PRIVMSG", room, None, (room,)
    )
    return Draft(record, Body(f"this is message number {number}, of about the usual length"))


class Meter:
    """Count what comes back, and how long each took."""

    def __init__(self, journal: SQLiteJournal) -> None:
        """Start the journal with this meter's callbacks."""
        self.taken: deque[float] = deque()
        self.latencies: list[float] = []
        self.back = asyncio.Event()
        self._before = written()
        journal.start(self.committed, self.failed)

    def committed(self, entries: Sequence[Entry]) -> None:
        """Note the times of a batch."""
        now = time.perf_counter()
        take = self.taken.popleft
        self.latencies += [now - take() for _ in entries]
        self.back.set()

    def written(self) -> str:
        """Tell what was written to files for each record, and how long its CPU time was."""
        octets, seconds = (now - then for now, then in zip(written(), self._before, strict=True))
        records = len(self.latencies)
        return f"{octets / records:,.0f} bytes and {seconds / records * 1e6:.1f} us each"

    def failed(self, drafts: Sequence[Draft], error: JournalError) -> None:
        """Give up."""
        raise error


def written() -> tuple[float, float]:
    """Return how many bytes this process has written, and its CPU seconds."""
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return float(lines["wchar"]), time.process_time()


async def at_most(path: Path, busy: bool) -> str:
    """Keep a window of records in flight; if `busy`, the loop computes whenever it has nothing."""
    journal = SQLiteJournal(path)
    meter = Meter(journal)
    drafts = [draft(number) for number in range(WINDOW)]
    end = time.perf_counter() + SECONDS
    number = 0
    while (now := time.perf_counter()) < end:
        while journal.waiting < WINDOW:
            meter.taken.append(now)
            journal.append(drafts[number % WINDOW])
            number += 1
        if busy:
            sum(range(2_000))
            await asyncio.sleep(0)
        else:
            meter.back.clear()
            await meter.back.wait()
    rate = len(meter.latencies) / SECONDS
    await journal.stop()
    which = "busy" if busy else "idle"
    return f"at most, loop {which}: {rate:,.0f} records/s, {meter.written()}"


async def at_rate(path: Path, work: float) -> str:
    """Append at the fixed rate; `work` is the share of each tick that the loop computes."""
    journal = SQLiteJournal(path)
    meter = Meter(journal)
    start = time.perf_counter()
    number = 0
    while (now := time.perf_counter()) < start + SECONDS:
        while number < (now - start) * RATE:
            meter.taken.append(now)
            journal.append(draft(number))
            number += 1
        until = now + work * TICK
        while time.perf_counter() < until:
            pass
        await asyncio.sleep(TICK * (1 - work))
    await journal.stop()
    lasted = sorted(meter.latencies)
    p50, p99 = (lasted[int(len(lasted) * share)] * 1000 for share in (0.5, 0.99))
    return (
        f"{RATE:,} records/s, loop {work:.0%} busy: p50 {p50:.2f} ms, p99 {p99:.2f} ms, "
        f"max {lasted[-1] * 1000:.1f} ms, {meter.written()}"
    )


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=None)
    parser.add_argument("--switch-interval", type=float, default=sys.getswitchinterval())
    options = parser.parse_args()
    sys.setswitchinterval(options.switch_interval)
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        folder = Path(name)
        lines = [
            asyncio.run(at_most(folder / "idle.sqlite", False)),
            asyncio.run(at_most(folder / "busy.sqlite", True)),
            asyncio.run(at_rate(folder / "rate.sqlite", 0.0)),
            asyncio.run(at_rate(folder / "half.sqlite", 0.7)),
        ]
        sync = measure_sync(folder)
        lines.append(f"fdatasync: p50 {sync.median * 1000:.2f} ms, p99 {sync.p99 * 1000:.2f} ms")
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
