"""Measure three nodes that are one server beside one node: delays, CPU, and how much at most.

Twelve people in one channel, spread over the nodes; all of it on this machine, by turns. Run:
python -m tools.measure_cluster [--seconds N] [--rate N] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from tests.cluster.members import make_members, nats_pid
from tests.e2e.server import Server

PEOPLE: Final = 12
IN_FLIGHT: Final = 20
"""How many lines of one person are on their way at most, where as many as go are said."""
_TICK: Final = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Measured:
    """What one load came to: messages, seconds, delays in ms, and CPU in µs a message by part."""

    messages: int = 0
    seconds: float = 0.0
    delays: list[float] = field(default_factory=list)
    nodes: float = 0.0
    servers: float = 0.0

    @property
    def rate(self) -> float:
        """Return messages a second."""
        return self.messages / self.seconds

    def delay(self, part: float) -> float:
        """Return what so large a part of all deliveries took at most, in milliseconds."""
        ranked = sorted(self.delays)
        return ranked[min(len(ranked) - 1, int(len(ranked) * part))]


class Person:
    """One connection in the channel, which says lines and notes when others' reach it."""

    def __init__(self, name: str, port: int) -> None:
        self.name, self._port = name, port
        self.delays: list[float] = []
        self.heard = self.own = 0
        self._came = asyncio.Event()

    async def come(self) -> None:
        """Enter the channel."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._send("CAP REQ :echo-message", f"NICK {self.name}", f"USER {self.name} 0 * :x")
        self._send("CAP END", "JOIN #bench")
        while b" 366 " not in await self._reader.readline():
            pass
        self._hearing = asyncio.ensure_future(self._hear())

    async def leave(self) -> None:
        """Go."""
        self._hearing.cancel()
        with suppress(asyncio.CancelledError):
            await self._hearing
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    def say(self) -> None:
        """Say a line that tells when it was said."""
        self._send(f"PRIVMSG #bench :{self.name} {time.perf_counter_ns()} {'.' * 60}")

    async def keep_saying(self, until: float) -> None:
        """Say lines as fast as they come back."""
        said = first = self.own
        while time.perf_counter() < until:
            while said - self.own < IN_FLIGHT:
                self.say()
                said += 1
            self._came.clear()
            await self._came.wait()
        while self.own < said:
            self._came.clear()
            await self._came.wait()
        assert self.own > first

    async def say_at(self, times: Sequence[float]) -> None:
        """Say a line at each of these times, whether or not those before have come."""
        for moment in times:
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            self.say()

    async def until_heard(self, count: int) -> None:
        """Wait until so many lines have come."""
        while self.heard < count:
            self._came.clear()
            await self._came.wait()

    def _send(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())

    async def _hear(self) -> None:
        while line := await self._reader.readline():
            if b" PRIVMSG #bench :" in line:
                words = line.split(b" PRIVMSG #bench :", 1)[1].split(b" ")
                self.delays.append((time.perf_counter_ns() - int(words[1])) / 1e6)
                self.heard += 1
                self.own += words[0].decode() == self.name
                self._came.set()
            elif line.startswith(b"PING"):
                self._send(f"PONG {line.decode().split(' ', 1)[1].strip()}")


class Contestant:
    """Servers that are one: their processes, and people in a channel of theirs."""

    def __init__(self, servers: Sequence[Server], are_members: bool) -> None:
        self.servers, self._are_members = servers, are_members
        self.people: list[Person] = []

    async def fill(self) -> None:
        """Have people come in, spread over the nodes."""
        count = len(self.servers)
        ports = [self.servers[each % count].ports["plain"] for each in range(PEOPLE)]
        self.people = [Person(f"p{each}", port) for each, port in enumerate(ports)]
        for person in self.people:
            await person.come()

    async def measure(self, rate: float, seconds: float) -> Measured:
        """Have so many lines a second said, or as many as go where that is 0."""
        found = Measured()
        for person in self.people:
            person.delays.clear()
            person.heard = 0
        before, begin = self._cpu(), time.perf_counter()
        if rate:
            step = PEOPLE / rate
            await asyncio.gather(
                *(
                    person.say_at(
                        [begin + step * (n + number / PEOPLE) for n in range(_n(seconds, step))]
                    )
                    for number, person in enumerate(self.people)
                )
            )
            wanted = _n(seconds, step) * PEOPLE
            await asyncio.gather(*(person.until_heard(wanted) for person in self.people))
        else:
            await asyncio.gather(*(one.keep_saying(begin + seconds) for one in self.people))
        found.seconds = time.perf_counter() - begin
        after = self._cpu()
        found.messages = sum(person.heard for person in self.people) // PEOPLE
        found.delays = [delay for person in self.people for delay in person.delays]
        found.nodes, found.servers = (
            (then - now) / found.messages * 1e6 for now, then in zip(before, after, strict=True)
        )
        return found

    async def empty(self) -> None:
        """Have everybody go."""
        for person in self.people:
            await person.leave()

    def _cpu(self) -> tuple[float, float]:
        nodes = sum(_cpu_of(server.pid) for server in self.servers)
        logs = [nats_pid(server) for server in self.servers] if self._are_members else []
        return nodes, sum(map(_cpu_of, logs))


def _n(seconds: float, step: float) -> int:
    return int(seconds / step)


def _cpu_of(pid: int) -> float:
    """Return how many seconds of CPU a process has used."""
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / _TICK


async def compare(
    contestants: dict[str, Contestant], rate: float, seconds: float
) -> dict[str, list[Measured]]:
    """Measure all at a fixed rate, then all at as much as goes."""
    found: dict[str, list[Measured]] = {name: [] for name in contestants}
    for contestant in contestants.values():
        await contestant.fill()
    for load in (rate, 0.0):
        for name, contestant in contestants.items():
            await contestant.measure(load, min(seconds, 2.0))
            found[name].append(await contestant.measure(load, seconds))
    for contestant in contestants.values():
        await contestant.empty()
    return found


def table(found: dict[str, list[Measured]], rate: float) -> str:
    """Return what was found, in Markdown."""
    (one, one_most), (three, three_most) = found["one"], found["three"]
    heads = ("", "one node", "three nodes", "ratio", "wanted")
    ratio = (three.nodes + three.servers) / one.nodes
    nodes = three.nodes / one.nodes
    most = three_most.rate / one_most.rate
    rows = [
        (f"{rate:g} messages a second: p50", *_ms(one, three, 0.5), "", "8 ms"),
        ("p99", *_ms(one, three, 0.99), "", ""),
        ("CPU a message, the nodes", *_us(one.nodes, three.nodes), f"{nodes:.2f}", "4"),
        (
            "with the log's servers",
            *_us(one.nodes, three.nodes + three.servers),
            f"{ratio:.2f}",
            "",
        ),
        (
            "messages a second at most",
            f"{one_most.rate:,.0f}",
            f"{three_most.rate:,.0f}",
            f"{most:.2f}",
            "0.5",
        ),
        (
            "CPU a message then, the nodes",
            *_us(one_most.nodes, three_most.nodes),
            f"{three_most.nodes / one_most.nodes:.2f}",
            "4",
        ),
        (
            "with the log's servers",
            *_us(one_most.nodes, three_most.nodes + three_most.servers),
            f"{(three_most.nodes + three_most.servers) / one_most.nodes:.2f}",
            "",
        ),
    ]
    lines = [heads, ("---",) * 5, *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def _ms(one: Measured, three: Measured, part: float) -> tuple[str, str]:
    return f"{one.delay(part):.1f} ms", f"{three.delay(part):.1f} ms"


def _us(one: float, three: float) -> tuple[str, str]:
    return f"{one:,.0f} µs", f"{three:,.0f} µs"


def main() -> int:
    """Start all, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tools.measure_cluster")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each load lasts (10)")
    parser.add_argument("--rate", type=float, default=250.0, help="messages a second (250)")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="measure-", dir="/var/tmp") as name:
        folder = Path(name)
        (folder / "one").mkdir()
        members = make_members(folder)
        servers = [Server(folder / "one" / "node"), *members]
        with ThreadPoolExecutor(len(servers)) as pool:
            list(pool.map(lambda each: each.start(), servers))
            contestants = {
                "one": Contestant(servers[:1], are_members=False),
                "three": Contestant(members, are_members=True),
            }
            try:
                found = asyncio.run(compare(contestants, arguments.rate, arguments.seconds))
            finally:
                list(pool.map(lambda each: each.stop(seconds=60), servers))
    sys.stdout.write(table(found, arguments.rate) + "\n")
    if arguments.json is not None:
        figures = {
            name: [asdict(one) | {"delays": []} for one in each] for name, each in found.items()
        }
        arguments.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
