"""Measure the rules alone: CPU time a message, deciding on it and then applying and telling it.

A hub with a journal in memory and streams that drop what they are sent: no disk, no socket. Fifty
speak in turn in as many rooms of ten; the best of several rounds counts, since a machine that does
something else makes rounds slower, never faster. Run: python -m tools.measure_messages [--profile]
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import sys
import time
from collections.abc import Callable
from typing import cast

from hubbub.core.records.entries import Entry
from hubbub.server import collector
from tests.node.node_harness import FakeStream, Guest, Node

ROOMS = 50
MEMBERS = 10
MESSAGES = 2_000
ROUNDS = 15


async def inhabited() -> tuple[Node, list[Guest]]:
    """Return a node whose rooms are full, and who speaks in each of them."""
    node = Node()
    speakers = []
    for room in range(ROOMS):
        for number in range(MEMBERS):
            guest = await node.guest(f"nick{room}x{number}")
            await guest.ask(f"JOIN #room{room}")
            if not number:
                speakers.append(guest)
    node.journal.hold = True
    return node, speakers


Line = tuple[Callable[[bytes], None], bytes]
"""A line, and what takes it."""


def lines_of(speakers: list[Guest]) -> list[Line]:
    """Return who gets which line: messages of the usual length, each by another speaker."""
    lines: list[Line] = []
    for number in range(MESSAGES):
        room = number % ROOMS
        text = f"PRIVMSG #room{room} :this is message number {number}, of about the usual length"
        lines.append((speakers[room].connection.received, text.encode() + b"\r\n"))
    return lines


async def one_round(node: Node, lines: list[Line]) -> tuple[float, float]:
    """Say all lines, and have them come back together; return the seconds that each half took."""
    begun = time.process_time()
    for receive, line in lines:
        receive(line)
    decided = time.process_time()
    entries: list[Entry] = []
    node.journal.start(entries.extend, node.hub.failed)
    node.journal.release()
    committed = time.process_time()
    node.hub.committed(entries)
    await node.hub.settle()
    applied = time.process_time()
    await node.quiet()
    for connection in node.hub.sessions.roster.everybody():
        cast("FakeStream", connection.stream).sent.clear()
    node.journal.kept.clear()
    return decided - begun, applied - committed


async def measured(profile: bool) -> str:
    """Return what the rounds came to, or a profile of them."""
    node, speakers = await inhabited()
    lines = lines_of(speakers)
    await one_round(node, lines)
    collector.tune()
    if profile:
        with cProfile.Profile() as profiler:
            await one_round(node, lines)
        pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(40)
    rounds = [await one_round(node, lines) for _ in range(ROUNDS)]
    deciding, telling = (min(halves) / MESSAGES * 1e6 for halves in zip(*rounds, strict=True))
    return f"deciding {deciding:.2f} us, applying and telling {telling:.2f} us a message"


def main() -> None:
    """Print the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true", help="Show where a round's time goes.")
    options = parser.parse_args()
    sys.stdout.write(asyncio.run(measured(options.profile)) + "\n")


if __name__ == "__main__":
    main()
