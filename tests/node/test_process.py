"""What a command asks of the process around the node, and what comes back of it."""

from __future__ import annotations

from hubbub.core.policy.policy import Policy
from hubbub.node.limits.bounds import Bounds
from tests.node.node_harness import Guest, Node, commands


async def test_a_rehash_reads_the_settings_again() -> None:
    node = Node()
    ann = await node.guest("ann")
    assert commands(await ann.ask("REHASH")) == ["481"]
    await make_operator(node, ann, "admin")
    answers = await ann.ask("REHASH")
    assert commands(answers) == ["382", "NOTICE", "NOTICE"]
    assert [message.params[-1] for message in answers[1:]] == ["reread", "but for one"]
    assert node.reloads == 1
    node.hub.sessions.adopt(Policy(network="Other", flood=None), Bounds())
    other = Guest(node)
    answers = await other.ask("NICK bob", "USER b 0 * :b")
    assert "Other" in answers[0].params[1]


async def test_a_drain_ends_the_node() -> None:
    node = Node()
    ann = await node.guest("ann")
    assert commands(await ann.ask("DRAIN 60")) == ["481"]
    await make_operator(node, ann, "owner")
    answers = await ann.ask("DRAIN 60", "DRAIN")
    assert [(each.command, each.params[-1]) for each in answers] == [("DRAIN", "it stops")] * 2
    assert node.drains == [60, None]


async def test_a_test_of_the_mail_server_sends_an_e_mail() -> None:
    node = Node()
    ann = await node.guest("ann")
    await make_operator(node, ann, "owner")
    await ann.ask("MAIL TEST ann@example.org")
    assert [mail.to for mail in node.mails] == ["ann@example.org"]


async def make_operator(node: Node, guest: Guest, kind: str) -> None:
    """Make a guest an operator of a class, who has just proved to be one."""
    guest.connection.session.proved_at = node.hub.sessions.seconds()
    user = guest.connection.session.user
    assert user is not None
    user.modes |= {"o"}
    user.operator_class = kind
