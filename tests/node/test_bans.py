"""Addresses that are kept out: at the doors, and of those who are here."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.core.policy.privileges import OWNER
from hubbub.core.records.base import Origin
from hubbub.core.records.moderation import NetworkBanAdded
from hubbub.core.world.bans import ADDRESS, NetworkBan
from hubbub.node.entry import gate as gate_module
from hubbub.node.entry.doors import Doors
from hubbub.transport.proxy.trusted import Proxies
from tests.node.node_harness import Guest, Node, commands

KEY = b"k" * 32
HERE = "127.0.0.1/32"


def node_with_operator() -> Node:
    return Node(Policy(flood=None, operators={"root": OperBlock("hash:secret")}), keep=["#c"])


async def operator(node: Node, name: str = "root", address: str = "198.51.100.1") -> Guest:
    oper = Guest(node)
    oper.connection.address = address
    await oper.register("oper" if name == "root" else name)
    oper.give(f"OPER {name} secret")
    await node.quiet()
    await node.passwords.done.get()
    await oper.ask()
    return oper


async def said_at_the_door(doors: Doors, header: bytes = b"") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", doors.open("127.0.0.1", 0))
    writer.write(header + b"PING x\r\n")
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this machine's address count as any other."""
    monkeypatch.setattr(gate_module, "is_loopback", lambda address: False)


@pytest.mark.usefixtures("far")
async def test_a_banned_address_is_turned_away_at_once() -> None:
    node = Node()
    node.world.bans.add(NetworkBan(ADDRESS, HERE, "root", 0, 0, "scanners"))
    doors = Doors(node.hub, KEY)
    assert await said_at_the_door(doors) == (
        b"ERROR :Closing link: You are banned from this server: scanners\r\n"
    )
    node.world.bans.remove(ADDRESS, HERE)
    assert b"PONG" in await said_at_the_door(doors)
    node.world.bans.add(NetworkBan(ADDRESS, HERE, "root", 0, 1, "long ago"))
    assert b"PONG" in await said_at_the_door(doors)
    doors.close()
    await node.hub.stop(1.0)


async def test_this_machine_is_let_in_whatever_is_banned() -> None:
    node = Node()
    node.world.bans.add(NetworkBan(ADDRESS, HERE, "root", 0))
    doors = Doors(node.hub, KEY)
    assert b"PONG" in await said_at_the_door(doors)
    doors.close()
    await node.hub.stop(1.0)


@pytest.mark.usefixtures("far")
async def test_of_those_behind_a_proxy_the_banned_are_turned_away_and_the_proxy_is_not() -> None:
    node = Node()
    for target in (HERE, "192.0.2.0/24"):
        node.world.bans.add(NetworkBan(ADDRESS, target, "root", 0))
    doors = Doors(node.hub, KEY, Proxies(["127.0.0.1"]))
    header = "PROXY TCP4 {} 198.51.100.9 4711 6667\r\n"
    assert b"PONG" in await said_at_the_door(doors, header.format("198.51.100.1").encode())
    assert b"ERROR" in await said_at_the_door(doors, header.format("192.0.2.7").encode())
    doors.close()
    await node.hub.stop(1.0)


async def test_who_is_here_from_a_banned_address_has_to_go() -> None:
    node = node_with_operator()
    oper = await operator(node)
    ann, waiting = await node.guest("ann"), Guest(node)
    for guest in (ann, oper):
        await guest.ask("JOIN #c")
    ann.read(), oper.read()
    told = await oper.ask("UBAN TEST 192.0.2.0/24")
    assert [message.params[-1] for message in told] == [
        "address 192.0.2.0/24 meets 1 who are here:",
        "ann",
    ]
    told = await oper.ask("DLINE 1h 192.0.2.1 :scanners")
    assert sorted(commands(told)) == ["NOTICE", "QUIT"]
    text = "You are banned from this server: scanners"
    for guest in (ann, waiting):
        banned, error = guest.read()
        assert (banned.command, banned.params[-1]) == ("465", text)
        assert error.params[0].endswith(f"({text})")
    assert list(node.world.users) == ["oper"]


async def test_a_ban_from_elsewhere_spares_operators_who_may_do_more() -> None:
    """Where it was asked for nobody could see whose addresses these are."""
    classes = {"root": OWNER, "mod": "moderator"}
    operators = {name: OperBlock("hash:secret", each) for name, each in classes.items()}
    node = Node(Policy(flood=None, operators=operators))
    root = await operator(node, "root", "192.0.2.8")
    mod, guest = await operator(node, "mod"), await node.guest("guest")
    origin = Origin(mod.connection.session.id, 999)
    ban = NetworkBanAdded(origin, ADDRESS, "192.0.2.0/24", "mod", reason="x", rank="moderator")
    node.hub.sessions.append(lambda _: ban)
    await node.quiet()
    assert [root.stream.ended, mod.stream.ended, guest.stream.ended] == [False, False, True]
    assert node.world.bans.get(ADDRESS, "192.0.2.0/24", 0) is not None


async def test_no_record_holds_the_address_of_a_connection() -> None:
    node = node_with_operator()
    oper = await operator(node)
    await node.guest("ann")
    await oper.ask("UBAN TEST ann", "UBAN ADD SURE ann 1d :spam", "AUDIT")
    assert list(node.world.users) == [], "all guests of this test have one host"
    assert not any("192.0.2" in repr(entry.record) for entry in node.journal.kept)


async def test_the_audit_is_shown_to_those_who_may_read_it() -> None:
    node = node_with_operator()
    oper = await operator(node)
    await oper.ask("WALLOPS :one", "WALLOPS :two")
    lines = [message.params[-1] for message in await oper.ask("AUDIT 2")]
    assert [line.split(" ", 1)[1] for line in lines] == [
        "oper!oper@host.cloak (operator root) WALLOPS one",
        "oper!oper@host.cloak (operator root) WALLOPS two",
        "entries",
    ]
