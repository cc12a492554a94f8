"""Measure three nodes that are one server beside one node, all on this machine.

Both are given the same: lines at a fixed rate, for which the time from a sender's socket to that of
somebody at another node counts; then as many as come back. The nodes' CPU time, and that of the
servers of their log, is told for each message. Run: python -m tools.measure_cluster [DIRECTORY]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.cluster.members import make_members, nats_pid, running
from tests.e2e.server import Server

CLIENTS: Final = 12
RATE: Final = 250
SECONDS: Final = 8.0
WINDOW: Final = 20
"""How many lines of each client are on their way at most load."""
TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class Talker:
    """Be in a room and note when lines come; they say when they were sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    lasted: list[float] = field(default_factory=list)
    heard: int = 0
    waiting: int = 0
    floods: bool = False

    def say(self) -> None:
        """Send a line that tells when it was sent."""
        self.writer.write(f"PRIVMSG #lobby :{time.perf_counter()} {id(self)}\r\n".encode())

    async def hear(self) -> None:
        """Take what comes, until the end."""
        own = str(id(self)).encode()
        while line := await self.reader.readline():
            if b" PRIVMSG #lobby :" not in line:
                continue
            sent, by = line.rsplit(b":", 1)[1].split()
            self.heard += 1
            self.lasted.append(time.perf_counter() - float(sent))
            if self.floods and by == own:
                self.say()


async def enter(server: Server, nick: str) -> Talker:
    """Come in and join."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.ports["plain"])
    begun = "CAP REQ :echo-message\r\nNICK {0}\r\nUSER {0} 0 * :x\r\nCAP END\r\nJOIN #lobby\r\n"
    writer.write(begun.format(nick).encode())
    while b" 366 " not in await reader.readline():
        pass
    return Talker(reader, writer)


def cpu_of(pids: Sequence[int]) -> float:
    """Return the CPU seconds that processes have had."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in stats) / TICKS


async def measured(servers: Sequence[Server], logs: Sequence[int]) -> dict[str, float]:
    """Return what came of both loads."""
    nodes = [server.pid for server in servers]
    talkers = [await enter(servers[n % len(servers)], f"t{n}") for n in range(CLIENTS)]
    listening = [asyncio.ensure_future(talker.hear()) for talker in talkers]
    await asyncio.sleep(1)
    figures = {}
    for talker in talkers:
        talker.lasted.clear()
    before, log_before, begun = cpu_of(nodes), cpu_of(logs), time.perf_counter()
    number = 0
    while (now := time.perf_counter()) < begun + SECONDS:
        while number < (now - begun) * RATE:
            talkers[number % CLIENTS].say()
            number += 1
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.5)
    # Those of another node than the sender's: by the number of nodes, two of three.
    lasted = sorted(one for talker in talkers for one in talker.lasted)
    figures["p50"], figures["p99"] = (lasted[int(len(lasted) * q)] * 1e3 for q in (0.5, 0.99))
    figures["node_us"] = (cpu_of(nodes) - before) / number * 1e6
    figures["log_us"] = (cpu_of(logs) - log_before) / number * 1e6
    for talker in talkers:
        talker.floods = True
        for _ in range(WINDOW):
            talker.say()
    await asyncio.sleep(1)
    heard, begun = talkers[0].heard, time.perf_counter()
    before, log_before = cpu_of(nodes), cpu_of(logs)
    await asyncio.sleep(SECONDS)
    count = talkers[0].heard - heard
    figures["most"] = count / (time.perf_counter() - begun)
    figures["most_node_us"] = (cpu_of(nodes) - before) / count * 1e6
    figures["most_log_us"] = (cpu_of(logs) - log_before) / count * 1e6
    for task, talker in zip(listening, talkers, strict=True):
        task.cancel()
        talker.writer.close()
    return figures


def shown(name: str, figures: dict[str, float]) -> str:
    """Return a line of figures."""
    return (
        "{name:12} {RATE}/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms, CPU a message {node_us:.0f} us of"
        " nodes, {log_us:.0f} of the log; at most {most:,.0f}/s, {most_node_us:.0f} and"
        " {most_log_us:.0f} us\n"
    ).format(name=name, RATE=RATE, **figures)


def main() -> None:
    """Print the measurements, and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=None)
    directory = parser.parse_args().directory
    with tempfile.TemporaryDirectory(dir=directory) as name:
        alone = Server(Path(name) / "alone")
        with alone:
            one = asyncio.run(measured([alone], []))
        servers = make_members(Path(name))
        with running(servers):
            three = asyncio.run(measured(servers, [nats_pid(server) for server in servers]))
    cpu = (three["node_us"] + three["log_us"]) / one["node_us"]
    ratio = three["most"] / one["most"]
    sys.stdout.write(shown("one node", one) + shown("three nodes", three))
    sys.stdout.write(
        f"three nodes: p50 {three['p50']:.1f} ms (8 wanted); CPU of nodes and log together"
        f" {cpu:.1f} times one node's, of the nodes alone"
        f" {three['node_us'] / one['node_us']:.1f} (4 wanted); at most {ratio:.2f} times (0.5)\n"
    )


if __name__ == "__main__":
    main()
