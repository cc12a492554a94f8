"""A history is read, and acted on, under the names that its channel and its people have now."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import Final

import msgspec
import pytest

from hubbub.core.policy.policy import Policy
from hubbub.core.records.channels import ChannelRenamed, ListEntryExpired
from hubbub.core.records.entries import AnyRecord
from hubbub.core.records.messages import Said, SaidInAbsence
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.records.registered_channels import ChannelPastOpened
from hubbub.irc.message import Message
from tests.node.node_harness import Guest, Node, commands, texts

CAPS: Final = (
    "message-tags",
    "batch",
    "echo-message",
    "draft/chathistory",
    "draft/event-playback",
    "draft/channel-rename",
    "draft/message-redaction",
    "draft/read-marker",
)
IN_A_HISTORY: Final = (
    "MODE #old +v bob",
    "TOPIC #old :about",
    "PRIVMSG #old :hello",
    "NOTICE #old :hello",
    "@+x=1 TAGMSG #old",
    "RELAYMSG #old zed/other :hello",
    "PRIVMSG #old :oops",
    "REDACT #old MSGID",
    "KICK #old bob :out",
)


def newest(messages: Sequence[Message], msgid: str) -> str:
    """Return the msgid of the last message, or the one that there was before."""
    return ([msgid] + [m.tags["msgid"] for m in messages if "msgid" in m.tags])[-1]


async def filled(node: Node) -> Guest:
    """Return the operator of #old, in whose history there is one of everything; it is #new now."""
    ann, bob, cat = await node.guest("ann", *CAPS), await node.guest("bob"), await node.guest("cat")
    msgid = ""
    await ann.ask("JOIN #old")
    await bob.ask("JOIN #old")
    await cat.ask("JOIN #old", "PART #old")
    for line in IN_A_HISTORY:
        msgid = newest(await ann.ask(line.replace("MSGID", msgid)), msgid)
    channel = node.world.channels["#old"]
    await ann.ask("MODE #old +b old!*@*")
    channel.lists["b"]["old!*@*"].expires = 1
    node.hub.sessions.append(
        lambda o: ListEntryExpired(o, "hub", "#old", "b", "old!*@*", (channel.history,))
    )
    await node.quiet()
    await ann.ask("RENAME #old #new")
    return ann


def named(messages: Sequence[Message]) -> set[str]:
    """Return what channels are named, but for what tells that one was renamed."""
    return {
        param
        for message in messages
        for param in message.params
        if param.startswith("#") and message.command != "RENAME"
    }


@pytest.mark.parametrize(
    "asked",
    ["LATEST #new *", "BEFORE #new timestamp=2100-01-01T00:00:00.000Z", "AROUND #new MSGID"],
)
async def test_every_event_of_a_page_names_the_channel_as_it_is_called(asked: str) -> None:
    node = Node()
    ann = await filled(node)
    msgid = next(e.msgid for e in node.journal.kept if isinstance(e.record, Said))
    page = await ann.ask(f"CHATHISTORY {asked} 100".replace("MSGID", f"msgid={msgid}"))
    assert {
        "JOIN",
        "PART",
        "KICK",
        "MODE",
        "TOPIC",
        "PRIVMSG",
        "NOTICE",
        "TAGMSG",
        "REDACT",
    } <= set(commands(page))
    assert named(page) == {"#new"}


async def test_nothing_that_names_a_channel_was_left_out_above() -> None:
    node = Node()
    await filled(node)
    history = node.world.channels["#new"].history
    there = {type(e.record) for e in node.journal.kept if history in _histories(e.record)}
    expected = {
        record
        for record in _all(AnyRecord)
        if "histories" in record.__struct_fields__
        and {"channel", "target"} & set(record.__struct_fields__)
    }
    # What operators did is shown to operators, as it was.
    expected.remove(OperatorActed)
    # It takes a registered founder to open the past: tests/insiders/test_closed_history.py.
    expected.remove(ChannelPastOpened)
    # Who is absent is a person.
    expected.remove(SaidInAbsence)
    assert there >= expected
    assert ChannelRenamed in there


def _histories(record: object) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(record, "histories", ())
    return found


def _all(union: object) -> set[type[msgspec.Struct]]:
    return set(typing.get_args(union))


async def test_a_replay_names_the_channel_as_it_was_called_when_it_was_joined() -> None:
    node = Node(Policy(flood=None, replay=50))
    ann = await filled(node)
    bob = await node.guest("bobby", "server-time")
    replayed = await bob.ask("JOIN #new")
    assert texts(replayed) == ["hello", "hello"]
    assert named(replayed) == {"#new"}
    node.archive.hold()
    cat = await node.guest("caty", "server-time")
    await cat.ask("JOIN #new")
    node.world.channels["#new"].renamed = 0
    await ann.ask("RENAME #new #newer")
    node.archive.release()
    await node.quiet()
    seen = cat.read()
    assert [m.params[0] for m in seen if m.command in ("PRIVMSG", "NOTICE")] == ["#new"] * 3
    order = commands(seen)
    assert order[-6:] == ["PART", "JOIN", "332", "333", "353", "366"]
    assert order.index("PART") > order.index("NOTICE")


async def test_what_was_said_before_can_be_taken_back() -> None:
    node = Node()
    ann, bob = await node.guest("ann", *CAPS), await node.guest("bob", *CAPS)
    await ann.ask("JOIN #old")
    await bob.ask("JOIN #old")
    msgid = newest(await ann.ask("PRIVMSG #old :oops"), "")
    await ann.ask("RENAME #old #new")
    bob.read()
    (answer,) = await ann.ask(f"REDACT #new {msgid}")
    assert (answer.command, answer.params) == ("REDACT", ("#new", msgid))
    (seen,) = bob.read()
    assert (seen.command, seen.params) == ("REDACT", ("#new", msgid))


async def test_both_ends_of_direct_messages_have_the_nicks_that_they_have() -> None:
    node = Node()
    ann, bob = await node.guest("ann", *CAPS), await node.guest("bob", *CAPS)
    msgid = newest(await ann.ask("PRIVMSG bob :from ann"), "")
    await bob.ask("PRIVMSG ann :from bob")
    await bob.ask("NICK robert")
    await ann.ask("NICK anna")
    page = await ann.ask("CHATHISTORY LATEST robert * 9")
    assert [(m.nick, m.params[0]) for m in page if m.command == "PRIVMSG"] == [
        ("anna", "robert"),
        ("robert", "anna"),
    ]
    (taken,) = await ann.ask(f"REDACT robert {msgid}")
    assert taken.params[0] == "robert"
    bob.read()
    page = await bob.ask("CHATHISTORY LATEST anna * 9")
    assert [(m.command, m.nick, m.params[0]) for m in page[1:-1]] == [
        ("PRIVMSG", "robert", "anna"),
        ("REDACT", "anna", "robert"),
    ]


async def test_who_is_renamed_while_a_message_is_on_its_way_is_called_by_the_new_nick() -> None:
    node = Node()
    ann, bob = await node.guest("ann", *CAPS), await node.guest("bob", *CAPS)
    node.journal.hold = True
    bob.give("NICK robert")
    ann.give("PRIVMSG bob :hello")
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert [m.params[0] for m in bob.read() if m.command == "PRIVMSG"] == ["robert"]


async def test_what_was_read_stays_read_and_belongs_to_nobody_else() -> None:
    node = Node()
    ann, bob = await node.guest("ann", *CAPS), await node.guest("bob")
    cat = await node.guest("cat", *CAPS)
    await ann.ask("JOIN #old")
    time = "timestamp=2020-01-01T00:00:00.000Z"
    await ann.ask(f"MARKREAD #old {time}", f"MARKREAD bob {time}")
    await cat.ask("JOIN #old", f"MARKREAD #old {time}", "PART #old")
    await bob.ask("NICK robert")
    await ann.ask("RENAME #old #new", "JOIN #old")
    asked = ("MARKREAD #new", "MARKREAD #old", "MARKREAD robert", "MARKREAD bob")
    assert [m.params for m in await ann.ask(*asked)] == [
        ("#new", time),
        ("#old", "*"),
        ("robert", time),
        ("bob", "*"),
    ]
    assert ("#new", time) in [m.params for m in await cat.ask("JOIN #new")]


async def test_who_is_forwarded_gets_to_the_channel_that_was_meant() -> None:
    node = Node()
    ann, bob = await node.guest("ann"), await node.guest("bob")
    await ann.ask("JOIN #full,#next", "MODE #full +if #next", "RENAME #next #other", "JOIN #next")
    assert commands(await bob.ask("JOIN #full"))[:2] == ["470", "JOIN"]
    assert list(node.world.users["bob"].channels) == ["#other"]
    assert "#other" in str(await ann.ask("MODE #full"))
