"""The word that keeps newcomers away, and what a service manager reads."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from hubbub.server.drain import Draining
from hubbub.server.health.readiness import Readiness
from tests.node.node_harness import Node


class Watched:
    """A node that somebody watches."""

    def __init__(self) -> None:
        self.node = Node()
        self.is_full = False
        self.stopping = asyncio.Event()
        self.drain = Draining(self.node.hub.sessions, self.stopping.set, lambda: 0)
        journal = cast(Any, SimpleNamespace(figures=lambda: self))
        self.readiness = Readiness(self.node.hub, journal, self.drain, self.stopping)


async def test_it_is_starting_until_its_doors_are_open() -> None:
    one = Watched()
    assert one.readiness.why_not() == "starting"
    assert one.readiness.is_passing()
    one.readiness.is_open = True
    assert one.readiness.why_not() == ""
    assert one.readiness.fact() == {"ready": "yes"}
    assert one.readiness.sentence() == "ready"
    assert not one.readiness.is_passing()


async def test_one_word_says_why_not_the_gravest_first() -> None:
    one = Watched()
    one.readiness.is_open = one.is_full = True
    assert one.readiness.fact() == {"ready": "no: journal-full"}
    one.node.hub.sessions.has_quorum = False
    assert one.readiness.why_not() == "no-quorum"
    one.stopping.set()
    assert one.readiness.why_not() == "draining"
    one.node.hub.give_up("the disk is gone")
    assert one.readiness.why_not() == "journal-failed"


async def test_a_service_manager_reads_how_long_a_drain_takes_and_what_is_wrong() -> None:
    one = Watched()
    one.readiness.is_open = True
    one.readiness.fault = lambda: "the settings were not reread"
    assert one.readiness.sentence() == "ready; the settings were not reread"
    await one.node.guest("ann")
    one.drain.begin(600)
    assert one.readiness.sentence().startswith("not ready: stops within 600 s")
    assert one.readiness.is_passing()
    one.drain.end()
