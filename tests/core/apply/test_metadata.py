"""What users and channels carry changes if it still may, and those who asked to know are told."""

from __future__ import annotations

import pytest

from hubbub.core.apply.metadata import change, newcomer
from hubbub.core.outcomes import KeyChanged
from hubbub.core.records.metadata import MetadataSet
from hubbub.core.records.users import Connected
from hubbub.irc.capabilities import METADATA_KEYS
from tests.core.world_harness import Client, Harness


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the operator of #a."""
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    return ann


def test_a_value_that_is_new_is_told_to_all_but_who_set_it(harness: Harness, ann: Client) -> None:
    own = MetadataSet(ann.origin, "", "", ("url", "bot"), "x")
    told = [one for one in harness.enter(own) if isinstance(one, KeyChanged)]
    assert [(one.target, one.key, one.value) for one in told] == [
        ("ann", "url", "x"),
        ("ann", "bot", "x"),
    ]
    assert {one.but for one in told} == {ann.session.id}
    assert harness.enter(own) == [], "it has that value already"


def test_a_channels_changes_only_where_that_very_channel_was_meant(
    harness: Harness, ann: Client
) -> None:
    channel = harness.world.channels["#a"]
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    for origin, name, history in (
        (ann.origin, "#a", "#a,1.1.1.1"),
        (ann.origin, "#none", "#none"),
        (bob.origin, "#a", channel.history),
    ):
        assert harness.enter(MetadataSet(origin, name, history, ("url",), "x")) == []
    assert channel.metadata == {}
    assert len(harness.enter(MetadataSet(ann.origin, "#a", channel.history, ("url",), "x"))) == 1


def test_who_is_gone_sets_nothing(harness: Harness, ann: Client) -> None:
    harness.connect("bob").send("JOIN #a")
    channel = harness.world.channels["#a"]
    records = [
        MetadataSet(ann.origin, name, history, ("url",), "x")
        for name, history in (("", ""), ("#a", channel.history))
    ]
    harness.disconnect(ann)
    assert [harness.enter(record) for record in records] == [[], []]
    assert (harness.world.metadata, channel.metadata) == ({}, {})


def test_a_full_target_takes_other_values_and_no_other_keys(harness: Harness, ann: Client) -> None:
    keys = [f"k{number}" for number in range(METADATA_KEYS + 1)]
    changed = [change(harness.world, ann.user, key, "x") for key in keys]
    assert changed == [True] * METADATA_KEYS + [False]
    assert change(harness.world, ann.user, "k0", "y")
    assert change(harness.world, ann.user, "k1", None)
    assert change(harness.world, ann.user, keys[-1], "x")
    assert not change(harness.world, ann.user, "k1", None)
    for key in keys:
        change(harness.world, ann.user, key, None)
    assert harness.world.metadata == {}, "no empty place is left"


@pytest.mark.parametrize(("scope", "kept"), [(None, {"url": "x"}), ("post:#a", {})])
def test_a_token_for_one_purpose_sets_nothing_before_it_comes_in(
    harness: Harness, scope: str | None, kept: dict[str, str]
) -> None:
    harness.account("ann")
    client = harness.open()
    values = (("url", "x"),)
    who = (client.origin, "ann", "ann", "host", "Ann", "ann")
    harness.enter(Connected(*who, scope=scope, quiet=True, metadata=values))
    assert harness.world.metadata.get("a:ann", {}) == kept


def test_a_newcomer_who_carries_something_is_announced_to_the_others(
    harness: Harness, ann: Client
) -> None:
    bob = harness.connect("bob")
    bob.send("METADATA * SET url :x")
    channel = harness.world.channels["#a"]
    assert newcomer(harness.world, channel, bob.user) == [KeyChanged("bob", "url", "x", [ann.user])]
    assert newcomer(harness.world, channel, ann.user) == []
