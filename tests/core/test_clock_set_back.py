"""What lasts an hour lasts an hour, although it was begun while the clock was a year ahead."""

from __future__ import annotations

from hubbub.core import snapshot
from hubbub.core.accounts import Invite
from hubbub.core.apply import apply
from hubbub.core.bans import NetworkBan
from hubbub.core.records import ClockSetBack, Entry, Origin, SessionId
from hubbub.core.world import World

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
        "y": (right, right + HOUR),
        "z": (NOW - 600, NOW + HOUR),
    }
    assert world.read_markers["ann"] == {"#a": right * 1_000_000, "#b": NOW * 1_000_000}
    assert snapshot.encode(snapshot.decode(snapshot.encode(world))) == snapshot.encode(world)
