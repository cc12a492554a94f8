"""Reactions: kept with the message that they belong to, counted once, and no part of a page."""

from __future__ import annotations

import pytest

from hubbub.irc.message import Message
from tests.node.history.talk import CAPS
from tests.node.node_harness import Guest, Node, commands, texts

EVENTS = (*CAPS, "draft/event-playback", "draft/message-redaction")
END = "draft/chathistory-end"


async def reacted(node: Node) -> tuple[Guest, Guest, list[str]]:
    """Return two in #c, where three things were said, and the msgids of those."""
    ann, bob = await node.attach("ann", "ann", *EVENTS), await node.attach("bob", "bob", *EVENTS)
    for one in (ann, bob):
        await one.ask("JOIN #c")
    await ann.ask(*(f"PRIVMSG #c :{number}" for number in (1, 2, 3)))
    ids = [entry.msgid for entry in node.journal.kept if entry.body is not None and entry.body.text]
    bob.read()
    return ann, bob, ids


def react(msgid: str, emoji: str = "x", tag: str = "react", target: str = "#c") -> str:
    return f"@+draft/reply={msgid};+draft/{tag}={emoji} TAGMSG {target}"


def page(messages: list[Message]) -> list[str]:
    """Return what a page shows: texts, and below each what was said to it as `who emoji`."""
    found = []
    for message in messages:
        if message.command == "PRIVMSG":
            found.append(message.params[1])
        elif "draft/chathistory-context" in message.tags:
            assert message.tags["batch"] == messages[0].params[0][1:]
            found.append(f"{message.nick} {message.tags['+draft/react']}")
    return found


async def test_a_reaction_follows_its_message_and_counts_for_nothing() -> None:
    node = Node()
    ann, bob, ids = await reacted(node)
    await bob.ask(react(ids[1]), react(ids[1]), react(ids[1], "y"), react(ids[2], "z"))
    await bob.ask(react(ids[2], "z", "unreact"))
    await ann.ask(react(ids[1]), react("nothing"))
    ann.read()
    found = await ann.ask(f"CHATHISTORY AFTER #c msgid={ids[0]} 2")
    assert page(found) == ["2", "bob x", "bob y", "ann x", "3"]
    # Who takes only what was said is shown only that.
    plain = await node.attach("ann", "ann", *CAPS)
    assert page(await plain.ask("CHATHISTORY LATEST #c * 3")) == ["1", "2", "3"]


async def test_who_goes_on_from_a_reaction_misses_nothing() -> None:
    node = Node()
    ann, bob, ids = await reacted(node)
    await bob.ask(react(ids[0]))
    ann.read()
    found = await ann.ask(f"CHATHISTORY BEFORE #c msgid={ids[1]} 1")
    assert page(found) == ["1", "bob x"]
    last = found[-2].tags["msgid"]
    assert last not in ids
    assert page(await ann.ask(f"CHATHISTORY AFTER #c msgid={last} 5")) == ["2", "3"]


async def test_what_is_taken_back_or_of_elsewhere_is_not_shown() -> None:
    node = Node()
    ann, bob, ids = await reacted(node)
    await bob.ask(react(ids[0]), react(ids[1]), "JOIN #d", react(ids[2], target="#d"))
    await bob.ask(react(ids[2], target="ann"))
    entry = next(one for one in node.journal.kept if one.body and one.body.tags)
    await bob.ask(f"REDACT #c {entry.msgid}")
    ann.read()
    assert page(await ann.ask("CHATHISTORY LATEST #c * 4")) == ["1", "2", "bob x", "3"]


async def test_a_stretch_that_one_may_not_read_hides_its_reactions_too() -> None:
    node = Node()
    ann, bob, ids = await reacted(node)
    cat = await node.attach("cat", "cat", *EVENTS)
    await ann.ask("MODE #c +i")
    await bob.ask(react(ids[0]))
    await ann.ask("MODE #c -i")
    await cat.ask("JOIN #c")
    assert page(await cat.ask("CHATHISTORY LATEST #c * 9")) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("question", "is_last"),
    [
        ("LATEST #c * 3", True),
        ("LATEST #c * 2", False),
        ("BEFORE #c {2} 2", True),
        ("BEFORE #c {2} 1", False),
        ("AFTER #c {0} 2", True),
        ("AFTER #c {0} 1", False),
        ("AFTER #c {2} 5", True),
        ("BETWEEN #c {2} {0} 1", True),
        ("BETWEEN #c {0} {2} 1", True),
        ("AROUND #c {1} 5", False),
    ],
)
async def test_the_last_page_says_so(question: str, is_last: bool) -> None:
    node = Node()
    ann, _, ids = await reacted(node)
    plain = await node.attach("ann", "ann", *CAPS)
    asked = question.format(*(f"msgid={msgid}" for msgid in ids))
    opening, *said, _ = await plain.ask(f"CHATHISTORY {asked}")
    assert (END in opening.tags) == is_last
    assert len(texts(said)) <= int(question.split()[-1])
    bare = await node.attach("ann", "ann", "batch", "draft/chathistory")
    assert (await bare.ask(f"CHATHISTORY {asked}"))[0].tags == {}
    assert "BATCH" in commands(await ann.ask(f"CHATHISTORY {asked}"))
