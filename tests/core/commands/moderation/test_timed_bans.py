"""TBAN, and what becomes of masks whose time is over."""

from __future__ import annotations

import pytest

from hubbub.core import snapshot
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import ListEntryExpired
from hubbub.core.records.entries import Draft
from hubbub.core.world.expiry import expired
from tests.core.world_harness import Client, Harness, shown

HOUR = 3_600_000_000


@pytest.fixture
def ann(harness: Harness) -> Client:
    client = harness.connect("ann")
    client.send("JOIN #a")
    return client


@pytest.fixture
def bob(harness: Harness) -> Client:
    return harness.connect("bob")


def tick(harness: Harness) -> int:
    """Do what the shell's clock does; return how many records it asked for."""
    over = filter(None, expired(harness.world, "hub.test", harness.time // 1_000_000))
    records = [make for make in over if make is not None]
    for number, make in enumerate(records):
        harness.append(Draft(make(Origin(SessionId(1, harness.epoch, 0), 100 + number))))
    harness.settle()
    return len(records)


def test_a_ban_ends_by_itself(harness: Harness, ann: Client, bob: Client) -> None:
    assert shown(ann.send("TBAN #a 1h bob :spam")) == ["MODE #a +b bob!*@*"]
    assert shown(bob.send("JOIN #a"))[0].startswith("474 ")
    assert tick(harness) == 0
    harness.time += HOUR
    assert tick(harness) == 1
    assert [message.format() for message in ann.take()] == [":hub.test MODE #a -b bob!*@*"]
    assert shown(bob.send("JOIN #a"))[0] == "JOIN #a"
    assert harness.world.timed == {}
    assert tick(harness) == 0


def test_a_ban_lasts_as_long_where_times_are_ahead_of_the_clock(
    harness: Harness, ann: Client, bob: Client
) -> None:
    harness.lead = 600_000_000
    ann.send("TBAN #a 1h bob :spam")
    bob.send("JOIN #b")
    harness.time += HOUR - 60_000_000
    assert tick(harness) == 0
    harness.time += 61_000_000
    assert tick(harness) == 1
    harness.lead = 0
    assert shown(bob.send("JOIN #a"))[0] == "JOIN #a"


def test_a_mute_ends_by_itself(harness: Harness, ann: Client, bob: Client) -> None:
    bob.send("JOIN #a")
    ann.send("TBAN #a 1h m:bob")
    bob.take()
    assert shown(bob.send("PRIVMSG #a :hello"))[0].startswith("404 ")
    harness.time += HOUR
    tick(harness)
    ann.take()
    bob.send("PRIVMSG #a :hello")
    assert shown(ann.take()) == ["PRIVMSG #a hello"]


def test_listing(harness: Harness, ann: Client, bob: Client) -> None:
    ann.send("MODE #a +b stays")
    ann.send("TBAN #a 1h bob :spam")
    source = ann.user.source
    assert shown(bob.send("TBAN #a")) == [
        f"NOTICE bob #a bob!*@* for 1h more, by {source}: spam",
        "NOTICE bob #a: these are the bans that end by themselves",
    ]
    assert [line.split()[3] for line in shown(bob.send("MODE #a b"))[:2]] == [
        "stays!*@*",
        "bob!*@*",
    ]


def test_more_time_for_the_same_mask(harness: Harness, ann: Client) -> None:
    ann.send("TBAN #a 1h bob")
    harness.held = True
    harness.time += HOUR
    assert tick(harness) == 1
    ann.send("TBAN #a 2h bob")
    harness.commit(ann.session.id)
    harness.commit_all()
    harness.held = False
    assert "bob!*@*" in harness.world.channels["#a"].lists["b"]
    harness.time += 2 * HOUR
    tick(harness)
    assert harness.world.channels["#a"].lists["b"] == {}


def test_two_nodes_may_ask_and_one_is_heard(harness: Harness, ann: Client) -> None:
    ann.send("TBAN #a 1h bob")
    harness.time += HOUR
    ann.take()
    harness.held = True
    assert tick(harness) + tick(harness) == 2
    harness.held = False
    harness.settle()
    assert len(ann.take()) == 1
    assert len(harness.records(ListEntryExpired)) == 1


def test_what_was_removed_by_hand_is_not_removed_again(harness: Harness, ann: Client) -> None:
    ann.send("TBAN #a 1h bob")
    ann.send("MODE #a -b bob")
    assert harness.world.timed == {}
    ann.send("TBAN #a 1h bob")
    ann.send("PART #a")
    assert harness.world.timed == {}, "the channel is over"


def test_it_survives_a_snapshot(harness: Harness, ann: Client) -> None:
    ann.send("TBAN #a 1h bob :spam")
    world = snapshot.decode(snapshot.encode(harness.world))
    assert snapshot.encode(world) == snapshot.encode(harness.world)
    [entry] = world.channels["#a"].lists["b"].values()
    assert (entry.reason, entry.expires - entry.time) == ("spam", 3600)
    assert list(world.timed) == [world.channels["#a"]]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("TBAN #a 1x bob", "FAIL TBAN INVALID_PARAMS"),
        ("TBAN #a 0 bob", "FAIL TBAN INVALID_PARAMS"),
        ("TBAN #a 1h", "461 "),
        ("TBAN #none 1h bob", "403 "),
        ("TBAN #a 1h b,b", "696 "),
    ],
)
def test_without_sense(ann: Client, line: str, answer: str) -> None:
    assert shown(ann.send(line))[0].startswith(answer)


def test_rights(ann: Client, bob: Client) -> None:
    bob.send("JOIN #a")
    assert shown(bob.send("TBAN #a 1h ann"))[0].startswith("482 ")


def test_there_is_a_bound(harness: Harness, ann: Client) -> None:
    for number in range(harness.policy.list_entries):
        ann.send(f"MODE #a +b x{number}")
    assert shown(ann.send("TBAN #a 1h bob"))[0].startswith("478 ")


def test_a_mask_that_would_have_to_be_tried_too_long_is_refused(harness: Harness) -> None:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    [told] = ann.send(f"TBAN #a 1h {'*x' * 12}")
    assert told.command == "696"
    assert not harness.world.channels["#a"].lists["b"]
