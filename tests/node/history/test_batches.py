"""What is read back is put together as each client can take it."""

from __future__ import annotations

from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Said
from hubbub.irc.message import Message, parse
from hubbub.node.history.batches import BatchWriter
from hubbub.node.sending.response import Item
from tests.node.node_harness import Guest, Node, commands, texts

CAPS = ("batch", "message-tags", "server-time", "labeled-response")


def written(item: Item, **tags: str) -> list[Message]:
    """Return the messages of an item that is answered with these tags."""
    return [parse(line) for line in item(tags).split(b"\r\n") if line]


async def said(node: Node, *caps: str) -> tuple[BatchWriter, Guest, list[Entry]]:
    """Return what writes, who asks, and what was said in a channel."""
    ann = await node.guest("ann", *caps)
    await ann.ask("JOIN #a", "PRIVMSG #a :1", "PRIVMSG #a :2")
    entries = [entry for entry in node.journal.kept if isinstance(entry.record, Said)]
    return BatchWriter(node.hub.sessions), ann, entries


async def test_entries_are_a_batch_within_that_of_a_label() -> None:
    writer, ann, entries = await said(Node(), *CAPS)
    page = writer.page(ann.connection, ("chathistory", "#a"), entries)
    opening, *inner, closing = written(page, batch="outer")
    assert opening.params[1:] == ("chathistory", "#a")
    reference = opening.params[0].removeprefix("+")
    assert closing.params == (f"-{reference}",)
    assert [message.tags["batch"] for message in (opening, *inner)] == ["outer", *[reference] * 2]
    assert texts(inner) == ["1", "2"]
    # Two batches on their way at once must be told apart.
    other = written(writer.page(ann.connection, ("chathistory", "#a"), entries))[0]
    assert other.params[0] != opening.params[0]


async def test_without_that_capability_they_come_as_they_are() -> None:
    writer, ann, entries = await said(Node())
    found = written(writer.page(ann.connection, ("chathistory", "#a"), entries))
    assert (texts(found), [message.tags for message in found]) == (["1", "2"], [{}, {}])


async def test_lines_are_a_batch_only_of_a_labelled_answer() -> None:
    writer = BatchWriter(Node().hub.sessions)
    lines = [Message("NOTICE", ("ann", text), "server") for text in ("1", "2")]
    assert commands(written(writer.lines(lines))) == ["NOTICE", "NOTICE"]
    opening, *inner, _ = written(writer.lines(lines), label="x")
    assert (opening.params[1], opening.tags) == ("labeled-response", {"label": "x"})
    assert all(message.tags["batch"] == opening.params[0][1:] for message in inner)
    # Of nothing there is nothing, labelled or not.
    assert written(writer.together([]), label="x") == []


async def test_messages_are_a_batch_of_their_kind() -> None:
    writer = BatchWriter(Node().hub.sessions)
    targets = [Message("CHATHISTORY", ("TARGETS", name, "time")) for name in ("#a", "bob")]
    opening, *inner, closing = written(writer.of(("draft/chathistory-targets",), targets))
    assert opening.params[1:] == ("draft/chathistory-targets",)
    assert [message.params[1] for message in inner] == ["#a", "bob"]
    assert closing.command == "BATCH"
