"""Answers to labelled commands (IRCv3 labeled-response)."""

from __future__ import annotations

from hubbub.core.policy.policy import Policy
from hubbub.irc.message import Message
from hubbub.node.sending.response import Response
from tests.node.node_harness import Node, commands

CAPS = ("labeled-response", "batch", "message-tags", "echo-message")


def test_no_answer_is_an_ack() -> None:
    assert b"".join(Response("L", 7).chunks("srv", "r")) == b"@label=L :srv ACK\r\n"


def test_one_answer_carries_the_label() -> None:
    response = Response("L", 7)
    response.add_message(Message("PONG", ("srv", "x"), "srv"))
    assert b"".join(response.chunks("srv", "r")) == b"@label=L :srv PONG srv :x\r\n"


def test_several_answers_are_a_batch() -> None:
    response = Response("L", 7)
    response.add_message(Message("A", (), "srv"))
    response.add_message(Message("B", (), "srv"))
    assert b"".join(response.chunks("srv", "r")).splitlines() == [
        b"@label=L :srv BATCH +r labeled-response",
        b"@batch=r :srv A",
        b"@batch=r :srv B",
        b":srv BATCH -r",
    ]


def test_what_is_awaited_keeps_its_place() -> None:
    response = Response("L", 7)
    first = response.await_item()
    second = response.await_item()
    response.fulfil(second, lambda tags: b"two %d\r\n" % len(tags))
    assert response.awaited == 1
    response.fulfil(first, lambda tags: b"one %d\r\n" % len(tags))
    assert response.awaited == 0
    assert b"".join(response.chunks("srv", "r")).splitlines()[1:3] == [b"one 1", b"two 1"]


async def test_a_command_without_answer_is_acknowledged() -> None:
    ann = await Node().guest("ann", *CAPS)
    (answer,) = await ann.ask("@label=1 PONG x")
    assert answer.command == "ACK"
    assert answer.tags["label"] == "1"


async def test_an_echo_carries_the_label_and_comes_once() -> None:
    node = Node(keep=["#c"])
    ann, bob = await node.guest("ann", *CAPS), await node.guest("bob", "message-tags")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    ann.read()
    answers = await ann.ask("@label=e PRIVMSG #c :hello")
    assert [(m.command, m.tags.get("label")) for m in answers] == [("PRIVMSG", "e")]
    (heard,) = bob.read()
    assert "label" not in heard.tags


async def test_without_echo_a_message_is_acknowledged_when_it_is_kept() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann", "labeled-response", "batch", "message-tags")
    await ann.ask("JOIN #c")
    node.journal.hold = True
    assert await ann.ask("@label=1 PRIVMSG #c :hello") == []
    node.journal.release()
    await node.quiet()
    (answer,) = ann.read()
    assert (answer.command, answer.tags["label"]) == ("ACK", "1")


async def test_a_labelled_join_is_one_batch() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann", *CAPS, "draft/chathistory")
    answers = await ann.ask("@label=j JOIN #c")
    assert commands(answers) == ["BATCH", "JOIN", "353", "366", "BATCH"]
    assert answers[0].tags["label"] == "j"
    assert answers[0].params[1] == "labeled-response"
    reference = answers[0].params[0][1:]
    assert {m.tags["batch"] for m in answers[1:-1]} == {reference}


async def test_a_labelled_page_is_a_batch_within_or_the_answer_itself() -> None:
    node = Node(keep=["#c"])
    ann = await node.guest("ann", *CAPS, "draft/chathistory")
    await ann.ask("JOIN #c", "PRIVMSG #c :one", "PRIVMSG #c :two")
    answers = await ann.ask("@label=h CHATHISTORY LATEST #c * 10")
    assert commands(answers) == ["BATCH", "PRIVMSG", "PRIVMSG", "BATCH"]
    assert answers[0].tags["label"] == "h"
    assert answers[0].params[1:] == ("chathistory", "#c")


async def test_a_replay_is_nested_in_the_answer_to_a_labelled_join() -> None:
    node = Node(Policy(flood=None), keep=["#c", "#d"])
    bob = await node.guest("bob")
    await bob.ask("JOIN #c,#d", "PRIVMSG #c :in c", "PRIVMSG #d :in d")
    ann = await node.guest("ann", *CAPS, "server-time")
    answers = await ann.ask("@label=j JOIN #c,#d")
    outer = answers[0].params[0][1:]
    inner = [m for m in answers if m.command == "BATCH" and m.params[1:2] == ("chathistory",)]
    assert [m.tags["batch"] for m in inner] == [outer, outer]
    for batch, channel, text in zip(inner, ("#c", "#d"), ("in c", "in d"), strict=True):
        assert batch.params[2] == channel
        shown = [m for m in answers if m.tags.get("batch") == batch.params[0][1:]]
        assert [m.params[-1] for m in shown] == [text]
    assert [m.params[0] for m in answers if m.command == "BATCH"][-1] == f"-{outer}"


async def test_a_labelled_join_is_shown_before_what_is_said_there() -> None:
    node = Node(Policy(flood=None), keep=["#c"])
    bob, ann = await node.guest("bob"), await node.guest("ann", *CAPS, "server-time")
    await bob.ask("JOIN #c", "PRIVMSG #c :before")
    node.archive.hold()
    await ann.ask("@label=j JOIN #c")
    await bob.ask("PRIVMSG #c :after")
    assert ann.read() == []
    node.archive.release()
    await node.quiet()
    shown = ann.read()
    at = commands(shown).index("JOIN")
    said = [m.params[-1] for m in shown[at:] if m.command == "PRIVMSG"]
    assert said == ["before", "after"]


async def test_a_label_means_nothing_without_the_capability() -> None:
    ann = await Node().guest("ann", "message-tags")
    (answer,) = await ann.ask("@label=1 PING x")
    assert "label" not in answer.tags


async def test_a_refused_record_answers_its_label() -> None:
    node = Node()
    ann, bob = await node.guest("ann", *CAPS), await node.guest("bob", *CAPS)
    node.journal.hold = True
    ann.give("@label=a NICK same")
    bob.give("@label=b NICK same")
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    (won,) = ann.read()
    (lost,) = bob.read()
    assert (won.command, won.tags["label"]) == ("NICK", "a")
    assert (lost.command, lost.tags["label"]) == ("433", "b")
