"""A command that waits for the archive: in its turn, with its label, once it can be read."""

from __future__ import annotations

import pytest

from hubbub.core.records.messages import Redacted
from hubbub.journal.port import ArchiveBusy
from hubbub.node.history import reader as history_module
from tests.node.node_harness import Guest, Node, commands

CAPS = (
    "message-tags",
    "echo-message",
    "batch",
    "labeled-response",
    "draft/chathistory",
    "draft/event-playback",
    "draft/message-redaction",
)


async def spoken(node: Node) -> tuple[Guest, str]:
    """Return one who has said something, and its msgid."""
    ann = await node.guest("ann", *CAPS)
    echo = (await ann.ask("JOIN #c", "PRIVMSG #c :whoops"))[-1]
    return ann, echo.tags["msgid"]


async def test_later_commands_wait_for_what_is_looked_up() -> None:
    node = Node()
    ann, msgid = await spoken(node)
    node.archive.hold()
    assert await ann.ask(f"REDACT #c {msgid}", "PING x") == []
    node.archive.release()
    await node.quiet()
    assert commands(ann.read()) == ["REDACT", "PONG"]
    (redacted,) = [e.record for e in node.journal.kept if isinstance(e.record, Redacted)]
    assert node.journal.erased == {redacted.seq}


async def test_its_label_is_on_what_it_brought_about() -> None:
    node = Node()
    ann, msgid = await spoken(node)
    (answer,) = await ann.ask(f"@label=x REDACT #c {msgid}")
    assert (answer.command, answer.tags["label"]) == ("REDACT", "x")
    (answer,) = await ann.ask(f"@label=y REDACT #c {msgid}")
    assert (answer.params[1], answer.tags["label"]) == ("UNKNOWN_MSGID", "y")


async def test_a_busy_archive_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "BUSY_SECONDS", 0)
    node = Node()
    ann, msgid = await spoken(node)
    node.archive.errors.append(ArchiveBusy("busy"))
    assert commands(await ann.ask(f"REDACT #c {msgid}")) == ["REDACT"]


async def test_who_leaves_meanwhile_takes_nothing_back() -> None:
    node = Node()
    ann, msgid = await spoken(node)
    node.archive.hold()
    ann.give(f"REDACT #c {msgid}")
    ann.stream.abort()
    node.archive.release()
    await node.quiet()
    assert node.journal.erased == set()


async def test_a_page_can_begin_where_something_was_taken_back() -> None:
    node = Node(keep=["#c"])
    ann, msgid = await spoken(node)
    await ann.ask("PRIVMSG #c :later", f"REDACT #c {msgid}")
    for bound, expected in (("AFTER", "later"), ("BEFORE", "")):
        answers = await ann.ask(f"CHATHISTORY {bound} #c msgid={msgid} 10")
        assert [m.params[1] for m in answers if m.command == "PRIVMSG"] == expected.split()


@pytest.mark.parametrize("caps", [CAPS, CAPS[:-1]])
async def test_a_history_tells_of_it_to_those_with_the_capability(caps: tuple[str, ...]) -> None:
    node = Node(keep=["#c"])
    ann, msgid = await spoken(node)
    await ann.ask(f"REDACT #c {msgid}")
    bob = await node.guest("bob", *caps)
    await bob.ask("JOIN #c")
    _, *events, _ = await bob.ask("CHATHISTORY LATEST #c * 10")
    assert commands(events) == ["JOIN", *["REDACT"] * (caps == CAPS), "JOIN"]
