"""A channel with another name keeps everything, and whoever takes the old one gets none of it.

What the command answers: tests/core/commands/channels/test_rename.py.
"""

from __future__ import annotations

import pytest

from hubbub.core.apply.channel_rename import RENAME_MEMBERS, RENAME_SECONDS, rename_hindrance
from hubbub.core.outcomes import Deliver, HistoryEnded, Moved
from hubbub.core.records.channels import ChannelRenamed
from hubbub.core.world.state import Channel, Membership
from hubbub.core.world.world import World
from tests.core.access.members_at_hand import user
from tests.core.world_harness import Client, Harness, refusal


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the founder of #a."""
    ann = harness.connect_as("ann", "ann")
    ann.send("JOIN #a")
    ann.send("CHANNEL REGISTER #a")
    return ann


@pytest.fixture
def channel(harness: Harness, ann: Client) -> Channel:
    return harness.world.channels["#a"]


def renamed(ann: Client, name: str, old: str = "#a", *histories: str) -> ChannelRenamed:
    return ChannelRenamed(ann.origin, ann.user.source, old, name, histories=histories)


def test_everybody_inside_is_moved_with_what_they_have_read(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    harness.world.read_markers["a:ann"] = {"#a": 5, "#other": 6}
    bob = harness.connect("bob")
    ann.send("INVITE bob #a")
    found = harness.enter(renamed(ann, "#b"))
    assert found[1:] == [Moved(channel, "#a", "")]
    assert harness.world.read_markers["a:ann"] == {"#b": 5, "#other": 6}
    assert (ann.user.channels, bob.user.invitations) == ({"#b": channel}, {"#b": channel})
    assert harness.world.scoped == {}


def test_whom_another_channel_sends_on_comes_to_the_new_name(harness: Harness, ann: Client) -> None:
    ann.send("JOIN #full,#else")
    ann.send("MODE #full +f #A")
    ann.send("MODE #else +f #full")
    harness.enter(renamed(ann, "#b"))
    channels = harness.world.channels
    assert (channels["#full"].forward, channels["#else"].forward) == ("#b", "#full")


@pytest.mark.parametrize("registered", [True, False])
def test_a_token_for_a_registered_channel_is_for_it_under_its_new_name(
    harness: Harness, ann: Client, registered: bool
) -> None:
    ann.send("TOKEN ADD bot post:#a")
    ann.send("TOKEN ADD other post:#b")
    if not registered:
        ann.send("CHANNEL DROP #a")
    harness.enter(renamed(ann, "#b"))
    held = harness.world.accounts["ann"].of_kind("token")
    scope = "post:#b" if registered else "post:#a"
    assert {one.label: one.scope for one in held} == {"bot": scope, "other": "post:#b"}
    found = {name: len(keys) for name, keys in harness.world.scoped.items()}
    assert found == ({"#b": 2} if registered else {"#a": 1, "#b": 1})


def test_another_case_moves_nobody(harness: Harness, ann: Client, channel: Channel) -> None:
    assert [type(one) for one in harness.enter(renamed(ann, "#A"))] == [Deliver]
    assert channel.name == "#A"


def test_what_was_meant_for_an_earlier_channel_renames_no_later_one(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    assert refusal(harness.enter(renamed(ann, "#b", "#a", "#a,1.1.1.1"))) == "403"
    assert refusal(harness.enter(renamed(ann, "#b", "#a", channel.history))) == ""


def test_who_lost_the_rank_or_the_name_meanwhile_is_told_why(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a,#taken")
    assert refusal(harness.enter(renamed(bob, "#b"))) == "482"
    assert refusal(harness.enter(renamed(ann, "#taken"))) == "CHANNEL_NAME_IN_USE"
    assert refusal(harness.enter(renamed(ann, "#b", "#none"))) == "403"


def test_who_is_gone_by_now_renames_nothing(harness: Harness, ann: Client) -> None:
    record = renamed(ann, "#b")
    harness.disconnect(ann)
    assert refusal(harness.enter(record)) == "403"
    assert list(harness.world.channels) == ["#a"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("none", "CANNOT_RENAME"), ("#taken", "CHANNEL_NAME_IN_USE"), ("#b", "")],
)
def test_a_channel_is_called_what_it_can_be(channel: Channel, name: str, code: str) -> None:
    world = World()
    world.channels = {"#a": channel, "#taken": Channel("#taken", "#taken,1", 0)}
    found = rename_hindrance(world, channel, name, 99)
    assert (found[0] if found is not None else "") == code


def test_only_its_case_changes_of_what_is_kept_or_too_full_and_not_twice_a_minute() -> None:
    world, kept = World(), Channel("#kept", "#kept", 0, True)
    full = Channel("#full", "#full,1", 0, renamed=40)
    full.members = {user(f"n{number}"): Membership() for number in range(RENAME_MEMBERS)}
    world.channels = {"#kept": kept, "#full": full}
    assert rename_hindrance(world, full, "#b", 40 + RENAME_SECONDS) is None
    assert rename_hindrance(world, full, "#b", 39 + RENAME_SECONDS) is not None
    full.members[user("one")] = Membership()
    for one, another_case in ((kept, "#Kept"), (full, "#FULL")):
        assert rename_hindrance(world, one, "#b", 999) is not None
        assert rename_hindrance(world, one, another_case, 999) is None


def test_a_name_that_is_kept_keeps_its_channel_for_as_long_as_it_is_called_so() -> None:
    harness = Harness(kept=("#k?",))
    root = harness.connect("root")
    root.send("OPER root secret")
    root.send("JOIN #a")
    harness.enter(renamed(root, "#kx"))
    channel = harness.world.channels["#kx"]
    assert (channel.kept, harness.world.kept_channels) == (True, 1)
    root.send("PART #kx")
    harness.time += 61_000_000
    found = harness.enter(renamed(root, "#b", "#kx"))
    assert found[-1] == HistoryEnded(channel.history)
    assert (harness.world.channels, harness.world.kept_channels) == ({}, 0)
