"""What programs ask each other: told to those meant, kept nowhere, answered by no other device."""

from __future__ import annotations

import pytest

from hubbub.core.records.base import Origin
from hubbub.core.records.entries import Body, Draft
from hubbub.core.records.messages import Said, SaidInAbsence
from tests.node.node_harness import Guest, Node, texts

VERSION = "\x01VERSION\x01"
ASKER = ("batch", "message-tags", "server-time", "draft/chathistory", "draft/relaymsg")
MULTILINE = ("batch", "draft/multiline", "message-tags", "labeled-response", "echo-message")


async def people(node: Node) -> tuple[Guest, Guest, Guest]:
    """Return two devices of ann, and bob, all in #c."""
    ann, bob = await node.attach("ann", "ann", *MULTILINE), await node.guest("bob", *ASKER)
    other = await node.attach("ann", "ann", "echo-message")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    for guest in (ann, other, bob):
        guest.read()
    return ann, other, bob


SAID = {
    "to a channel": (f"PRIVMSG #c :{VERSION}",),
    "a reply": (f"NOTICE #c :{VERSION}",),
    "to a status": (f"PRIVMSG @#c :{VERSION}",),
    "directly": (f"PRIVMSG bob :{VERSION}",),
    "relayed": (f"RELAYMSG #c ann/elsewhere :{VERSION}",),
    "in several lines": (
        "BATCH +1 draft/multiline #c",
        "@batch=1 PRIVMSG #c :hello",
        f"@batch=1 PRIVMSG #c :{VERSION}",
        "BATCH -1",
    ),
}


@pytest.mark.parametrize("lines", SAID.values(), ids=SAID)
@pytest.mark.parametrize("label", ["", "@label=x "])
async def test_it_is_told_once_and_kept_nowhere(lines: tuple[str, ...], label: str) -> None:
    node = Node()
    ann, other, bob = await people(node)
    await ann.ask("MODE #c +o bob")
    other.read(), bob.read()
    echo = await ann.ask(label + lines[0], *lines[1:])
    assert VERSION in [m.params[-1] for m in echo], "the speaker's own echo"
    assert VERSION in [m.params[-1] for m in bob.read()]
    assert VERSION not in [m.params[-1] for m in other.read()]
    for target in ("#c", "ann"):
        assert texts(await bob.ask(f"CHATHISTORY LATEST {target} * 10")) == []
    assert all(not e.record.histories for e in node.journal.kept if isinstance(e.record, Said))


async def test_a_request_to_oneself_comes_back_to_who_made_it_only() -> None:
    node = Node(keep=["#c"])
    ann, other, _ = await people(node)
    assert texts(await ann.ask(f"PRIVMSG ann :{VERSION}")) == [VERSION, VERSION]
    assert texts(other.read()) == []


async def test_an_action_is_what_a_person_says() -> None:
    node = Node(keep=["#c"])
    ann, other, bob = await people(node)
    waves = "\x01ACTION waves\x01"
    await ann.ask(f"PRIVMSG #c :{waves}")
    assert texts(other.read()) == texts(bob.read()) == [waves]
    assert texts(await bob.ask("CHATHISTORY LATEST #c * 10")) == [waves]


async def test_what_was_kept_once_is_not_shown_again() -> None:
    node = Node(keep=["#c"])
    ann, _, bob = await people(node)
    session = ann.connection.session.id
    for text in (VERSION, "hello"):
        origin = Origin(session, 1)
        said = Said(origin, "ann!x@y", "ann", "PRIVMSG", "#c", None, ("#c",))
        node.journal.append(Draft(said, Body(text)))
    ann.connection.in_flight += 2
    await node.quiet()
    bob.read()
    assert texts(await bob.ask("CHATHISTORY LATEST #c * 10")) == ["hello"]
    timed, untimed = await node.guest("timed", "server-time"), await node.guest("untimed")
    assert texts(await timed.ask("JOIN #c")) == texts(await untimed.ask("JOIN #c")) == []


async def test_what_programs_ask_does_not_wait_for_who_is_not_connected() -> None:
    node = Node()
    ann = await node.attach("ann", "ann")
    await ann.ask("QUIT")
    bob = await node.guest("bob")
    assert [m.command for m in await bob.ask(f"PRIVMSG ann :{VERSION}")] == ["301"]
    assert not [e for e in node.journal.kept if isinstance(e.record, SaidInAbsence)]
