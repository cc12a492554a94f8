"""Direct conversations with who is gone: each has a name of its own, and can be read back."""

from __future__ import annotations

from dataclasses import replace

from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import AccountDropped, CredentialAdded
from hubbub.core.world.accounts import digest
from hubbub.irc.message import Message
from tests.node.node_harness import Guest, Node, commands, texts
from tests.node.test_absent import ASKER, FRAME, POLICY, account, arrive


async def targets(asker: Guest) -> list[str]:
    """Return whom one has spoken to, in the order of their newest messages."""
    found = await asker.ask(f"CHATHISTORY TARGETS {FRAME} 50")
    return [m.params[1] for m in found if m.command == "CHATHISTORY"]


async def read(asker: Guest, name: str) -> list[str]:
    """Return what was said in the conversation of a name."""
    return texts(await asker.ask(f"CHATHISTORY LATEST {name} * 50"))


async def says(node: Node, nick: str, *said: str) -> None:
    """Have a guest say something to ann, and go."""
    guest = await node.guest(nick)
    await guest.ask(*(f"PRIVMSG ann :{text}" for text in said), "QUIT")


async def test_a_guest_who_is_gone_has_the_nick_that_it_had() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    await says(node, "bob", "one", "two")
    ann = await arrive(node, "ann", "ann", *ASKER)
    assert await targets(ann) == ["bob"]
    assert await read(ann, "BOB") == ["one", "two"]
    after = texts(await ann.ask(f"CHATHISTORY AFTER bob msgid={first_said(node)} 5"))
    assert after == ["two"]
    failure = (await ann.ask("CHATHISTORY LATEST bobby * 50"))[0]
    assert failure.params[:3] == ("CHATHISTORY", "INVALID_TARGET", "LATEST")


def first_said(node: Node) -> str:
    return next(entry.msgid for entry in node.journal.kept if entry.body is not None)


async def test_what_one_said_to_a_guest_who_is_gone_is_found_by_its_nick() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    ann, bob = await arrive(node, "ann", "ann", *ASKER), await node.guest("bob")
    await ann.ask("PRIVMSG bob :hello")
    await bob.ask("QUIT")
    assert await targets(ann) == ["bob"]
    assert await read(ann, "bob") == ["hello"]


async def test_two_guests_of_one_nick_are_told_apart() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    await says(node, "bob", "first")
    await says(node, "Bob", "second")
    ann = await arrive(node, "ann", "ann", *ASKER)
    earlier, later = await targets(ann)
    assert later == "Bob"
    assert earlier.startswith("bob/")
    assert await read(ann, "bob") == ["second"], "the one who spoke last"
    assert await read(ann, earlier) == ["first"]
    # Now that there is a bob, the name is this one's, and what the others said has another.
    third = await node.guest("bob")
    assert await read(ann, "bob") == []
    await third.ask("PRIVMSG ann :third")
    names = await targets(ann)
    assert [await read(ann, name) for name in names] == [["first"], ["second"], ["third"]]
    assert names[2] == "bob"
    assert names[0] == earlier
    assert len(set(names)) == 3


async def test_a_guest_is_not_taken_for_an_account() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    await says(node, "bob", "guest")
    await account(node, "bob")
    bob = await arrive(node, "bob", "bob")
    await bob.ask("PRIVMSG ann :account", "QUIT")
    ann = await arrive(node, "ann", "ann", *ASKER)
    guest, name = await targets(ann)
    assert name == "bob"
    assert (await read(ann, name), await read(ann, guest)) == (["account"], ["guest"])
    node.hub.sessions.append(lambda origin: AccountDropped(origin, "bob", "test"))
    await node.quiet()
    assert await targets(ann) == [guest, "bob"]
    assert await read(ann, "bob") == ["account"]


async def test_a_guest_who_logged_in_is_another_from_then_on() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    await account(node, "bob")
    ann, guest = await arrive(node, "ann", "ann", *ASKER), await node.guest("rob")
    await guest.ask("PRIVMSG ann :as a guest")
    code = "hub_" + "b" * 32
    node.hub.sessions.append(lambda o: CredentialAdded(o, "bob", "token", digest(code), "x"))
    await node.quiet()
    await guest.ask(f"NICKSERV IDENTIFY bob {code}", "PRIVMSG ann :as bob")
    before, after = await targets(ann)
    assert after == "rob"
    assert (await read(ann, before), await read(ann, after)) == (["as a guest"], ["as bob"])


async def test_nobody_reads_what_another_was_told() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    await says(node, "bob", "secret")
    ann = await arrive(node, "ann", "ann", *ASKER)
    await says(node, "bob", "later")
    [name, _] = await targets(ann)
    eve = await node.guest("bob", *ASKER)
    other = await node.guest("eve", *ASKER)
    for asker in (eve, other):
        assert await targets(asker) == []
        for wanted in (name, "bob", "ann", "@a:ann", "*"):
            assert await read(asker, wanted) == []


async def test_a_message_to_who_is_gone_can_be_taken_back() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    ann = await arrive(node, "ann", "ann", *ASKER, "draft/message-redaction")
    bob = await node.guest("bob")
    await ann.ask("PRIVMSG bob :oops")
    await bob.ask("QUIT")
    ann.read()
    answer = await ann.ask(f"REDACT bob {first_said(node)}")
    assert commands(answer) == ["REDACT"]
    assert await read(ann, "bob") == []


async def test_how_much_is_unread_is_told_to_who_keeps_markers() -> None:
    node = Node(replace(Policy(flood=None)))
    await account(node, "ann")
    bob = await node.guest("bob")
    await bob.ask(*(f"PRIVMSG ann :{number}" for number in range(3)))
    ann = await arrive(node, "ann", "ann", *ASKER, "draft/read-marker")
    await ann.ask("PRIVMSG bob :answer")

    async def unread() -> str:
        found: list[Message] = await ann.ask(f"CHATHISTORY TARGETS {FRAME} 50")
        return next(m.tags.get("hubbub/unread", "") for m in found if m.command == "CHATHISTORY")

    assert await unread() == "3"
    said = await ann.ask("CHATHISTORY LATEST bob * 50")
    times = [m.tags["time"] for m in said if m.command == "PRIVMSG"]
    await ann.ask(f"MARKREAD bob timestamp={times[1]}")
    assert await unread() == "1"
    await ann.ask("CAP REQ -draft/read-marker")
    assert await unread() == ""


async def test_how_far_one_read_what_a_guest_of_a_double_nick_said_can_be_marked() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    ann = await arrive(node, "ann", "ann", *ASKER, "draft/read-marker")
    ann.read()
    time = "timestamp=2026-01-01T00:00:00.000Z"
    assert commands(await ann.ask(f"MARKREAD bob/123abc {time}")) == ["MARKREAD"]
