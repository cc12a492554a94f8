"""What every server of the log has to be set to, or what was acknowledged may be lost.

By default a server writes to its disk for good once in two minutes: after a loss of power,
acknowledged batches were missing, and copies differed (docs/decisions/jetstream.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from nats.aio.client import Client
from nats.errors import Error

OLDEST: Final = (2, 15)
"""The oldest version that writes as often as it has to and is quick all the same."""
GATHER_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """Say of a server what it is, and whether it is sure to have what it acknowledges."""

    name: str
    version: str
    syncs_always: bool


async def gather(system: Client, names: Collection[str] = ()) -> list[ServerFacts]:
    """Return what the servers say of themselves; wait until all of these, or a second, have."""
    inbox = system.new_inbox()
    answers = await system.subscribe(inbox)
    found: dict[str, ServerFacts] = {}
    missing = set(names)
    try:
        await system.publish("$SYS.REQ.SERVER.PING.JSZ", b'{"config": true}', reply=inbox)
        async with asyncio.timeout(GATHER_SECONDS):
            while not names or missing:
                message = await answers.next_msg(GATHER_SECONDS)
                facts = _facts(json.loads(message.data or b"{}"))
                if facts is not None:
                    found[facts.name] = facts
                    missing.discard(facts.name)
    except (TimeoutError, Error):
        # Who is away has not answered.
        pass
    finally:
        # Where the connection has ended meanwhile there is nothing to take back.
        with contextlib.suppress(Error):
            await answers.unsubscribe()
    return list(found.values())


def _facts(answer: dict[str, Any]) -> ServerFacts | None:
    server, data = answer.get("server") or {}, answer.get("data") or {}
    if data.get("disabled") or "name" not in server:
        return None
    config = data.get("config") or {}
    always = bool(config.get("sync_always"))
    return ServerFacts(str(server["name"]), str(server.get("ver", "")), always)


def fault(servers: Collection[ServerFacts]) -> str:
    """Return what is wrong with one of them and what to do, "" where nothing is."""
    for server in servers:
        if not server.syncs_always:
            return (
                f"the log's server {server.name} does not write to its disk for good what it "
                "acknowledges, which loses messages with the power: set `sync_interval: always` in "
                "the section jetstream of its configuration, and restart it"
            )
        if _number(server.version) < OLDEST:
            return (
                f"the log's server {server.name} is nats-server {server.version or '?'}, and "
                f"{'.'.join(map(str, OLDEST))} is the oldest that will do; update it"
            )
    return ""


def _number(version: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split("-")[0].split(".")[:2])
    except ValueError:
        return ()
