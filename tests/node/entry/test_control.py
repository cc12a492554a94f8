"""Who comes through the control socket is an owner, and nobody sees that."""

from __future__ import annotations

from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.world.bans import NetworkBan
from hubbub.node.entry.control import LINE_BYTES, connect
from tests.node.node_harness import FakeStream, Guest, Node, commands


class Operator(Guest):
    """Be at the control socket."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.stream = FakeStream()
        self.connection = connect(node.hub.sessions, self.stream)
        self.stream.peer = self.connection


async def test_an_owners_commands_are_carried_out_without_a_login() -> None:
    node = Node()
    found = await Operator(node).ask("REHASH")
    assert node.reloads == 1
    assert "481" not in commands(found)


async def test_it_is_no_user_and_nobody_can_speak_to_it() -> None:
    node = Node()
    operator, ann = Operator(node), await node.guest("ann")
    assert CONSOLE not in node.world.users
    found = await ann.ask(f"WHOIS {CONSOLE}", f"PRIVMSG {CONSOLE} :x", "LUSERS")
    assert commands(found)[:2] == ["401", "318"]
    assert operator.read() == []


async def test_no_ban_keeps_it_out_and_a_line_may_be_long() -> None:
    node = Node()
    node.world.bans.add(NetworkBan("mask", "*!*@*", "oper", 0))
    operator = Operator(node)
    # As long as no other client's may be.
    assert commands(await operator.ask("PING " + "x" * 1_000)) == ["PONG"]
    assert "417" in commands(await operator.ask("PING " + "x" * LINE_BYTES))
