"""The World as bytes. That it goes on like the one that lived: test_world_properties."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.errors import SnapshotUnusable
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.world.accounts import Waiting
from tests.core.invariants import check
from tests.core.world_harness import Harness


def test_everything_survives() -> None:
    harness = Harness(kept=("#kept",))
    ann, bob = harness.connect_as("ann", "Ann"), harness.connect("Bob")
    harness.attach(ann)
    harness.account("Cy")
    for line in (
        "JOIN #a,#kept",
        "TOPIC #a :hello",
        "MODE #a +klbeIsv key 5 x y z ann",
        "JOIN #b",
        "MODE #a +jfd 5:10 #b 2:3",
        "INVITE bob #a",
        "AWAY :gone",
        "SILENCE +x",
        "OPER root secret",
        "CHANNEL REGISTER #a",
        "CHANNEL ACCESS #a Cy voice",
    ):
        ann.send(line)
    bob.send("NICK bobby")
    world = snapshot.decode(snapshot.encode(harness.world))
    check(world)
    assert snapshot.encode(world) == snapshot.encode(harness.world)
    user, channel = world.users["ann"], world.channels["#a"]
    assert (user.account, user.away, user.operator, world.silenced["a:ann"]) == (
        "Ann",
        "gone",
        "root",
        ("x!*@*",),
    )
    assert len(user.sessions) == 2
    assert (channel.topic, channel.key, channel.limit, channel.flags) == (
        "hello",
        "key",
        5,
        {"n", "t", "s"},
    )
    assert [list(channel.lists[letter]) for letter in "beI"] == [["x!*@*"], ["y!*@*"], ["z!*@*"]]
    assert (channel.join_rate, channel.speech_rate, channel.forward) == ((5, 10), (2, 3), "#b")
    assert channel.members[user].statuses == "qov"
    held = channel.registration
    assert held is not None
    assert (held.founder, [entry.level for entry in held.access.values()]) == ("Ann", ["v"])
    assert (world.kept_limit, world.kept_channels) == (1000, 1)
    assert world.users["bobby"] in channel.invited
    assert world.kept == ("#kept",)
    assert [past.nick for past in world.whowas] == ["Bob"]


def test_what_waits_and_what_devices_were_told_survives() -> None:
    harness = Harness()
    bob = harness.connect("bob")
    ann = harness.connect_as("ann", "ann")
    harness.disconnect(ann)
    bob.send("PRIVMSG ann :hello")
    harness.connect_as("cy", "cy")
    world = snapshot.decode(snapshot.encode(harness.world))
    check(world)
    assert world.accounts["ann"].waiting == harness.world.accounts["ann"].waiting
    assert world.accounts["ann"].waiting.guests == 1
    assert world.accounts["ann"].devices == {"password: ann": harness.entries[-5].seq}
    assert list(world.devices.values()) == ["password: cy"]


def test_a_snapshot_of_the_rules_before_is_read() -> None:
    """Under rules 3 silence was a user's, and nothing was counted or known of devices."""
    harness = Harness()
    ann = harness.connect_as("ann", "ann")
    ann.send("SILENCE +x")
    held = msgspec.msgpack.decode(snapshot.encode(harness.world))
    rules, users, accounts = 0, 4, 10
    held[rules] = 3
    held[users][0][13] = ["x!*@*"]
    held[accounts] = [account[:12] for account in held[accounts]]
    world = snapshot.decode(msgspec.msgpack.encode(held[:-2]))
    assert world.silenced == {"a:ann": ("x!*@*",)}
    assert world.accounts["ann"].waiting == Waiting()
    assert world.accounts["ann"].waiting is not Waiting()
    session = world.users["ann"].sessions[0]
    origin = Origin(SessionId(session.node, session.epoch + 1, 0), 0)
    apply(world, Entry(99, harness.time, "id99", NodeStarted(origin)))
    assert world.accounts["ann"].told("password: ann") == 99, "it was told everything up to here"


def test_other_bytes_are_no_world() -> None:
    for data in (b"", b"nonsense", snapshot.encode(Harness().world)[:-1]):
        with pytest.raises(SnapshotUnusable, match="not a snapshot"):
            snapshot.decode(data)


def test_a_snapshot_of_other_rules_is_refused() -> None:
    held = msgspec.msgpack.decode(snapshot.encode(Harness().world))
    held[0] += 1
    with pytest.raises(SnapshotUnusable, match="rules"):
        snapshot.decode(msgspec.msgpack.encode(held))


def test_a_large_world_is_encoded_in_many_steps(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "ENCODED_AT_ONCE", 2)
    for number in range(5):
        harness.connect_as(f"n{number}", f"a{number}").send(f"JOIN #c{number}")
    *rests, data = snapshot.encoding(harness.world)
    assert rests == [b""] * 6
    assert data == snapshot.encode(harness.world)
    assert snapshot.encode(snapshot.decode(data)) == data
    monkeypatch.setattr(snapshot, "DIGESTED_AT_ONCE", 1 + len(data) // 3)
    *rests, digest = snapshot.digesting(harness.world)
    assert rests == [b""] * 10
    assert digest == hashlib.sha256(data).digest()
