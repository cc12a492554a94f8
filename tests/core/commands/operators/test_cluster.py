"""CLUSTER: the nodes of a server, one that goes for good, newer rules, what holds for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from hubbub.core.commands.operators import cluster
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.nodes import NodeAdmitted, NodeStarted, NodeStopped
from hubbub.core.rules import RULES
from hubbub.irc.message import Message
from tests.core.commands.operators_at_hand import failure, operator
from tests.core.world_harness import Client, Harness


@pytest.fixture
def owner(harness: Harness) -> Client:
    return operator(harness, "root", "owner")


@pytest.fixture
def second(harness: Harness) -> int:
    """Let a second node be there, and return its number."""
    harness.enter(NodeAdmitted(harness.console, "b"))
    harness.enter(NodeStarted(origin(2), RULES, 6, "1.2"))
    return 2


def origin(node: int) -> Origin:
    """Return where what a node itself asks for comes from."""
    return Origin(SessionId(node, 1, 0), 1)


def status(client: Client) -> dict[str, str]:
    """Return the lines of an answer."""
    told = client.send("CLUSTER")
    assert told[-1].params[0] == "END"
    return {message.params[1]: message.params[2] for message in told[:-1]}


def saying(harness: Harness, monkeypatch: pytest.MonkeyPatch, lines: dict[str, str]) -> None:
    """Have the node say this of itself."""
    there = replace(harness.surroundings, troubles=lambda: lines)
    monkeypatch.setattr(type(harness), "surroundings", property(lambda _: there))


@contextmanager
def newer_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let the program know rules that are not in force."""
    monkeypatch.setattr(cluster, "RULES", RULES + 1)
    yield RULES + 1


def test_each_node_is_shown_with_what_it_is(harness: Harness, owner: Client, second: int) -> None:
    lines = status(owner)
    assert lines["node-2"] == f"b, up, start 1, 0 sessions, knows rules {RULES}, 1.2"
    assert lines["node-1"].startswith("(no name), up, start 1, 1 sessions")
    assert lines["look-at"] == "nothing"
    harness.enter(NodeStopped(origin(2)))
    lines = status(owner)
    assert lines["node-2"].startswith("b, down")
    assert lines["look-at"] == "node-2"


def test_who_was_never_there_needs_no_look(harness: Harness, owner: Client) -> None:
    harness.enter(NodeAdmitted(harness.console, "b"))
    lines = status(owner)
    assert lines["node-2"].startswith("b, admitted, was never there")
    assert lines["look-at"] == "nothing"


def test_what_the_node_says_of_the_order_is_shown_and_nothing_else(
    harness: Harness, owner: Client, second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "order": "in order, led by b",
        "node-2": "12 behind",
        "disk": "full",
        "look-at": "disk node-2",
    }
    saying(harness, monkeypatch, said)
    lines = status(owner)
    assert lines["order"] == "in order, led by b"
    assert lines["node-2"].endswith("; 12 behind")
    assert "disk" not in lines
    assert lines["look-at"] == "node-2"


def test_one_goes_for_good_once_that_is_confirmed(
    harness: Harness, owner: Client, second: int
) -> None:
    asked = owner.send("CLUSTER LEAVE b")
    assert failure(asked) == "NOT_CONFIRMED"
    assert "Node 2 (b) goes for good, and stops" in asked[0].params[-1]
    told = owner.send("CLUSTER LEAVE SURE 2")
    assert told[-1].params[:2] == ("LEFT", "2")
    assert harness.world.nodes[2].has_left
    assert failure(owner.send("CLUSTER LEAVE SURE 2")) == "INVALID_PARAMS"
    assert "node-2" not in status(owner)


def test_without_a_name_it_is_the_node_that_is_asked(
    harness: Harness, owner: Client, second: int
) -> None:
    owner.send("CLUSTER LEAVE SURE")
    assert harness.world.nodes[1].has_left
    assert not harness.world.sessions


@pytest.mark.parametrize("words", ["", " 1", " SURE", " SURE 1", " 7", " nobody"])
def test_the_only_node_and_none_cannot_leave(harness: Harness, owner: Client, words: str) -> None:
    assert failure(owner.send(f"CLUSTER LEAVE{words}")) == "INVALID_PARAMS"
    assert not harness.world.nodes[1].has_left


def test_rules_in_force_need_no_end(owner: Client) -> None:
    assert f"Rules {RULES} are in force" in owner.send("CLUSTER FINALIZE")[0].params[-1]


def test_newer_rules_wait_for_every_member(
    owner: Client, second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with newer_rules(monkeypatch) as newer:
        told = owner.send("CLUSTER FINALIZE SURE")
        assert failure(told) == "INVALID_PARAMS"
        assert "node 1 (no name), node 2 (b) must be updated first" in told[0].params[-1]
        assert f"this node knows {newer}: node 1" in status(owner)["rules"]


def test_newer_rules_begin_once_that_is_confirmed(
    harness: Harness, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.world.rules = RULES - 1
    assert "CLUSTER FINALIZE begins them" in status(owner)["rules"]
    assert failure(owner.send("CLUSTER FINALIZE")) == "NOT_CONFIRMED"
    told = owner.send("CLUSTER FINALIZE SURE")
    assert told[-1].params == ("RULES", str(RULES), "are in force")
    assert harness.world.rules == RULES


def test_settings_for_all_are_set_and_read(harness: Harness, owner: Client, second: int) -> None:
    for wrong in ("nonsense 5", "limits.flood 5", "channels.per_account", f"name {'x' * 300}"):
        assert failure(owner.send(f"CLUSTER SET {wrong}")) == "INVALID_PARAMS"
    told = owner.send("CLUSTER SET channels.per_account 5")
    assert told[-1].params == ("SET", "channels.per_account", "is 5 on all nodes")
    owner.send("CLUSTER SET channels.keep #a #b")
    assert harness.world.settings == {
        "channels.per_account": "5",
        "channels.keep": '["#a", "#b"]',
    }
    shown = owner.send("CLUSTER SET")
    assert shown[0] == Message("CLUSTER", ("SET", "channels.per_account", "5"), "hub.test")


def test_one_node_goes_by_its_file(harness: Harness, owner: Client) -> None:
    assert failure(owner.send("CLUSTER SET channels.per_account 5")) == "INVALID_PARAMS"
    assert not harness.world.settings


def test_it_is_for_owners(harness: Harness) -> None:
    for kind in ("admin", "moderator"):
        client = operator(harness, kind, kind)
        assert client.send("CLUSTER")[0].command == "481"


def test_a_word_that_is_none_is_answered_with_those_that_are(owner: Client) -> None:
    told = owner.send("CLUSTER DANCE")
    assert failure(told) == "INVALID_PARAMS"
    assert "STATUS|LEAVE|FINALIZE|SET" in told[0].params[-1]
