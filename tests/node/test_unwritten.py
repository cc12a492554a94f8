"""Who asked for what could not be kept is told, and can go on."""

from __future__ import annotations

import pytest

from hubbub.core.records.users import Disconnected
from hubbub.node import unwritten
from tests.node.node_harness import Guest, Node, commands, texts


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwritten, "OWED_SECONDS", 0.0)


async def test_the_command_is_named_and_the_next_is_taken() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann", "echo-message")
    await ann.ask("JOIN #c")
    node.journal.full = True
    said, joined = await ann.ask("PRIVMSG #c :lost", "JOIN #d")
    assert (said.params[:2], joined.params[:2]) == (("PRIVMSG", "NOT_KEPT"), ("*", "NOT_KEPT"))
    assert ann.connection.in_flight == 0
    node.journal.full = False
    assert texts(await ann.ask("PRIVMSG #c :kept")) == ["kept"]


async def test_of_a_labelled_command_all_failures_are_one_answer() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann", "labeled-response", "batch", "message-tags")
    node.journal.full = True
    opening, *failures, closing = await ann.ask("@label=x JOIN #a,#b")
    assert (opening.command, opening.tags["label"], closing.command) == ("BATCH", "x", "BATCH")
    assert commands(failures) == ["FAIL", "FAIL"]
    assert ann.connection.responses == {}


async def test_who_cannot_be_let_in_is_told_and_gone() -> None:
    node = Node(keep=["#c"])
    await node.quiet()
    node.journal.full = True
    ann = Guest(node)
    failure, error = await ann.ask("NICK ann", "USER a 0 * :a")
    assert failure.params[1] == "NOT_KEPT"
    assert error.command == "ERROR"
    assert "The server has no room to write" in error.params[-1]
    assert node.hub.sessions.roster.connections == {}


async def test_an_end_is_owed_until_there_is_room() -> None:
    node = Node(keep=["#c"])
    ann, bob = await node.guest("ann"), await node.guest("bob")
    for guest in (ann, bob):
        await guest.ask("JOIN #c")
    bob.read()
    node.journal.full = True
    assert commands(await ann.ask("QUIT :bye"))[-1] == "ERROR"
    assert "ann" in node.world.users
    node.journal.full = False
    for _ in range(5):
        await node.quiet()
    assert "ann" not in node.world.users
    assert commands(bob.read()) == ["QUIT"]
    ends = [entry for entry in node.journal.kept if isinstance(entry.record, Disconnected)]
    assert len(ends) == 1


async def test_a_node_that_ends_owes_nothing_more() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann")
    node.journal.full = True
    await ann.ask("QUIT :bye")
    node.hub.sessions.is_broken = True
    node.journal.full = False
    for _ in range(5):
        await node.quiet()
    assert "ann" in node.world.users
