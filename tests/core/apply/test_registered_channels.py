"""Founders and access lists: what accounts are in a channel follows them, whenever they are in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.access.registered_channels import LEVEL_NAMES
from hubbub.core.apply.registered_channels import account_removed
from hubbub.core.outcomes import Deliver, HistoryEnded, Outcome
from hubbub.core.records.accounts import AccountDropped
from hubbub.core.records.registered_channels import (
    ChannelAccessSet,
    ChannelPastOpened,
    ChannelRegistered,
    ChannelTransferred,
    ChannelUnregistered,
)
from hubbub.core.world.state import Channel
from hubbub.irc import modes
from tests.core.world_harness import Client, Harness, refusal


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the founder of #a, where bob is too."""
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    for client in (ann, bob):
        client.send("JOIN #a")
    ann.send("CHANNEL REGISTER #a")
    return ann


@pytest.fixture
def channel(harness: Harness, ann: Client) -> Channel:
    return harness.world.channels["#a"]


def statuses(harness: Harness, nick: str) -> str:
    user = harness.world.users[nick]
    return harness.world.channels["#a"].members[user].statuses


def give(harness: Harness, client: Client, account: str, level: str) -> list[Outcome]:
    history = harness.world.channels["#a"].history
    source = client.user.source
    record = ChannelAccessSet(client.origin, source, "#a", account, level, history, 2)
    return harness.enter(record)


def test_what_was_meant_for_an_earlier_channel_changes_no_later_one(
    harness: Harness, ann: Client
) -> None:
    source, other = ann.user.source, "#a,1.1.1.1"
    for record in (
        ChannelRegistered(ann.origin, source, "ann", "#a", other, 5),
        ChannelUnregistered(ann.origin, source, "#a", other),
        ChannelTransferred(ann.origin, source, "#a", "bob", other, 5),
        ChannelAccessSet(ann.origin, source, "#a", "bob", "o", other, 5),
        ChannelPastOpened(ann.origin, source, "#a", (other,)),
    ):
        assert refusal(harness.enter(record)) == "NO_SUCH_CHANNEL"


def test_who_is_no_founder_by_now_is_refused(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    bob = next(c for c in harness.clients.values() if c.user.nick == "bob")
    source, history = bob.user.source, channel.history
    for record, code in (
        (ChannelRegistered(bob.origin, source, "bob", "#a", history, 5), "ALREADY_REGISTERED"),
        (ChannelUnregistered(bob.origin, source, "#a", history), "PRIVS_NEEDED"),
        (ChannelUnregistered(bob.origin, source, "#a", history, purged=True), "PRIVS_NEEDED"),
        (ChannelTransferred(bob.origin, source, "#a", "bob", history, 5), "PRIVS_NEEDED"),
        (ChannelAccessSet(bob.origin, source, "#a", "bob", "o", history, 5), "PRIVS_NEEDED"),
        (ChannelPastOpened(bob.origin, source, "#a", (history,)), "PRIVS_NEEDED"),
    ):
        assert refusal(harness.enter(record)) == code
    assert channel.registration is not None
    assert channel.registration.founder == "ann"


def test_a_level_comes_and_goes_with_its_status_and_leaves_others(
    harness: Harness, ann: Client
) -> None:
    ann.send("MODE #a +v bob")
    for level, shown in (("h", "hv"), ("h", "hv"), ("o", "ov"), ("v", "v"), ("", "")):
        give(harness, ann, "bob", level)
        assert statuses(harness, "bob") == shown


def test_a_founder_hands_on_all_and_keeps_no_status_of_it(harness: Harness, ann: Client) -> None:
    give(harness, ann, "bob", "o")
    history = harness.world.channels["#a"].history
    harness.enter(ChannelTransferred(ann.origin, ann.user.source, "#a", "bob", history, 5))
    assert (statuses(harness, "ann"), statuses(harness, "bob")) == ("o", "q")
    held = harness.world.channels["#a"].registration
    assert held is not None
    assert held.access == {}


def test_the_past_is_opened_by_its_founder_once_the_channel_is_open(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    ann.send("MODE #a +s")
    opened = ChannelPastOpened(ann.origin, ann.user.source, "#a", (channel.history,))
    assert refusal(harness.enter(opened)) == "STILL_CLOSED"
    ann.send("MODE #a -s")
    assert len(channel.closed) == 1
    assert [type(one) for one in harness.enter(opened)] == [Deliver]
    assert channel.closed == []


def test_a_purge_ends_the_channel_for_those_inside_and_its_history(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    root = harness.connect("root")
    root.send("OPER root secret")
    record = ChannelUnregistered(
        root.origin, root.user.source, "#a", channel.history, purged=True, reason="enough"
    )
    found = harness.enter(record)
    assert HistoryEnded(channel.history) in found
    kicks = [message.params for message in ann.take() if message.command == "KICK"]
    assert kicks == [("#a", "ann", "enough")]
    assert harness.world.channels == {}


LEVELS = st.dictionaries(st.sampled_from(["bob", "cat", "dot"]), st.sampled_from("aohv"))


@given(LEVELS)
def test_a_channel_goes_to_the_highest_heir_or_to_nobody(levels: dict[str, str]) -> None:
    harness = Harness()
    ann = harness.connect_as("ann", "ann")
    ann.send("JOIN #a")
    ann.send("CHANNEL REGISTER #a")
    for name, level in levels.items():
        harness.account(name)
        ann.send(f"CHANNEL ACCESS #a {name} {LEVEL_NAMES[level]}")
    channel = harness.world.channels["#a"]
    harness.enter(AccountDropped(harness.console, "ann"))
    heirs = [name for name in levels if levels[name] != "v"]
    best = max((modes.RANKS[levels[name]] for name in heirs), default=0)
    held = channel.registration
    assert (held is not None) == bool(heirs) == ("#a" in harness.world.channels)
    if held is not None:
        assert modes.RANKS[levels[held.founder]] == best
        assert held.founder not in held.access


def test_a_removed_account_is_on_no_list_and_loses_its_status(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    give(harness, ann, "bob", "o")
    account_removed(harness.world, "BOB", harness.entries[-1])
    assert statuses(harness, "bob") == ""
    assert channel.level("bob") == ""
    assert channel.level("ann") == "q"
