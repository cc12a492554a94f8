"""What servers of the log have to be set to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hubbub.cluster.jetstream.connection import Access
from hubbub.cluster.jetstream.durability import ServerFacts, fault
from hubbub.cluster.jetstream.log import JetStreamLog
from hubbub.cluster.nats_server import NatsServer, ServerPlan
from hubbub.journal.port import JournalUnusable
from tests.cluster.servers import SHAPE, SYSTEM, USER, plans

GOOD = ServerFacts("a", "2.15.1", True)


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (GOOD, ""),
        (replace(GOOD, version="2.16.0-beta.1"), ""),
        (replace(GOOD, version="3.0"), ""),
        (replace(GOOD, syncs_always=False), "server a does not write .*`sync_interval: always`"),
        (replace(GOOD, version="2.14.9"), "nats-server 2.14.9, and 2.15 is the oldest"),
        (replace(GOOD, version=""), r"nats-server \?, and 2.15 is the oldest"),
        (replace(GOOD, version="dev"), "nats-server dev, and 2.15 is the oldest"),
    ],
)
def test_what_is_wrong_with_one_is_said_with_its_mend(server: ServerFacts, words: str) -> None:
    import re

    assert re.search(words, fault([GOOD, server])) if words else not fault([GOOD, server])


class Lazy(ServerPlan):
    """A server as it is without being told otherwise."""

    def config(self, folder: Path) -> dict[str, Any]:
        found = super().config(folder)
        del found["jetstream"]["sync_interval"]
        return found


def test_a_node_does_not_start_with_a_server_that_writes_later(tmp_path: Path) -> None:
    (made,) = plans(1)
    plan = Lazy(**{name: getattr(made, name) for name in made.__slots__})

    async def check() -> None:
        server = NatsServer(replace(plan, peers=("127.0.0.1:1",)), tmp_path)
        await server.start()
        log = JetStreamLog(
            Access([f"nats://{plan.listen}"], USER, SYSTEM), 0, replace(SHAPE, replicas=1)
        )
        try:
            with pytest.raises(JournalUnusable, match="sync_interval: always"):
                await asyncio.wait_for(asyncio.wrap_future(log.open(0)), 20)
        finally:
            log.close()
            await server.stop()

    asyncio.run(check())
