"""A channel in which something was said, and the capabilities of who can ask for that."""

from __future__ import annotations

from tests.node.node_harness import Guest, Node

CAPS = ("batch", "message-tags", "server-time", "draft/chathistory")


async def talk(node: Node, count: int, *caps: str) -> tuple[Guest, Guest]:
    """Return one who has said so much in #c, and one who was there."""
    ann, bob = await node.guest("ann", *caps), await node.guest("bob", *caps)
    await bob.ask("JOIN #c")
    await ann.ask("JOIN #c", *(f"PRIVMSG #c :{number}" for number in range(1, count + 1)))
    ann.read()
    bob.read()
    return ann, bob
