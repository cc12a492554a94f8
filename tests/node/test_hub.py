"""The hub: races, a journal that fails, sessions that end at odd moments, and the stop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest
import structlog

from hubbub.core import snapshot
from hubbub.core.dispatch import COMMANDS, FOLLOW_UPS
from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.core.records.messages import Said
from hubbub.core.records.users import AwaySet, Connected, Disconnected
from hubbub.core.world.accounts import Account
from hubbub.core.world.world import World
from hubbub.node import hub as hub_module
from hubbub.node import unwritten
from tests.node.node_harness import Guest, Node, commands, texts


async def test_who_loses_the_race_for_a_nick_takes_another() -> None:
    node = Node()
    ann, bob = Guest(node), Guest(node)
    node.journal.hold = True
    ann.give("NICK same", "USER a 0 * :a")
    bob.give("NICK same", "USER b 0 * :b")
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert "001" in commands(ann.read())
    assert commands(bob.read()) == ["433"]
    answers = await bob.ask("NICK other")
    assert answers[0].command == "001"
    assert answers[0].params[0] == "other"
    assert sorted(node.world.users) == ["other", "same"]


async def test_who_loses_a_race_into_a_channel_is_refused() -> None:
    node = Node()
    ann, bob, cat = [await node.guest(nick) for nick in ("ann", "bob", "cat")]
    await ann.ask("JOIN #c", "MODE #c +l 2")
    node.journal.hold = True
    bob.give("JOIN #c", "PRIVMSG #c :here")
    cat.give("JOIN #c", "PRIVMSG #c :here")
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert commands(bob.read())[0] == "JOIN"
    assert commands(cat.read()) == ["471", "404"]
    assert node.journal.refused
    assert texts(ann.read()) == ["here"]


async def test_a_refused_message_is_heard_by_nobody_and_marked() -> None:
    node = Node()
    ann, bob = await node.guest("ann"), await node.guest("bob")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    ann.read()
    node.journal.hold = True
    ann.give("MODE #c +m")
    bob.give("PRIVMSG #c :too late")
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert commands(bob.read()) == ["MODE", "404"]
    assert texts(ann.read()) == []
    (said,) = [e for e in node.journal.kept if isinstance(e.record, Said)]
    assert node.journal.refused == {said.seq}


async def test_what_nobody_heard_because_the_speaker_was_gone_is_marked() -> None:
    node = Node(keep=["#c"])
    ann, oper = await node.guest("ann"), await node.guest("oper")
    await ann.ask("JOIN #c")
    node.world.users["oper"].modes |= {"o"}
    node.world.users["oper"].operator_class = "admin"
    node.journal.hold = True
    oper.give("KILL ann :enough")
    ann.give("PRIVMSG #c :last words")
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    (said,) = [e for e in node.journal.kept if isinstance(e.record, Said)]
    assert said.seq in node.journal.refused


async def test_on_a_full_disk_the_sender_is_told_and_nobody_hears() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann", "echo-message")
    bob = await node.guest("bob")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    ann.read()
    node.journal.full = True
    (failure,) = await ann.ask("PRIVMSG #c :lost")
    assert (failure.command, failure.params[1]) == ("FAIL", "NOT_KEPT")
    assert bob.read() == []
    node.journal.full = False
    assert texts(await ann.ask("PRIVMSG #c :kept")) == ["kept"]
    assert texts(bob.read()) == ["kept"]


async def test_on_a_full_disk_a_labelled_command_is_answered_by_its_failure() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann", "echo-message", "labeled-response", "batch", "message-tags")
    await ann.ask("JOIN #c")
    node.journal.full = True
    (failure,) = await ann.ask("@label=x PRIVMSG #c :lost")
    assert (failure.command, failure.tags["label"]) == ("FAIL", "x")
    assert ann.connection.responses == {}


async def test_on_a_full_disk_nobody_can_register() -> None:
    node = Node()
    await node.quiet()
    node.journal.full = True
    ann = Guest(node)
    answers = await ann.ask("NICK ann", "USER a 0 * :a")
    assert commands(answers) == ["FAIL", "ERROR"]
    gone = Guest(node)
    gone.give("NICK bob", "USER b 0 * :b")
    await gone.drop()
    assert node.hub.sessions.roster.connections == {}
    assert node.world.users == {}


async def test_a_quit_on_a_full_disk_is_told_when_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unwritten, "OWED_SECONDS", 0.0)
    node = Node(keep=["#c"])
    ann, bob = await node.guest("ann"), await node.guest("bob")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    node.journal.full = True
    await bob.drop()
    ann.read()
    assert "bob" in node.world.users
    node.journal.full = False
    async with asyncio.timeout(20):
        while "bob" in node.world.users:
            await node.quiet()
    assert texts(ann.read(), "QUIT") == ["Connection closed"]


async def test_settling_ends_when_the_disk_is_full() -> None:
    node = Node()
    await node.quiet()
    node.journal.full = True
    ann = Guest(node)
    ann.give("NICK ann", "USER a 0 * :a")
    async with asyncio.timeout(20):
        await node.hub.settle()


async def test_a_broken_journal_stops_the_node_once_and_delivers_nothing() -> None:
    node = Node(keep=["#c"])
    ann, bob = await node.guest("ann", "echo-message"), await node.guest("bob")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    ann.read()
    node.journal.broken = True
    assert await ann.ask("PRIVMSG #c :who knows") == []
    assert await bob.ask("PRIVMSG #c :who knows") == []
    assert node.broken == ["the disk is gone"]
    kept = len(node.journal.kept)
    await bob.drop()
    async with asyncio.timeout(20):
        await node.hub.stop(1.0)
    assert commands(ann.read()) == ["ERROR"]
    assert len(node.journal.kept) == kept
    assert node.journal.snapshots == []


async def test_a_session_that_closes_while_it_registers_leaves_no_ghost() -> None:
    node = Node()
    node.journal.hold = True
    ann = Guest(node)
    ann.give("NICK ann", "USER a 0 * :a")
    ann.stream.ended = True
    ann.connection.closed("reset")
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert [type(e.record) for e in node.journal.kept][-2:] == [Connected, Disconnected]
    assert node.world.users == {}
    assert node.hub.sessions.roster.connections == {}


async def test_a_session_that_closes_while_it_loses_a_nick_leaves_nothing() -> None:
    node = Node()
    await node.guest("same")
    node.journal.hold = True
    ann, bob = Guest(node), Guest(node)
    ann.give("NICK new", "USER a 0 * :a")
    bob.give("NICK new", "USER b 0 * :b")
    bob.stream.ended = True
    bob.connection.closed(None)
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert set(node.world.users) == {"same", "new"}
    assert len(node.hub.sessions.roster.connections) == 2


async def test_a_session_that_never_registers_is_forgotten() -> None:
    node = Node()
    ann = Guest(node)
    await ann.ask("NICK ann")
    await ann.drop()
    assert node.hub.sessions.roster.connections == {}


async def checked(node: Node, count: int) -> None:
    """Wait until so many passwords have been checked."""
    async with asyncio.timeout(20):
        for _ in range(count):
            await node.passwords.done.get()
    await node.quiet()


async def test_the_servers_password_is_checked() -> None:
    node = Node(Policy(flood=None, password="hash:right"))
    ann, bob, cat = Guest(node), Guest(node), Guest(node)
    ann.give("PASS right", "NICK ann", "USER a 0 * :a", "PING x")
    await checked(node, 1)
    assert [c for c in commands(ann.read()) if c in ("001", "PONG")] == ["001", "PONG"]
    bob.give("PASS wrong", "NICK bob", "USER b 0 * :b")
    await checked(node, 1)
    assert commands(bob.read()) == ["464", "ERROR"]
    cat.give("PASS right", "NICK cat", "USER c 0 * :c")
    await cat.drop()
    await checked(node, 1)
    assert list(node.hub.sessions.roster.connections) == [ann.connection.session.id]
    assert set(node.world.users) == {"ann"}
    node.passwords.stop()


async def test_too_many_password_checks_are_refused() -> None:
    node = Node(
        Policy(flood=None, password="hash:right", operators={"root": OperBlock("hash:right")})
    )
    ann = Guest(node)
    ann.give("PASS right", "NICK ann", "USER a 0 * :a")
    await checked(node, 1)
    ann.read()
    others = [Guest(node) for _ in range(3)]
    for number, guest in enumerate(others):
        guest.give("PASS right", f"NICK n{number}", "USER x 0 * :x")
    # One is being checked and one waits, which is all that may.
    (failure,) = await ann.ask("OPER root right")
    assert failure.params[:2] == ("OPER", "TRY_AGAIN")
    assert commands(others[2].read()) == ["FAIL", "ERROR"]
    await checked(node, 2)
    assert others[2].connection.session.id not in node.hub.sessions.roster.connections
    assert commands(await ann.ask("PING x"))[-1] == "PONG"
    node.passwords.stop()


async def test_a_stop_ends_although_clients_keep_talking() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann", "echo-message")
    await ann.ask("JOIN #c")
    node.journal.hold = True
    ann.give(*(f"PRIVMSG #c :{number}" for number in range(200)))
    stop = asyncio.ensure_future(node.hub.stop(1.0))
    await node.quiet()
    assert not stop.done()
    node.journal.hold = False
    node.journal.release()
    async with asyncio.timeout(20):
        await stop
    told = ann.read()
    echoed = texts(told)
    assert echoed == [str(number) for number in range(len(echoed))]
    assert len([e for e in node.journal.kept if isinstance(e.record, Said)]) == len(echoed)
    assert told[-1].command == "ERROR"
    ((seq, stored),) = node.journal.snapshots
    assert seq == node.world.applied
    stopped = snapshot.decode(stored)
    assert (stopped.users, stopped.nodes[0].is_up) == ({}, False)


async def test_a_fault_in_one_command_costs_one_connection(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node = Node(keep=["#c"])
    ann, bob = await node.guest("ann"), await node.guest("bob")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    ann.read()

    def broken(ctx: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setitem(COMMANDS, "VERSION", replace(COMMANDS["VERSION"], handler=broken))
        answers = await bob.ask("VERSION")
    assert commands(answers) == ["ERROR"]
    assert texts(ann.read(), "QUIT")
    with monkeypatch.context() as patch:
        patch.setitem(cast("dict[Any, Any]", FOLLOW_UPS), AwaySet, lambda ctx, *_: broken(ctx))
        await ann.ask("AWAY :gone")
    assert ann.stream.ended
    cat = await node.guest("cat")
    assert commands(await cat.ask("PING x")) == ["PONG"]
    assert "a fault of ours" in capsys.readouterr().out


async def test_a_fault_in_telling_what_an_entry_brought_about_costs_one_connection(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node = Node()
    ann, bob = await node.guest("ann"), await node.guest("bob")
    await ann.ask("MONITOR + cat")

    def broken(ctx: object, users: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr("hubbub.core.telling.show_watched", broken)
        await node.guest("cat")
    assert ann.stream.ended
    assert commands(await bob.ask("PING x")) == ["PONG"]
    assert not node.broken
    assert "a fault of ours" in capsys.readouterr().out


async def test_a_fault_after_something_was_checked_costs_one_connection(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node = Node(Policy(flood=None, operators={"root": OperBlock("hash:secret")}))
    ann, bob = await node.guest("ann"), await node.guest("bob")

    def broken(*args: object, **fields: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("hubbub.core.commands.operators.oper.UserModesSet", broken)
    ann.give("OPER root secret")
    await node.passwords.done.get()
    await node.quiet()
    assert ann.stream.ended
    assert commands(await bob.ask("PING x")) == ["PONG"]
    assert "a fault of ours" in capsys.readouterr().out


async def test_an_entry_that_cannot_be_applied_stops_the_node(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    node = Node(keep=["#c"])
    ann, bob = await node.guest("ann"), await node.guest("bob")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    ann.read()

    def broken(world: object, entry: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr("hubbub.node.returns.apply", broken)
        await bob.ask("PRIVMSG #c :one")
    assert node.broken == ["an entry could not be applied; the log says more"]
    node.hub.committed(node.journal.kept[-1:])
    await node.quiet()
    assert ann.read() == []
    async with asyncio.timeout(20):
        await node.hub.stop(1.0)
    assert node.journal.snapshots == []


async def test_the_world_is_stored_when_much_has_changed() -> None:
    node = Node()
    ann = await node.guest("ann")
    for number in range(hub_module.SNAPSHOT_CHANGES // 50):
        await ann.ask(*(f"AWAY :{number} {part}" for part in range(50)))
    node.hub.store_snapshot_if_due()
    node.hub.store_snapshot_if_due()
    ((seq, _),) = node.journal.snapshots
    assert seq == node.world.applied


async def test_a_large_world_is_stored_less_often() -> None:
    node = Node()
    ann = await node.guest("ann")
    held = hub_module.SNAPSHOT_SHARE * (hub_module.SNAPSHOT_CHANGES + 100)
    node.world.accounts = {f"a{number}": Account(f"a{number}", 0) for number in range(held)}
    for number in range(hub_module.SNAPSHOT_CHANGES // 50):
        await ann.ask(*(f"AWAY :{number} {part}" for part in range(50)))
    node.hub.store_snapshot_if_due()
    assert node.journal.snapshots == []
    for number in range(3):
        await ann.ask(*(f"AWAY :again {number} {part}" for part in range(50)))
    node.hub.store_snapshot_if_due()
    while not node.journal.snapshots:
        await node.quiet()
    ((seq, _),) = node.journal.snapshots
    assert seq == node.world.applied


async def test_what_a_start_has_replayed_is_stored_soon() -> None:
    world = World()
    world.changes = hub_module.SNAPSHOT_CHANGES
    node = Node(world=world)
    node.hub.store_snapshot_if_due()
    assert len(node.journal.snapshots) == 1


async def test_a_channel_that_ends_takes_its_history_along() -> None:
    node = Node(keep=["#kept"])
    ann = await node.guest("ann")
    await ann.ask("JOIN #kept,#c", "PART #kept,#c")
    ((history),) = node.journal.forgotten
    assert history.startswith("#c,")


async def test_the_log_tells_who_tried_to_be_operator() -> None:
    node = Node(Policy(flood=None, operators={"root": OperBlock("no hash")}))
    ann = await node.guest("ann")
    with structlog.testing.capture_logs() as log:
        await ann.ask("OPER root wrong-secret")
        await ann.ask("OPER wrong-name wrong-secret")
        async with asyncio.timeout(20):
            await ann.ask("PING x")
            while len(log) < 4:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    told = [(line["event"], line.get("by"), line.get("operator")) for line in log]
    assert told == [
        ("login failed", None, None),
        ("OPER refused", "ann", "root"),
        ("login failed", None, None),
        ("OPER refused", "ann", None),
    ]
    assert "wrong" not in str(log)
