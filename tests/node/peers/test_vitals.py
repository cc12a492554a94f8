"""How the nodes do, as STATUS of any of them shows it."""

from __future__ import annotations

import pytest

from hubbub.node.peers.payloads import packed
from hubbub.node.peers.vitals import KIND, SILENT_SECONDS
from tests.node.peers.stalling import Servers, servers

# The hub's clock is the test's, which no compiled class takes.
pytestmark = pytest.mark.pure


def shown(both: Servers, number: int) -> dict[str, str]:
    return both.members[number - 1].node.hub.sessions.troubles.shown()


async def test_each_node_is_a_line_of_status() -> None:
    async with servers() as both:
        for member in both.members:
            member.node.hub.peers.start()
        await both.person(both.members[0], "ann")
        await both.passes(3)
        lines = shown(both, 2)
        assert lines["node-1"].startswith("in order, hubbub-")
        assert "1 connections" in lines["node-1"]
        assert "this one" in lines["node-2"]
        assert lines["look-at"] == "nothing"


async def test_a_node_that_is_up_and_silent_is_told_of() -> None:
    async with servers() as both:
        for member in both.members:
            member.node.hub.peers.start()
        await both.passes(3)
        both.members[0].node.hub.peers.stop()
        await both.passes(SILENT_SECONDS + 3)
        lines = shown(both, 2)
        assert "node 1 says nothing" in lines["peers"]
        assert lines["look-at"] == "peers"


async def test_one_node_tells_of_no_others() -> None:
    async with servers(1) as alone:
        assert not any(name.startswith("node-") for name in shown(alone, 1))


async def test_what_has_told_nothing_is_said() -> None:
    async with servers() as both:
        assert "has told nothing yet" in shown(both, 2)["node-1"]


@pytest.mark.parametrize("payload", [b"", packed("v", "in order", -1, 2, False, "")])
async def test_what_cannot_be_read_is_not_shown(payload: bytes) -> None:
    async with servers() as both:
        both.log.relay.of(1).send(KIND, payload)
        await both.flow()
        assert "has told nothing yet" in shown(both, 2)["node-1"]
