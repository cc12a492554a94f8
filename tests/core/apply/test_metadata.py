"""What users and channels carry changes if it still may, and those who asked to know are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    record = MetadataSet(ann.origin, "", "", ("url",), "x")
    harness.disconnect(ann)
    assert harness.enter(record) == []
    assert harness.world.metadata == {}


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


KEYS = st.sampled_from([f"k{number}" for number in range(METADATA_KEYS + 3)])
CHANGES = st.tuples(KEYS, st.none() | st.just("x"))


@given(st.lists(CHANGES, max_size=3 * METADATA_KEYS))
def test_there_is_never_more_than_there_is_room_for_nor_an_empty_place(
    changes: list[tuple[str, str | None]],
) -> None:
    harness = Harness()
    user = harness.connect("ann").user
    for key, value in changes:
        before = harness.world.metadata.get(user.presence, {})
        changed = change(harness.world, user, key, value)
        after = harness.world.metadata.get(user.presence, {})
        assert changed == (before != after)
        assert len(after) <= METADATA_KEYS
    assert harness.world.metadata.get(user.presence) != {}
