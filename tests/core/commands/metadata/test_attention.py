"""Levels and pins: one's own, told to one's own sessions, kept over a snapshot and a rename."""

from __future__ import annotations

from hubbub.core import snapshot
from hubbub.core.policy.attention import BUFFERS
from hubbub.core.rules import CATCHING_UP
from tests.core.world_harness import Harness, shown

CAPS = ("batch", "draft/metadata-3")


def test_a_wish_is_told_to_ones_other_sessions_that_subscribe(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", *CAPS)
    other, plain = harness.attach(ann, *CAPS), harness.attach(ann, *CAPS)
    other.send("METADATA * SUB soju.im/muted hubbub/level")
    plain.take()
    assert shown(ann.send("METADATA #c SET soju.im/muted 1")) == ["761 ann #c soju.im/muted * 1"]
    assert shown(other.take()) == [
        "761 ann #c soju.im/muted * 1",
        "761 ann #c hubbub/level * nothing",
    ]
    assert plain.take() == []
    # The same once more is no change.
    before = len(harness.entries)
    assert shown(ann.send("METADATA #c SET soju.im/muted 1")) == ["761 ann #c soju.im/muted * 1"]
    assert len(harness.entries) == before


def test_sync_tells_the_wishes_for_ones_channels(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", *CAPS)
    ann.send("JOIN #c")
    ann.send("METADATA #c SET soju.im/pinned 1")
    other = harness.attach(ann, *CAPS)
    other.send("METADATA * SUB soju.im/pinned")
    _, *told, _ = other.send("METADATA * SYNC")
    assert told == []
    _, *told, _ = other.send("METADATA #c SYNC")
    assert shown(told) == ["761 ann #c soju.im/pinned * 1"]


def test_wishes_follow_a_channel_and_survive_a_start(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", *CAPS)
    ann.send("JOIN #c")
    ann.send("METADATA #c SET soju.im/pinned 1")
    ann.send("RENAME #c #d")
    again = snapshot.decode(snapshot.encode(harness.world))
    assert again.buffers == harness.world.buffers != {}
    _, value, _ = ann.send("METADATA #d GET soju.im/pinned")
    assert value.params[-1] == "1"
    ann.send("METADATA #d SET soju.im/pinned")
    assert harness.world.buffers == {}


def test_a_guest_has_none_and_so_many_are_kept(harness: Harness) -> None:
    guest = harness.connect("guest", *CAPS)
    (refused,) = guest.send("METADATA #c SET soju.im/muted 1")
    assert refused.command == "FAIL"
    ann = harness.connect_as("ann", "ann", *CAPS)
    for number in range(BUFFERS + 2):
        ann.send(f"METADATA #c{number} SET soju.im/muted 1")
    held = harness.world.buffers["a:ann"]
    assert len(held) == BUFFERS
    assert "#c0" not in held


def test_under_older_rules_nobody_writes_what_an_older_node_cannot_read(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", *CAPS)
    harness.world.rules = CATCHING_UP - 1
    (refused,) = ann.send("METADATA #c SET soju.im/muted 1")
    assert refused.params[:2] == ("METADATA", "RATE_LIMITED")
    assert harness.world.buffers == {}
