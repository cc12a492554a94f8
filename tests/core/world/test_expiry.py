"""What the passing of time takes away: masks on lists, and users who stay away."""

from __future__ import annotations

import pytest

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import ListEntryExpired
from hubbub.core.records.entries import Draft
from hubbub.core.world import expiry
from hubbub.core.world.expiry import expired
from tests.core.invariants import check
from tests.core.world_harness import Harness, shown

ORIGIN = Origin(SessionId(1, 1, 0), 7)


def test_a_mask_goes_when_its_time_has_come(harness: Harness) -> None:
    ann = harness.connect("ann")
    for line in ("JOIN #a", "MODE #a +b stays!*@*", "TBAN #a 1m bad!*@*"):
        ann.send(line)
    now, channel = harness.time // 1_000_000, harness.world.channels["#a"]
    assert [one for one in expired(harness.world, "hub.test", now + 59) if one] == []
    (make,) = filter(None, expired(harness.world, "hub.test", now + 61))
    record = make(ORIGIN)
    assert isinstance(record, ListEntryExpired)
    assert (record.source, record.channel, record.letter) == ("hub.test", "#a", "b")
    ann.take()
    harness.time += 61_000_000
    harness.append(Draft(record))
    harness.settle()
    assert list(channel.lists["b"]) == ["stays!*@*"]
    assert shown(ann.take()) == ["MODE #a -b bad!*@*"]
    assert not harness.world.timed


def test_a_mask_that_somebody_removed_meanwhile_is_not_removed_twice(harness: Harness) -> None:
    ann = harness.connect("ann")
    for line in ("JOIN #a", "TBAN #a 1s bad!*@*"):
        ann.send(line)
    (make,) = filter(None, expired(harness.world, "hub.test", harness.time // 1_000_000 + 2))
    harness.time += 2_000_000
    ann.send("MODE #a -b bad!*@*")
    ann.take()
    harness.append(Draft(make(ORIGIN)))
    harness.settle()
    assert ann.take() == []
    check(harness.world)


def test_who_stays_away_too_long_goes(harness: Harness) -> None:
    ann, bob = harness.connect_as("ann", "ann"), harness.connect("bob")
    ann.send("PERSISTENCE SET ON")
    for client in (ann, bob):
        client.send("JOIN #a")
    ann.send("QUIT")
    bob.take()
    left = harness.time // 1_000_000
    assert [one for one in expired(harness.world, "hub.test", left + 3600) if one] == []
    harness.retain(60)
    assert [one for one in expired(harness.world, "hub.test", left + 59) if one] == []
    (make,) = filter(None, expired(harness.world, "hub.test", left + 60))
    early = harness.connect_as("ann", "ann")
    harness.append(Draft(make(ORIGIN)))
    harness.settle()
    assert early.user in harness.world.left or early.user.sessions, "who came back stays"
    early.send("QUIT")
    bob.take()
    harness.time += 60_000_000
    (make,) = filter(None, expired(harness.world, "hub.test", harness.time // 1_000_000))
    harness.append(Draft(make(Origin(SessionId(1, 1, 0), 8))))
    harness.settle()
    assert shown(bob.take()) == ["QUIT Has not been connected for long"]
    assert set(harness.world.users) == {"bob"}
    check(harness.world)


def test_those_whose_scripts_pass_by_keep_nobody_else_here(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "STAYS_AT_ONCE", 2)
    for name in ("ann", "bob", "cat", "dan", "eve"):
        client = harness.connect_as(name, name)
        for line in ("PERSISTENCE SET ON", "JOIN #a", "QUIT"):
            client.send(line)
    for name in ("ann", "bob", "cat"):
        harness.connect_as(name, name, "hubbub/quiet")
    harness.retain(60)
    later = harness.time // 1_000_000 + 3600
    over = [make(ORIGIN) for make in filter(None, expired(harness.world, "h", later))]
    assert [record.source.partition("!")[0] for record in over] == ["dan", "eve"]
