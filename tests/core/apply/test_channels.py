"""Members, modes and invitations: what is true of a channel once a record has had its turn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.outcomes import Brought, Deliver, Entered, HistoryEnded, Left, Notify
from hubbub.core.records.channels import (
    ChannelModesSet,
    Invited,
    Joined,
    Kept,
    Kicked,
    ListEntryExpired,
    Parted,
    TopicSet,
)
from hubbub.core.world.state import Channel
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import Client, Harness, refusal, shown


def join(client: Client, name: str) -> Joined:
    """Return the record with which somebody enters a channel."""
    user = client.user
    return Joined(client.origin, user.source, user.account, user.realname, name)


def modes(client: Client, name: str, *changes: tuple[str, str]) -> ChannelModesSet:
    """Return the record with which somebody changes a channel's modes."""
    return ChannelModesSet(client.origin, client.user.source, name, changes)


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the operator of #a."""
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    return ann


@pytest.fixture
def channel(harness: Harness, ann: Client) -> Channel:
    return harness.world.channels["#a"]


def test_who_enters_is_shown_to_the_channel_and_the_channel_to_its_other_sessions(
    harness: Harness, channel: Channel
) -> None:
    bob = harness.connect_as("bob", "bob")
    harness.attach(bob)
    found = harness.enter(join(bob, "#A"))
    assert [type(one) for one in found] == [Entered, Deliver, Brought]
    assert found[-1] == Brought(channel, bob.user, bob.session.id)
    assert harness.enter(join(bob, "#a")) == [], "it is in already"


def test_who_passes_by_begins_no_channel(harness: Harness) -> None:
    script = harness.connect_as("ann", "ann", "hubbub/quiet")
    assert refusal(harness.enter(join(script, "#new"))) == "403"
    assert harness.world.channels == {}


def test_a_visit_ends_with_the_session_and_a_stay_does_not(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    for stays in (False, True):
        bob = harness.connect_as("bob", "bob")
        script = harness.attach(bob, "hubbub/quiet")
        harness.enter(join(script, "#a"))
        if stays:
            harness.enter(join(bob, "#a"))
        ann.take()
        harness.disconnect(script)
        assert (bob.user in channel.members) == stays
        assert shown(ann.take()) == ([] if stays else ["PART #a"])
        harness.disconnect(bob)


@pytest.mark.parametrize(
    ("mask", "stays"),
    [("bob!*@*", False), ("m:bob!*@*", True), ("cat!*@*", True), ("*!*@excepted", True)],
)
def test_a_ban_after_an_invitation_ends_it_for_whom_it_keeps_out(
    harness: Harness, ann: Client, channel: Channel, mask: str, stays: bool
) -> None:
    bob = harness.connect("bob", host="excepted" if "excepted" in mask else "cloak.test")
    ann.send("INVITE bob #a")
    ann.send("MODE #a +e *!*@excepted")
    harness.enter(modes(ann, "#a", ("+b", mask)))
    assert (bob.user in channel.invited) == stays


def test_an_invitation_lifts_no_ban_on_whom_the_invited_turns_into(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    bob = harness.connect("bob")
    ann.send("MODE #a +bb bad!*@* bob!*@*")
    for nick, stays in (("rob", True), ("bad", False)):
        ann.send(f"INVITE {bob.user.nick} #a")
        bob.send(f"NICK {nick}")
        assert (bob.user in channel.invited) == stays


def test_who_has_come_in_meanwhile_is_not_invited(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    harness.connect("bob").send("JOIN #a")
    invitation = Invited(ann.origin, ann.user.source, "#a", "bob")
    assert refusal(harness.enter(invitation)) == "443"
    assert not channel.invited


def test_a_change_is_refused_where_what_it_is_about_is_gone(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    source, bob = ann.user.source, harness.connect("bob")
    earlier = ("#a,1.1.1.1",)
    for record, answer in (
        (Parted(ann.origin, source, "#a", None, earlier), "442"),
        (Parted(bob.origin, bob.user.source, "#a"), "442"),
        (TopicSet(ann.origin, source, "#a", "new", earlier), "403"),
        (TopicSet(bob.origin, bob.user.source, "#a", "new"), "442"),
        (Kicked(ann.origin, source, "#none", "bob", "out"), "403"),
        (Kicked(ann.origin, source, "#a", "bob", "out"), "441"),
        (ChannelModesSet(ann.origin, source, "#a", (("+i", ""),), earlier), "403"),
        (modes(bob, "#a", ("+i", "")), "442"),
        (modes(ann, "#a", ("+v", "bob")), "441"),
        (Invited(ann.origin, source, "#a", "bob", "#a,1.1.1.1"), "403"),
        (Invited(ann.origin, source, "#a", "bob", guest=ann.user.id), "401"),
        (Invited(bob.origin, bob.user.source, "#a", "ann"), "442"),
    ):
        assert refusal(harness.enter(record)) == answer
    assert (channel.topic, channel.flags) == ("", {"n", "t"})


def test_a_kick_takes_out_who_was_meant_and_never_who_may_do_more(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    meant = Kicked(ann.origin, ann.user.source, "#a", "bob", "out", victim=ann.user.id)
    assert refusal(harness.enter(meant)) == "441"
    kick = Kicked(bob.origin, bob.user.source, "#a", "ann", "out")
    assert refusal(harness.enter(kick)) == "482"
    found = harness.enter(Kicked(ann.origin, ann.user.source, "#a", "bob", "out"))
    assert [type(one) for one in found] == [Deliver, Left]
    assert bob.user not in channel.members


@given(st.lists(st.tuples(st.sampled_from("+-"), st.sampled_from("imsqaohvbkl")), max_size=8))
def test_modes_are_what_the_last_change_of_each_made_them(changes: list[tuple[str, str]]) -> None:
    harness = Harness()
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    root = harness.connect("root")
    root.send("OPER root secret")
    arguments = {"b": "x!*@*", "k": "key", "l": "5"} | dict.fromkeys("qaohv", "ann")
    made = [(sign + letter, arguments.get(letter, "")) for sign, letter in changes]
    assert refusal(harness.enter(modes(root, "#a", *made))) == ""
    held = harness.world.channels["#a"]
    last = {letter: sign == "+" for sign, letter in changes}
    is_set = {
        **{letter: letter in held.flags for letter in "ims"},
        **{letter: letter in held.members[ann.user].statuses for letter in "qahv"},
        "b": "x!*@*" in held.lists["b"],
        "k": held.key == "key",
        "l": held.limit == 5,
    }
    assert is_set == {letter: last.get(letter, False) for letter in is_set}


def test_who_is_away_says_so_to_those_it_comes_to(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    bob = harness.connect("bob")
    bob.send("AWAY :lunch")
    [told] = [one for one in harness.enter(join(bob, "#a")) if isinstance(one, Notify)]
    assert (told.message.params, list(told.users)) == (("lunch",), [ann.user])


def test_who_comes_has_the_status_of_its_account_from_the_channel_and_may_be_refused(
    harness: Harness,
) -> None:
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    for line in ("JOIN #a", "CHANNEL REGISTER #a", "CHANNEL ACCESS #a bob halfop", "MODE #a +i"):
        ann.send(line)
    ann.take()
    harness.enter(join(bob, "#a"))
    assert shown(ann.take()) == ["JOIN #a", "MODE #a +h bob"]
    assert refusal(harness.enter(join(harness.connect("eve"), "#a"))) == "473"
    full = Joined(bob.origin, bob.user.source, "bob", "x", "#b", limit=1)
    assert refusal(harness.enter(full)) == "405"


def test_who_acts_by_privilege_takes_no_status_from_a_higher_operator(harness: Harness) -> None:
    boss, adm = operator(harness, "boss", "owner"), operator(harness, "adm", "admin")
    boss.send("JOIN #a")
    assert refusal(harness.enter(modes(adm, "#a", ("-o", "boss")))) == "482"
    assert refusal(harness.enter(modes(adm, "#a", ("+v", "boss")))) == ""
    assert harness.world.channels["#a"].members[boss.user].statuses == "ov"


def test_a_record_that_fills_a_list_changes_nothing_else(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    changes = (("+m", ""), ("+b", "x!*@*"), ("+b", "y!*@*"))
    record = ChannelModesSet(ann.origin, ann.user.source, "#a", changes, limit=1)
    assert refusal(harness.enter(record)) == "478"
    assert (channel.flags, dict(channel.lists["b"])) == ({"n", "t"}, {})


def test_a_mask_goes_when_its_time_is_over_and_only_then(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    ann.send("TBAN #a 60s x")
    over = ListEntryExpired(harness.console, "hub.test", "#a", "b", "X!*@*", (channel.history,))
    other = ListEntryExpired(harness.console, "hub.test", "#a", "b", "X!*@*", ("#a,1.1.1.1",))
    assert harness.enter(over) == []
    harness.time += 61_000_000
    assert harness.enter(other) == [], "that was an earlier channel of the name"
    assert [type(one) for one in harness.enter(over)] == [Deliver]
    assert harness.enter(over) == [], "another node was quicker"
    assert harness.world.timed == {}


def test_joins_are_counted_from_the_first_one_of_each_period(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    ann.send("MODE #a +j 2:60")
    answers = [refusal(harness.enter(join(harness.connect(f"n{n}"), "#a"))) for n in range(3)]
    assert answers == ["", "", "480"]
    harness.time += 61_000_000
    assert refusal(harness.enter(join(harness.connect("later"), "#a"))) == ""
    assert channel.joins[1] == 1


def test_the_last_one_out_takes_the_channel_along_with_its_invitations(
    harness: Harness, ann: Client, channel: Channel
) -> None:
    bob = harness.connect("bob")
    ann.send("INVITE bob #a")
    ann.send("TBAN #a 1h x")
    ann.send("PART #a")
    assert harness.histories_ended == [channel.history]
    assert (bob.user.invitations, harness.world.timed) == ({}, {})


PATTERNS = st.lists(st.sampled_from(["#a", "#b", "#c", "#new", "#?", "#n*", "nothing"]), max_size=4)


@given(PATTERNS, PATTERNS, st.integers(0, 4))
def test_what_is_kept_is_what_the_settings_say_now(
    before: list[str], patterns: list[str], limit: int
) -> None:
    harness = Harness(kept=tuple(before))
    harness.connect("ann").send("JOIN #a,#b")
    world = harness.world
    record = Kept(harness.console, tuple(patterns), limit)
    ended = {one.history for one in harness.enter(record) if isinstance(one, HistoryEnded)}
    named = {name for name in patterns if name in ("#a", "#b", "#c", "#new")}
    assert {"#a", "#b"} <= set(world.channels), "somebody is there"
    assert ended.isdisjoint(channel.history for channel in world.channels.values())
    assert sum(channel.kept for channel in world.channels.values()) <= limit
    assert limit < 4 or named <= set(world.channels), "they are there before anybody comes"
    assert [one for one in harness.enter(record) if isinstance(one, Left | HistoryEnded)] == []
