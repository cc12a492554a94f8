"""What lasts an hour lasts an hour, although it was begun while the clock was a year ahead."""

from __future__ import annotations

import msgspec

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.nodes import ClockSetBack
from hubbub.core.world.accounts import Invite
from hubbub.core.world.bans import NetworkBan
from hubbub.core.world.world import World
from tests.core.world_harness import POLICY, Harness

NOW = 1_700_000_000
YEAR = 31_536_000
HOUR = 3_600


def test_what_was_made_ahead_moves_back_with_its_end() -> None:
    world = World()
    made = NOW + YEAR - 60
    world.bans.add(NetworkBan("mask", "a!*@*", "ann", made, made + HOUR))
    world.bans.add(NetworkBan("mask", "b!*@*", "ann", NOW - 60, NOW + HOUR))
    world.bans.add(NetworkBan("mask", "c!*@*", "ann", made))
    world.invites["x"] = Invite("x", 1, made + HOUR, "ann", "", "", made)
    # What was read from a journal that has been put right already has the right beginning.
    world.invites["y"] = Invite("y", 1, made + HOUR, "ann", "", "", NOW - 60)
    world.invites["for good"] = Invite("for good", 1, 0, "ann", "", "", made)
    world.invites["z"] = Invite("z", 1, NOW + HOUR, "ann", "", "", NOW - 600)
    world.read_markers["ann"] = {"#a": made * 1_000_000, "#b": NOW * 1_000_000}
    record = ClockSetBack(
        Origin(SessionId(0, 0, 0), 0), YEAR * 1_000_000, (NOW - 120) * 1_000_000, NOW * 1_000_000
    )
    apply(world, Entry(1, NOW * 1_000_000, "m", record))
    right = NOW - 60
    assert {(b.target, b.time, b.expires) for b in world.bans} == {
        ("a!*@*", right, right + HOUR),
        ("b!*@*", right, NOW + HOUR),
        ("c!*@*", right, 0),
    }
    assert {i.code: (i.created, i.expires) for i in world.invites.values()} == {
        "x": (right, right + HOUR),
        "for good": (right, 0),
        "y": (right, right + HOUR),
        "z": (NOW - 600, NOW + HOUR),
    }
    assert world.read_markers["ann"] == {"#a": right * 1_000_000, "#b": NOW * 1_000_000}
    assert snapshot.encode(snapshot.decode(snapshot.encode(world))) == snapshot.encode(world)


def test_no_time_is_left_ahead() -> None:
    """Whatever the World holds of times: found in the bytes of it, not by the names of fields."""
    harness = Harness(POLICY)
    harness.time = (NOW + YEAR) * 1_000_000
    ann, bob = harness.connect_as("ann", "ann"), harness.connect("bob")
    for line in (
        "JOIN #a", "CHANNEL REGISTER #a", "CHANNEL ACCESS #a cat operator", "TOPIC #a :new",
        "MODE #a +bj x!*@* 5:60", "RENAME #a #b", "OPER root secret", "UBAN ADD SURE q!*@* :x",
        "MARKREAD #b timestamp=2099-01-01T00:00:00.000Z", "TOKEN ADD bot",
        "ACCOUNT ADD cat :secret",
        "CHANNEL ACCESS #b cat operator", "INVITECODE ADD 1 1h", "PERSISTENCE SET ON",
    ):  # fmt: skip
        ann.send(line)
    bob.send("JOIN #b")
    harness.disconnect(bob)
    harness.disconnect(ann)
    assert len(_times(harness.world)) > 12
    origin = Origin(SessionId(1, 1, 0), 1)
    since, ahead, now = (NOW - 60) * 1_000_000, YEAR * 1_000_000, (NOW + 120) * 1_000_000
    apply(harness.world, Entry(999, now, "m", ClockSetBack(origin, ahead, since, now)))
    assert [time for time in _times(harness.world) if time > NOW + 2 * HOUR] == []


def test_what_was_made_before_stays_and_applying_it_again_moves_nothing_more() -> None:
    harness = Harness(POLICY)
    ann = harness.connect("ann")
    for line in ("JOIN #a", "TBAN #a 1h old", "TOPIC #a :old"):
        ann.send(line)
    before = _times(harness.world)
    harness.time += YEAR * 1_000_000
    ann.send("TBAN #a 1h new")
    now = harness.time - YEAR * 1_000_000
    back = ClockSetBack(harness.console, YEAR * 1_000_000, now, now)
    bans = harness.world.channels["#a"].lists["b"]
    for _ in range(2):
        harness.enter(back)
        assert set(before) <= set(_times(harness.world))
        assert [ban.expires - ban.time for ban in bans.values()] == [HOUR, HOUR]
        assert max(ban.time for ban in bans.values()) <= now // 1_000_000 + 1


def _times(world: World) -> list[int]:
    """Return what look like times of these years in a World, in seconds."""
    found: list[int] = []

    def look(held: object) -> None:
        if isinstance(held, dict):
            look([*held.keys(), *held.values()])
        elif isinstance(held, list):
            for one in held:
                look(one)
        elif isinstance(held, int):
            seconds = held // 1_000_000 if held > 10**12 else held
            if NOW - YEAR < seconds < NOW + 3 * YEAR:
                found.append(seconds)

    look(msgspec.msgpack.decode(snapshot.encode(world)))
    return found
