"""A node begins and ends on record, and what its operator has settled becomes a record."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Kept
from hubbub.core.records.entries import Draft
from hubbub.core.records.nodes import (
    ORDER,
    ClockSetBack,
    NodeDraining,
    NodeLeft,
    NodeLost,
    NodeStarted,
    NodeStopped,
    RetentionSet,
    RulesRaised,
)
from hubbub.core.rules import AGREED, FIRST_RULES, RULES
from hubbub.core.showing.isupport import VERSION
from hubbub.core.world.world import KeptFor, World
from hubbub.journal.port import EpochLost, JournalUnusable
from hubbub.node.life import AGREED_SECONDS, SETTINGS, Introduction, Shared
from hubbub.node.peers.watch import LOST
from tests.node.node_harness import Guest, Node, commands

OURS = Shared(("#lobby",), 10, KeptFor(60, 30))


def begun(node: Node, shared: Shared) -> asyncio.Task[bool]:
    return asyncio.ensure_future(node.hub.life.begin(shared))


async def follow(node: Node, shared: Shared, confirmed: bool = True) -> list[str]:
    """Have settings followed; return which kinds of record came of that."""
    await node.quiet()
    before = len(node.journal.kept)
    node.hub.life.follow(shared, confirmed)
    await node.quiet()
    return [type(entry.record).__name__ for entry in node.journal.kept[before:]]


def trouble(node: Node) -> str:
    return node.hub.sessions.troubles.now().get(SETTINGS, "")


async def test_an_old_world_is_gone_on_with_under_the_rules_of_now() -> None:
    """Its node's number of the start was counted elsewhere; its channels are kept as they were."""
    world = World()
    world.kept, world.kept_limit = OURS.keep, OURS.keep_limit
    node = Node(world=world, begins=False)
    node.hub.sessions.append(lambda origin: ClockSetBack(origin, 1, 2, 3))
    assert await begun(node, OURS)
    kinds = [type(entry.record) for entry in node.journal.kept[1:]]
    assert kinds == [NodeStarted, RulesRaised, RetentionSet]
    assert (world.rules, world.nodes[0].knows, world.nodes[0].epoch) == (RULES, RULES, 1)
    assert (world.kept_for, trouble(node)) == (OURS.kept_for, "")


async def test_a_new_world_needs_no_word_about_rules() -> None:
    node = Node(begins=False)
    assert await begun(node, OURS)
    assert [type(entry.record) for entry in node.journal.kept] == [NodeStarted, Kept, RetentionSet]
    assert node.world.channels.keys() == {"#lobby"}


async def test_a_start_that_finds_no_room_says_so() -> None:
    node = Node(begins=False)
    node.journal.full = True
    assert not await begun(node, OURS)
    assert node.world.rules == FIRST_RULES


async def test_a_start_ends_nothing_and_rereading_does() -> None:
    node = Node()
    wide = Shared(("#lobby", "#team"), 10, KeptFor(60, 365))
    assert await follow(node, wide, confirmed=False) == ["Kept", "RetentionSet"]
    assert await follow(node, wide, confirmed=False) == []
    assert await follow(node, OURS, confirmed=False) == ["Kept"]
    assert node.world.channels.keys() == {"#lobby", "#team"}
    assert "#team (channels.keep)" in trouble(node)
    assert "for 365 days (audit_days)" in trouble(node)
    assert node.world.keeps_one_more("#team") is False, "a new one is not kept"
    assert await follow(node, OURS, confirmed=False) == []
    assert await follow(node, OURS) == ["Kept", "RetentionSet"]
    assert (list(node.world.channels), trouble(node)) == (["#lobby"], "")
    assert node.world.kept_for == OURS.kept_for


async def test_what_keeps_more_holds_at_once() -> None:
    node = Node()
    await follow(node, OURS, confirmed=False)
    more = Shared(("#lobby", "#team"), 20, KeptFor(30, 0))
    assert await follow(node, more, confirmed=False) == ["Kept", "RetentionSet"]
    assert (node.world.kept_for, trouble(node)) == (more.kept_for, "")


async def test_of_several_nodes_none_settles_what_holds_for_all() -> None:
    node = Node()
    await follow(node, OURS)
    other = NodeStarted(Origin(SessionId(3, 1, 0), 1), RULES)
    node.hub.sessions.append(lambda _: other)
    await node.quiet()
    assert await follow(node, Shared(("#x",), 10, KeptFor(0, 7))) == []
    assert trouble(node).startswith("kept although the settings say otherwise: channels by #lobby")
    assert "absent users for 0 days (stay_days)" in trouble(node)


async def test_a_node_ends_its_sessions_and_knows_who_was_behind() -> None:
    node = Node()
    quick, slow = await node.guest("quick"), await node.guest("slow")
    slow.connection.told, slow.connection.pinged = 3, 1.0
    await node.hub.stop(0.0)
    stopped = node.journal.kept[-1].record
    assert isinstance(stopped, NodeStopped)
    assert stopped.told == ((slow.connection.session.id.number, 3),)
    assert (node.world.users, node.world.nodes[0].is_up) == ({}, False)
    assert quick.connection.ended


async def cut_off(node: Node) -> None:
    """Let the node hear that the others went on without it, with what is on its way."""
    sessions = node.hub.sessions
    lost = Draft(NodeLost(ORDER, sessions.own.node, sessions.own.epoch))
    node.hub.failed([], EpochLost("cut off"))
    began = node.journal.begin(0)
    for draft in (lost, *began):
        node.journal.append(draft)
    node.journal.release()
    await node.quiet()


async def test_a_lost_node_begins_anew_and_whoever_was_there_comes_again() -> None:
    """In the same process: another start would take the log's own server along with it."""
    node = Node()
    ann, early = await node.guest("ann"), Guest(node)
    node.journal.hold = True
    ann.give("PRIVMSG ann :late")
    await node.quiet()
    await cut_off(node)
    assert not node.broken
    assert [ann.stream.ended, early.stream.ended] == [True, True]
    told = ann.read()
    assert (told[0].command, told[0].params[1]) == ("FAIL", "NOT_KEPT")
    assert told[-1].params[0].endswith(f"({LOST})")
    node.journal.hold = False
    known = node.world.nodes[0]
    assert (node.hub.sessions.own.epoch, known.epoch, known.is_up) == (2, 2, True)
    assert list((await node.guest("ann")).node.world.users) == ["ann"]
    assert not node.hub.sessions.backlog.on_their_way


async def test_a_ping_settles_after_a_new_epoch() -> None:
    node = Node()
    await node.guest("ann")
    await cut_off(node)
    bob = await node.guest("bob")
    assert commands(await bob.ask("PRIVMSG bob :x", "PING y")) == ["PRIVMSG", "PONG"]


async def test_a_lost_node_that_stops_stops() -> None:
    node = Node()
    await node.guest("ann")
    node.journal.hold = True
    stopping = asyncio.ensure_future(node.hub.stop(0.0))
    await node.quiet()
    await cut_off(node)
    node.journal.release()
    await asyncio.wait_for(stopping, 5)
    assert not [one for one in node.journal.kept if isinstance(one.record, NodeStopped)]
    assert (node.world.nodes[0].epoch, node.world.nodes[0].is_up) == (1, False)


def other_node(node: Node, number: int = 3, knows: int = RULES) -> None:
    """Let another node begin."""
    record = NodeStarted(Origin(SessionId(number, 1, 0), 1), knows)
    node.hub.sessions.append(lambda _: record)


async def kinds_of_keeping_house(node: Node) -> list[str]:
    await node.quiet()
    before = len(node.journal.kept)
    node.hub.life.keep_house()
    await node.quiet()
    return [type(entry.record).__name__ for entry in node.journal.kept[before:]]


async def test_in_a_cluster_a_file_settles_what_nobody_has_and_the_record_wins_then() -> None:
    node = Node()
    other_node(node)
    await node.quiet()
    ours = Shared(("#lobby",), 10, KeptFor(60, 30), {"access": '"open"', "network": '"N"'})
    kinds = await follow(node, ours)
    assert kinds == ["SettingsSet", "SettingsSet", "Kept", "RetentionSet"]
    assert node.world.settings == {"access": '"open"', "network": '"N"'}
    other = replace(ours, settings={**ours.settings, "access": '"x"'})
    assert await follow(node, other, confirmed=False) == []
    assert list(node.world.channels) == ["#lobby"]
    told = replace(ours, keep=("#x",))
    assert await follow(node, told) == ["Kept"], "what holds for all says so by now"
    assert list(node.world.channels) == ["#x"]


async def test_only_who_keeps_house_asks_for_what_holds_for_all() -> None:
    node = Node(own=(5, 1))
    other_node(node)
    await node.quiet()
    ours = Shared(("#lobby",), 10, KeptFor(60, 30), {"access": '"open"'})
    assert await follow(node, ours) == []
    draining = NodeDraining(Origin(SessionId(3, 1, 0), 2), 3)
    node.hub.sessions.append(lambda _: draining)
    await node.quiet()
    assert await kinds_of_keeping_house(node) == ["SettingsSet", "Kept", "RetentionSet"]
    assert await kinds_of_keeping_house(node) == []


async def test_newer_rules_come_after_all_members_have_run_programs_that_know_them() -> None:
    """One that knows less, or has begun just now, is waited for."""
    node = Node()
    other_node(node)
    await node.quiet()
    node.hub.life.follow(OURS)
    world, seconds = node.world, node.hub.sessions.seconds()
    world.rules = AGREED - 1
    for known in world.nodes.values():
        known.started = seconds - AGREED_SECONDS
    world.nodes[3].knows = AGREED - 1
    assert await kinds_of_keeping_house(node) == []
    world.nodes[3].knows, world.nodes[3].started = RULES, seconds - 1
    assert await kinds_of_keeping_house(node) == []
    world.nodes[3].started = seconds - AGREED_SECONDS
    assert await kinds_of_keeping_house(node) == ["RulesRaised"]
    assert world.rules == RULES


async def test_a_node_says_what_it_is_when_it_begins() -> None:
    node = Node(begins=False)
    assert await begun(node, replace(OURS, introduction=Introduction("b", "a", "a:1", "a:2")))
    known = node.world.nodes[0]
    assert (known.bundle, known.program, known.started > 0) == ("b", VERSION, True)
    assert (known.name, known.route, known.door) == ("a", "a:1", "a:2")


async def test_a_node_that_has_left_for_good_does_not_begin_again() -> None:
    node = Node()
    await node.quiet()
    node.hub.sessions.append(lambda origin: NodeLeft(origin, 0))
    await node.quiet()
    again = Node(world=node.world, begins=False, own=(0, 2))
    with pytest.raises(JournalUnusable, match="left its cluster for good, and its number, 0, is"):
        await begun(again, OURS)
