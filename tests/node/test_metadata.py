"""Metadata through the hub: who is told, once, and what a labelled command gets."""

from __future__ import annotations

from tests.node.node_harness import Node, commands

CAPS = ("batch", "labeled-response", "draft/metadata-3")


async def test_each_subscriber_is_told_once() -> None:
    node = Node()
    ann, bob = await node.guest("ann", *CAPS), await node.guest("bob", *CAPS)
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c", "MONITOR + ann", "METADATA * SUB url")
    ann.read()
    await ann.ask("METADATA * SET url :x")
    (told,) = bob.read()
    assert (told.command, told.params) == ("761", ("bob", "ann", "url", "*", "x"))


async def test_who_monitors_is_told_when_somebody_comes() -> None:
    node = Node()
    bob = await node.guest("bob", *CAPS)
    await bob.ask("MONITOR + ann", "METADATA * SUB url")
    ann = await node.guest("ann", *CAPS)
    assert commands(bob.read()) == ["730"]
    await ann.ask("METADATA * SET url :x", "NICK anna", "NICK ann")
    assert commands(bob.read()) == ["761", "731", "730", "761"]


async def test_a_labelled_answer_holds_the_batch() -> None:
    node = Node()
    ann = await node.guest("ann", *CAPS)
    await ann.ask("METADATA * SET url :x")
    outer, inner, value, inner_end, outer_end = await ann.ask("@label=z METADATA * LIST")
    assert (outer.tags["label"], outer.params[1]) == ("z", "labeled-response")
    assert inner.tags["batch"] == outer.params[0][1:]
    assert value.tags["batch"] == inner.params[0][1:]
    assert inner_end.params[0][1:] == inner.params[0][1:]
    assert outer_end.params[0][1:] == outer.params[0][1:]
