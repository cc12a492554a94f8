"""SEARCH: what is found, in which order, under which names, and by whom."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.core.policy.scopes import CONSOLE
from hubbub.irc.message import Message
from hubbub.node.history import search_answers
from tests.node.history.talk import CAPS
from tests.node.node_harness import Guest, Node, commands, texts

SEARCHES = (*CAPS, "soju.im/search", "draft/message-redaction", "labeled-response")


async def found(guest: Guest, attributes: str) -> list[str]:
    """Return the texts of what somebody finds."""
    guest.read()
    return texts(await guest.ask(f"SEARCH {attributes}"))


async def talking(node: Node) -> tuple[Guest, Guest]:
    """Return two in #c where both spoke of disks, and in private of a cat."""
    ann, bob = await node.attach("ann", "ann", *SEARCHES), await node.attach("bob", "bob", *CAPS)
    await ann.ask("JOIN #c", "PRIVMSG #c :the disk is full", "PRIVMSG bob :the cat is in")
    await bob.ask("JOIN #c", "PRIVMSG #c :Disk? Which one", "PRIVMSG ann :cat who")
    ann.read()
    bob.read()
    return ann, bob


async def test_what_is_found_comes_as_a_batch_the_oldest_first() -> None:
    ann, _ = await talking(Node(keep=["#c"]))
    opening, *hits, closing = await ann.ask("SEARCH text=disk")
    assert (opening.command, opening.params[1:]) == ("BATCH", ("soju.im/search",))
    assert closing.params == (f"-{opening.params[0][1:]}",)
    assert texts(hits) == ["the disk is full", "Disk? Which one"]
    assert all(hit.tags.keys() >= {"batch", "msgid", "time"} for hit in hits)
    assert [hit.params[0] for hit in hits] == ["#c", "#c"]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("text=disk;limit=1", ["Disk? Which one"]),
        ("text=disk\\sfrom:ann", ["the disk is full"]),
        ("text=disk;from=ann", ["the disk is full"]),
        ('text="which\\sone"', ["Disk? Which one"]),
        ("text=cat", ["the cat is in", "cat who"]),
        ("text=cat;in=bob", ["the cat is in", "cat who"]),
        ("text=cat;in=#c", []),
        ("from=bob;in=#C", ["Disk? Which one"]),
        ("text=disk;before=2000-01-01T00:00:00.000Z", []),
        ("text=disk;after=2100-01-01T00:00:00.000Z", []),
        ("text=nothing", []),
    ],
)
async def test_attributes_narrow_what_is_found(attributes: str, expected: list[str]) -> None:
    ann, _ = await talking(Node(keep=["#c"]))
    assert await found(ann, attributes) == expected


async def test_before_and_after_include_their_millisecond() -> None:
    ann, _ = await talking(Node(keep=["#c"]))
    _, first, second, _ = await ann.ask("SEARCH text=disk")
    assert await found(ann, f"text=disk;before={first.tags['time']}") == ["the disk is full"]
    assert await found(ann, f"text=disk;after={second.tags['time']}") == ["Disk? Which one"]


async def test_a_page_goes_on_before_a_message() -> None:
    ann, _ = await talking(Node(keep=["#c"]))
    _, last, _ = await ann.ask("SEARCH text=disk;limit=1")
    page = f"text=disk;limit=1;page={last.tags['msgid']}"
    _, first, _ = await ann.ask(f"SEARCH {page}")
    assert first.params[-1] == "the disk is full"
    assert await found(ann, f"text=disk;page={first.tags['msgid']}") == []


@pytest.mark.parametrize(
    ("attributes", "about"),
    [
        ("limit=3", "*"),
        ("text=disk;colour=red", "*"),
        ("text=disk;limit=0", "limit"),
        ("text=disk;limit=some", "limit"),
        ("text=disk;after=yesterday", "after"),
        ("text=disk\\safter:soon", "text"),
        ("text=disk\\sin:#c;in=#c", "in"),
        ("text=disk\\sfrom:ann;from=ann", "from"),
        ("text=disk;in=#nowhere", "in"),
        ("text=disk;in=#secret", "in"),
        ("text=disk;page=what", "page"),
        ("text=disk;direct", "*"),
    ],
)
async def test_what_is_wrong_is_named(attributes: str, about: str) -> None:
    node = Node(keep=["#c", "#secret"])
    ann, bob = await talking(node)
    await bob.ask("JOIN #secret", "MODE #secret +s", "PRIVMSG #secret :disk")
    (failed,) = await ann.ask(f"SEARCH {attributes}")
    assert failed.params[:3] == ("SEARCH", "INVALID_PARAMS", about)


async def test_a_labelled_search_is_answered_with_its_label() -> None:
    ann, _ = await talking(Node(keep=["#c"]))
    opening, *_ = await ann.ask("@label=7 SEARCH text=disk")
    assert opening.tags["label"] == "7"


async def test_without_batches_hits_come_as_they_are() -> None:
    _, _ = await talking(node := Node(keep=["#c"]))
    cy = await node.guest("cy")
    await cy.ask("JOIN #c")
    assert commands(await cy.ask("SEARCH text=disk")) == ["PRIVMSG", "PRIVMSG"]


# Secrecy


async def test_a_secret_channel_is_not_searched_from_outside() -> None:
    node = Node(keep=["#secret"])
    ann, eve = await node.attach("ann", "ann", *SEARCHES), await node.guest("eve", *SEARCHES)
    await ann.ask("JOIN #secret", "MODE #secret +s", "PRIVMSG #secret :disk")
    assert await found(eve, "text=disk") == []
    outside = await eve.ask("SEARCH text=disk;in=#secret")
    none = await eve.ask("SEARCH text=disk;in=#nowhere")
    assert [one.params for one in outside] == [one.params for one in none]


async def test_who_parted_finds_nothing_any_more() -> None:
    ann, bob = await talking(Node(keep=["#c"]))
    await bob.ask("PART #c")
    assert await found(bob, "text=disk") == []
    await ann.ask("PRIVMSG #c :another disk")
    await bob.ask("JOIN #c")
    assert len(await found(bob, "text=disk")) == 3


@pytest.mark.parametrize("mode", ["i", "s", "k key"])
async def test_of_a_closed_channel_one_finds_what_was_said_since_one_came(mode: str) -> None:
    node = Node(keep=["#c"])
    ann, bob = await node.attach("ann", "ann", *SEARCHES), await node.attach("bob", "bob", *CAPS)
    await ann.ask("JOIN #c")
    user = ann.connection.session.user
    assert user is not None
    node.world.channels["#c"].members[user].statuses = "o"
    await ann.ask(f"MODE #c +{mode}", "PRIVMSG #c :disk one", "INVITE bob #c")
    await bob.ask("JOIN #c key")
    await ann.ask("PRIVMSG #c :disk two")
    assert await found(bob, "text=disk") == ["disk two"]
    assert await found(bob, "text=disk;in=#c") == ["disk two"]
    assert await found(ann, "text=disk") == ["disk one", "disk two"]


async def test_nobody_finds_what_others_said_to_each_other() -> None:
    node = Node(keep=["#c"])
    ann, bob = await talking(node)
    eve = await node.attach("eve", "eve", *SEARCHES)
    await eve.ask("JOIN #c")
    assert await found(eve, "text=cat") == []
    assert await found(eve, "text=cat;in=ann") == await found(eve, "text=cat;in=bob") == []
    assert await found(bob, "text=cat") == await found(ann, "text=cat") != []


async def test_a_token_for_one_channel_finds_what_is_there_and_no_more() -> None:
    node = Node(keep=["#c", "#d"])
    ann, _ = await talking(node)
    await ann.ask("JOIN #d", "PRIVMSG #d :a disk elsewhere")
    robot = await node.attach("ann", "ann", *SEARCHES)
    robot.connection.session.scope = "read:#c"
    assert await found(robot, "text=disk;in=#C") == ["the disk is full", "Disk? Which one"]
    for refused in (
        "text=disk",
        "text=disk;in=#d",
        "text=disk\\sin:#c",
        "text=disk\\sin:#d;in=#c",
        "in=#c;text=disk;in=#d",
    ):
        assert await found(robot, refused) == [], refused
    robot.connection.session.scope = "post:#c"
    assert await found(robot, "text=disk;in=#c") == []


async def test_what_was_taken_back_is_not_found() -> None:
    ann, bob = await talking(Node(keep=["#c"]))
    _, first, *_ = await ann.ask("SEARCH text=disk")
    await ann.ask(f"REDACT #c {first.tags['msgid']}")
    assert await found(ann, "text=disk") == await found(bob, "text=disk") == ["Disk? Which one"]


# Names


async def test_hits_have_the_names_that_things_have_now() -> None:
    node = Node(keep=["#c"])
    ann, bob = await talking(node)
    await bob.ask("NICK robert")
    ann.read()
    _, first, second, _ = await ann.ask("SEARCH text=cat")
    assert (first.source, first.params[0]) == (ann.connection.session.user.source, "robert")  # type: ignore[union-attr]
    assert ((second.source or "").partition("!")[0], second.params[0]) == ("robert", "ann")


async def test_what_guests_said_who_are_gone_is_found_by_their_nick() -> None:
    node = Node()
    ann, guest = await node.attach("ann", "ann", *SEARCHES), await node.guest("dot", *CAPS)
    await guest.ask("PRIVMSG ann :a disk")
    await guest.ask("QUIT")
    assert await found(ann, "text=disk") == ["a disk"]
    assert await found(ann, "text=disk;in=dot") == ["a disk"]
    assert await found(ann, "text=disk;in=nobody") == []


# Bounds


async def test_it_says_that_it_is_behind() -> None:
    node = Node(keep=["#c"])
    ann, _ = await talking(node)
    node.archive.unsearched = 12
    note, *rest = await ann.ask("SEARCH text=disk")
    assert note.params[:3] == ("SEARCH", "BEHIND", "12")
    assert texts(rest) == ["the disk is full", "Disk? Which one"]


async def test_one_person_searches_twice_at_once_and_no_more() -> None:
    node = Node(keep=["#c"])
    await talking(node)
    devices = [await node.attach("ann", "ann", *SEARCHES) for _ in range(3)]
    node.archive.hold()
    for device in devices:
        device.give("SEARCH text=disk")
    await node.quiet()
    node.archive.release()
    await node.quiet()
    answers = [device.read() for device in devices]
    assert [one[0].command for one in answers] == ["BATCH", "BATCH", "FAIL"]
    assert answers[2][0].params[:2] == ("SEARCH", "TRY_AGAIN")
    # Others are not kept from it, and nor is this one afterwards.
    assert len(await found(devices[2], "text=disk")) == 2


# Who looks after the server


async def console(node: Node) -> Guest:
    """Return who speaks through the control socket."""
    guest = await node.guest("console")
    guest.connection.session.scope = CONSOLE
    return guest


def hits(answer: list[Message]) -> list[tuple[str, ...]]:
    return [one.params[3:] for one in answer if one.params[:1] == ("HIT",)]


async def test_the_console_finds_what_was_said_in_channels_and_that_is_on_record() -> None:
    node = Node(keep=["#c"])
    await talking(node)
    one = await console(node)
    found_there = hits(await one.ask("SEARCH text=the"))
    assert [(target, text) for target, _, text in found_there] == [("#c", '"the disk is full"')]
    found_there = hits(await one.ask("SEARCH text=the;direct"))
    assert [target for target, *_ in found_there] == ["#c", "bob"]
    acts = [entry.record for entry in node.journal.kept if "SEARCH" in str(entry.record)]
    assert len(acts) == 2
    assert "everything" in str(acts[1])
    assert "'the'" in str(acts[1])


async def test_a_connection_that_ends_meanwhile_is_answered_nothing() -> None:
    node = Node(keep=["#c"])
    ann, _ = await talking(node)
    node.archive.hold()
    ann.give("SEARCH text=disk")
    await node.quiet()
    await ann.drop()
    node.archive.release()
    await node.quiet()
    assert not node.broken
    assert search_answers.AT_ONCE == 2
    await asyncio.sleep(0)
