"""What was said while a channel was closed stays with those who were in, whatever happens later."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from hubbub.core import snapshot
from hubbub.core.access import history
from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.irc.timestamps import format_time
from tests.core.world_harness import POLICY, Client, Harness, shown
from tests.node.node_harness import Guest, Node, texts

CAPS = ("batch", "message-tags", "server-time", "draft/chathistory")
REDACTS = (*CAPS, "draft/message-redaction", "draft/event-playback")
CLOSINGS = ("i", "s", "k key")


def promote(node: Node, guest: Guest, status: str) -> None:
    """Let a member of #c have a status."""
    user = guest.connection.session.user
    assert user is not None
    node.world.channels["#c"].members[user].statuses = status


async def closed(mode: str = "s", policy: Policy | None = None) -> tuple[Node, Guest, Guest]:
    """Return a node where ann said "before", closed #c, and said "secret"; and bob, not in."""
    node = Node(policy, keep=["#c"])
    ann, bob = await node.attach("ann", "ann", *REDACTS), await node.attach("bob", "bob", *REDACTS)
    await ann.ask("JOIN #c")
    promote(node, ann, "o")
    await ann.ask("PRIVMSG #c :before", f"MODE #c +{mode}", "PRIVMSG #c :secret")
    return node, ann, bob


async def read(guest: Guest) -> list[str]:
    """Return what somebody reads of the channel, by each way to ask."""
    guest.read()
    by_each = [
        texts(await guest.ask(f"CHATHISTORY {way}"))
        for way in (
            "LATEST #c * 50",
            "AFTER #c timestamp=2000-01-01T00:00:00.000Z 50",
            "BEFORE #c timestamp=2100-01-01T00:00:00.000Z 50",
            "AROUND #c timestamp=2026-01-01T00:00:00.000Z 50",
            "BETWEEN #c timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 50",
        )
    ]
    by_each.append(texts(await guest.ask("SEARCH in=#c;after=2000-01-01T00:00:00.000Z")))
    assert all(one == by_each[0] for one in by_each), by_each
    return by_each[0]


@pytest.mark.parametrize("mode", CLOSINGS)
async def test_opening_a_channel_opens_nothing_of_what_was_said_before(mode: str) -> None:
    node, ann, bob = await closed(mode)
    await ann.ask("INVITE bob #c")
    await bob.ask("JOIN #c")
    promote(node, bob, "h")
    opened = f"MODE #c -{mode}"
    await bob.ask(opened)
    assert await read(bob) == ["before"]
    await bob.ask("PRIVMSG #c :open", f"MODE #c +{mode}", "PRIVMSG #c :closed again", opened)
    assert await read(bob) == ["before", "open", "closed again"]
    assert await read(ann) == ["before", "secret", "open", "closed again"]
    cy = await node.guest("cy", *CAPS)
    await cy.ask("JOIN #c")
    assert await read(cy) == ["before", "open"]


async def test_who_was_in_and_left_has_left_it_behind() -> None:
    node, ann, _ = await closed()
    await ann.ask("PART #c", "JOIN #c")
    promote(node, ann, "o")
    await ann.ask("MODE #c -s")
    assert await read(ann) == ["before"]


async def test_neither_times_nor_counts_tell_of_it() -> None:
    node, ann, _ = await closed()
    cy = await node.guest("cy", *CAPS, "draft/read-marker")
    await ann.ask("MODE #c -s")
    await cy.ask("JOIN #c", "MARKREAD #c timestamp=2001-01-01T00:00:00.000Z")
    ever = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 9"
    before = next(e for e in node.journal.kept if e.body is not None and e.body.text == "before")
    await cy.ask("PRIVMSG cy :a note to myself, later than all that")
    for limit, count in ((9, 2), (1, 1)):
        # What is hidden takes no place either: who asks for one conversation could find its time.
        answer = await cy.ask(f"CHATHISTORY TARGETS {ever[:-2]} {limit}")
        told = [m.params[1:] for m in answer if m.command == "CHATHISTORY"]
        assert told[0] == ("#c", format_time(before.time))
        assert len(told) == count
    await ann.ask("PRIVMSG #c :open")
    await cy.ask("MARKREAD #c timestamp=2001-01-01T00:00:00.000Z")
    answer = await cy.ask(f"CHATHISTORY TARGETS {ever}")
    tags = {m.params[1]: m.tags for m in answer if m.command == "CHATHISTORY"}
    assert tags["#c"]["hubbub/unread"] == "2", "before, and open"


async def test_who_is_shown_what_it_missed_is_not_shown_this() -> None:
    node, ann, _ = await closed(policy=Policy(flood=None, replay=50))
    await ann.ask("MODE #c -s")
    old = await node.guest("old", "server-time")
    assert texts(await old.ask("JOIN #c")) == ["before"]


async def test_what_one_may_not_read_cannot_be_taken_back_either() -> None:
    node, ann, bob = await closed()
    await ann.ask("MODE #c -s")
    secret = next(e for e in node.journal.kept if e.body is not None and e.body.text == "secret")
    await bob.ask("JOIN #c")
    promote(node, bob, "o")
    [answer] = await bob.ask(f"REDACT #c {secret.msgid}")
    assert answer.params[:4] == ("REDACT", "UNKNOWN_MSGID", "#c", secret.msgid)
    found = await bob.ask(f"CHATHISTORY AROUND #c msgid={secret.msgid} 9")
    assert texts(found) == ["before"]


async def test_a_key_is_not_read_back() -> None:
    _, ann, bob = await closed("k hunter2")
    await ann.ask("MODE #c -k *", "MODE #c +k-k hunter3 *")
    await bob.ask("JOIN #c hunter2")
    lines = [str(m) for g in (ann, bob) for m in await g.ask("CHATHISTORY LATEST #c * 50")]
    assert any("+k" in line for line in lines)
    assert not [line for line in lines if "hunter" in line]


@pytest.fixture
def founded(harness: Harness) -> Client:
    ann = harness.connect_as("ann", "ann")
    for line in ("JOIN #c", "CHANNEL REGISTER #c", "MODE #c +s", "PRIVMSG #c :secret"):
        ann.send(line)
    return ann


@pytest.fixture
def harness() -> Harness:
    return Harness(replace(POLICY, operators={"root": OperBlock("hash:secret", "owner")}))


def test_the_founder_alone_opens_the_past_and_the_channel_hears(
    harness: Harness, founded: Client
) -> None:
    bob, root = harness.connect_as("bob", "bob"), harness.connect("root")
    founded.send("CHANNEL ACCESS #c bob protected")
    assert "STILL_CLOSED" in shown(founded.send("CHANNEL OPENPAST #c SURE"))[0]
    founded.send("MODE #c -s")
    bob.send("JOIN #c")
    root.send("OPER root secret")
    for other in (bob, root):
        assert "PRIVS_NEEDED" in shown(other.send("CHANNEL OPENPAST #c SURE"))[0]
    channel = harness.world.channels["#c"]
    bob.take(), founded.take()
    assert "NOT_CONFIRMED" in shown(founded.send("CHANNEL OPENPAST #c"))[0]
    assert history.reach(channel, bob.user).hidden
    founded.send("CHANNEL OPENPAST #c SURE")
    assert history.reach(channel, bob.user) == history.EVERYTHING
    [told] = bob.take()
    assert told.command == "NOTICE"
    assert told.params[0] == "#c"
    assert "ann" in told.params[1]


def test_so_many_intervals_are_remembered_and_beyond_that_more_is_hidden(
    harness: Harness, founded: Client
) -> None:
    channel = harness.world.channels["#c"]
    for _ in range(history.CLOSED + 5):
        founded.send("MODE #c -s")
        founded.send("MODE #c +s")
    founded.send("MODE #c -s")
    assert len(channel.closed) == history.CLOSED
    assert all(first < end for first, end in channel.closed)
    assert all(one[1] <= next_[0] for one, next_ in itertools.pairwise(channel.closed))
    first_closed = channel.closed[0]
    assert first_closed[0] == min(channel.closed)[0]
    again = snapshot.decode(snapshot.encode(harness.world)).channels["#c"]
    assert (again.closed, again.closed_from) == (channel.closed, channel.closed_from)


HEIRS = {
    "transferred": ("root", "CHANNEL TRANSFER #c bob"),
    "handed over": ("root", "ACCOUNT HANDOVER ann bob"),
    "inherited": ("root", "ACCOUNT SURE DROP ann"),
    "given": ("ann", "CHANNEL TRANSFER #c bob"),
    "registered anew": ("ann", "CHANNEL DROP #c"),
}
"""How somebody comes to be the founder of a channel in which others have spoken."""


@pytest.mark.parametrize("how", HEIRS)
def test_who_becomes_the_founder_opens_nothing_of_what_was_said_before(
    harness: Harness, founded: Client, how: str
) -> None:
    bob = harness.connect_as("bob", "bob")
    root = harness.connect_as("root", "root")
    root.send("OPER root secret")
    founded.send("CHANNEL ACCESS #c bob protected")
    bob.send("JOIN #c")
    founded.send("MODE #c +o bob")
    who, line = HEIRS[how]
    (root if who == "root" else founded).send(line)
    for each in ("CHANNEL REGISTER #c", "MODE #c -s"):
        bob.send(each)
    channel = harness.world.channels["#c"]
    assert channel.registration is not None
    assert channel.registration.founder == "bob"
    secret = next(e for e in harness.entries if e.body is not None and e.body.text == "secret")
    bob.take()
    bob.send("CHANNEL OPENPAST #c SURE")
    assert not history.reach(channel, bob.user).shows((secret.time, secret.seq))


def test_a_new_founder_who_was_in_opens_what_he_could_read(
    harness: Harness, founded: Client
) -> None:
    bob, cy = harness.connect_as("bob", "bob"), harness.connect_as("cy", "cy")
    bob.send("JOIN #c")
    founded.send("PRIVMSG #c :heard by bob")
    said = [e for e in harness.entries if e.body is not None and e.body.text]
    places = {e.body.text: (e.time, e.seq) for e in said if e.body is not None}
    founded.send("CHANNEL TRANSFER #c bob")
    bob.send("MODE #c -s")
    told = shown(bob.send("CHANNEL OPENPAST #c SURE"))
    assert "but for what was said before" in told[-1]
    cy.send("JOIN #c")
    reach = history.reach(harness.world.channels["#c"], cy.user)
    assert reach.shows(places["heard by bob"])
    assert not reach.shows(places["secret"])
    encoded = snapshot.encode(harness.world)
    assert snapshot.encode(snapshot.decode(encoded)) == encoded
    bob.take()
    assert "PRIVS_NEEDED" in shown(bob.send("CHANNEL OPENPAST #c SURE"))[0]


def test_a_stolen_token_of_the_founder_opens_nothing(harness: Harness, founded: Client) -> None:
    founded.send("MODE #c -s")
    thief = harness.attach(founded)
    thief.session.proved_at, thief.session.credential = 0, ("token", "x")
    for line in ("CHANNEL OPENPAST #c SURE", "CHANNEL TRANSFER #c thief", "CS DROP #c"):
        told = shown(thief.send(line))[0]
        way = "/msg NickServ REAUTH" if line.startswith("CS") else "REAUTH"
        assert f"This takes your password once more: {way} :password" in told
    channel = harness.world.channels["#c"]
    assert channel.closed
    assert channel.registration is not None
