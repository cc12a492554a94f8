"""What comes back from the journal is applied, counted and answered, in its order."""

from __future__ import annotations

import hashlib

from hubbub.core import snapshot
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.rules import RULES
from tests.node.memory_journal import START
from tests.node.node_harness import Node, commands, texts


async def test_only_messages_that_came_true_are_counted() -> None:
    node = Node()
    ann, bob = await node.guest("ann"), await node.guest("bob")
    for guest in (ann, bob):
        await guest.ask("JOIN #c")
    before = node.hub.sessions.tally.messages
    node.journal.hold = True
    # When it is said it is allowed; when its turn comes it is not.
    ann.give("KICK #c bob")
    bob.give("PRIVMSG #c :2")
    ann.give("PRIVMSG #c :1", "PART #c")
    await node.quiet()
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    (refused,) = [entry for entry in node.journal.kept if entry.seq in node.journal.refused]
    assert isinstance(refused.record, Said)
    assert refused.record.source.startswith("bob!")
    assert node.hub.sessions.tally.messages == before + 1
    assert sum(node.hub.sessions.tally.told.counts) > 0


async def test_what_was_not_kept_is_counted_and_stands_in_its_place() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann", "echo-message")
    await ann.ask("JOIN #c")
    found = await ann.ask("PRIVMSG #c :1")
    node.journal.full = True
    found += await ann.ask("PRIVMSG #c :2")
    node.journal.full = False
    found += await ann.ask("PRIVMSG #c :3")
    assert commands(found) == ["PRIVMSG", "FAIL", "PRIVMSG"]
    assert texts(found) == ["1", "3"]
    assert node.hub.sessions.tally.not_kept == 1


async def test_who_waits_for_its_answer_gets_it_behind_what_brought_it_about() -> None:
    node = Node()
    ann = await node.guest("ann", "labeled-response", "batch", "message-tags", "echo-message")
    await ann.ask("JOIN #a")
    answer, pong = await ann.ask("@label=x PRIVMSG #a :1", "PING y")
    assert (texts([answer]), answer.tags["label"], pong.command) == (["1"], "x", "PONG")


async def test_what_other_nodes_ask_for_settles_nothing_here() -> None:
    node = Node(keep=["#c"])
    ann, bob = await node.guest("ann"), await node.guest("bob")
    await bob.ask("JOIN #c")
    node.journal.hold = True
    bob.give("PRIVMSG #c :on its way")
    assert await ann.ask("PING here") == []
    far = Said(Origin(SessionId(7, 1, 1), 1), "far!f@host", "", "PRIVMSG", "#c", None, ("#c",))
    place = len(node.journal.kept) + 1
    entry = Entry(place, START + place * 1000, f"msgid{place}", far, Body("hello"))
    node.journal.kept.append(entry)
    node.hub.committed([entry])
    await node.quiet()
    assert ann.read() == []
    node.journal.release()
    await node.quiet()
    assert commands(ann.read()) == ["PONG"]
    assert not node.hub.sessions.backlog.on_their_way


async def test_worlds_are_compared_now_and_then_by_nodes_whose_programs_are_the_same() -> None:
    node = Node()
    node.hub._returns.compared_every = 5
    await node.guest("ann")
    assert node.journal.vouched == {}, "nobody is there to compare with"
    other = NodeStarted(Origin(SessionId(3, 1, 0), 1), RULES)
    node.hub.sessions.append(lambda _: other)
    ann = await node.guest("bob")
    while len(node.journal.kept) % 5:
        await ann.ask("AWAY :x")
    seq, digest = len(node.journal.kept), hashlib.sha256(snapshot.encode(node.world)).digest()
    assert node.journal.vouched == {seq: digest}
    node.world.nodes[3].program = "another"
    for _ in range(5):
        await ann.ask("AWAY :x")
    assert node.journal.vouched == {seq: digest}
