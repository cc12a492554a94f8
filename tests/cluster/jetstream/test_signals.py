"""Signals between nodes, on three real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from hubbub.cluster.jetstream.signals import WAITING, LogSignals
from hubbub.node.peers.signals import PAYLOAD_BYTES
from tests.cluster.jetstream.hearers import Hearer
from tests.cluster.servers import Trio
from tests.cluster.waiting import until


@asynccontextmanager
async def ends(trio: Trio) -> AsyncIterator[list[LogSignals]]:
    """Connect three nodes."""
    logs = [trio.log(number) for number in range(3)]
    await asyncio.gather(*(asyncio.wrap_future(log.open(Hearer.latest)) for log in logs))
    loop = asyncio.get_running_loop()
    signals = [LogSignals(log, number, loop) for number, log in enumerate(logs)]
    for one in signals:
        await asyncio.wrap_future(one.begin())
    try:
        yield signals
    finally:
        for log in logs:
            await asyncio.to_thread(log.close)


async def test_all_others_take_it_and_nobody_else(trio: Trio) -> None:
    async with ends(trio) as signals:
        taken: list[tuple[int, int, bytes]] = []
        for number, one in enumerate(signals):
            one.take("typing", partial(_note, taken, number))
        async with asyncio.timeout(15):
            # A server does not know at once who listens at another: what is sent then is lost.
            while {at for at, *_ in taken} != {0, 2}:
                signals[1].send("unknown", b"x")
                signals[1].send("typing", b"\x00 x")
                await asyncio.sleep(0.05)
        assert set(taken) == {(0, 1, b"\x00 x"), (2, 1, b"\x00 x")}


def _note(taken: list[tuple[int, int, bytes]], at: int, node: int, text: bytes) -> None:
    taken.append((at, node, text))


async def test_what_cannot_go_at_once_is_dropped(trio: Trio) -> None:
    log = trio.log(0)
    signals = LogSignals(log, 0, asyncio.get_running_loop())
    signals.send("typing", b"x" * (PAYLOAD_BYTES + 1))
    assert signals.dropped == 1
    # Not connected: none of them waits for that.
    for _ in range(WAITING + 10):
        signals.send("typing", b"x")
    await until(lambda: signals.dropped == WAITING + 11)
    await asyncio.to_thread(log.close)
