"""Where things of the World are found, and under which names they are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.world.accounts import FOUND_BY_ID, Account, Credential
from hubbub.core.world.world import READ_MARKERS, WHOWAS_ENTRIES, World
from tests.core.world_harness import Client, Harness

ORIGIN = Origin(SessionId(1, 2, 3), 4)
SCOPES = st.sampled_from(["chat", "", "post:#a", "read:#A", "post:#b"])
CLAIMS = st.builds(
    Credential,
    st.sampled_from([*sorted(FOUND_BY_ID), "password"]),
    st.sampled_from("xy"),
    st.just(1),
    scope=SCOPES,
    proved=st.just(False),
)


def world() -> World:
    made = World()
    for name in ("ann", "bob"):
        made.accounts[name] = Account(name, 0)
    return made


# What is found by what proves it


@pytest.mark.parametrize("kind", sorted(FOUND_BY_ID))
def test_an_account_is_found_by_what_it_has_proved_only(kind: str) -> None:
    made, key = world(), Credential(kind, "id", 1)
    made.find_by(replace(key, proved=False), made.accounts["bob"])
    assert made.account_of(kind, "id") is None
    made.find_by(key, made.accounts["ann"])
    assert made.account_of(kind, "id") is made.accounts["ann"]
    made.find_no_more_by(key, made.accounts["ann"])
    assert made.account_of(kind, "id") is None
    assert made.claims[kind, "id"] == [made.accounts["bob"]]


def test_by_a_password_nobody_is_found() -> None:
    made = world()
    made.find_by(Credential("password", "", 1), made.accounts["ann"])
    assert not made.credentials
    assert not made.claims


@given(st.lists(st.tuples(st.sampled_from(["ann", "bob"]), CLAIMS)))
def test_nothing_is_left_of_what_is_found_no_more(claims: list[tuple[str, Credential]]) -> None:
    made = world()
    held = {(name, one.kind, one.id): (made.accounts[name], one) for name, one in claims}
    for account, one in held.values():
        account.credentials[one.kind, one.id] = one
        made.find_by(one, account)
    for _, one in held.values():
        if one.scope.endswith(("#a", "#A")) and one.kind in FOUND_BY_ID:
            assert one in made.held_for((one.kind, one.id), "#a")
    for account, one in held.values():
        made.find_no_more_by(one, account)
        del account.credentials[one.kind, one.id]
    assert (made.credentials, made.claims, made.scoped) == ({}, {}, {})


def test_a_channels_tokens_are_found_until_the_last_of_them_is_gone() -> None:
    made, key = world(), ("ssh", "id")
    for name in ("ann", "bob"):
        held = Credential("ssh", "id", 1, scope="post:#A", proved=name == "ann")
        made.accounts[name].credentials[key] = held
        made.find_by(held, made.accounts[name])
    for left, name in ((1, "ann"), (0, "bob")):
        account = made.accounts[name]
        made.find_no_more_by(account.credentials[key], account)
        assert len(made.held_for(key, "#a")) == left
        assert list(made.scoped) == ["#a"][:left]


def test_a_dropped_account_holds_its_name_and_is_none() -> None:
    made = world()
    made.accounts["ann"].dropped = True
    assert made.account("Ann") is None
    assert made.reserved_for("Ann") is made.accounts["ann"]


# Channels and their histories


def test_a_kept_channel_has_one_history_and_others_one_for_each_beginning() -> None:
    made = World()
    made.kept, made.kept_limit = ("#kept", "#team-*"), 1
    assert made.history_of("#Team-A", ORIGIN) == "#team-a"
    later = ORIGIN._replace(request=5)
    others = {made.history_of("#other", origin) for origin in (ORIGIN, later)}
    assert len(others) == 2
    assert all(name.startswith("#other,") for name in others), "no kept channel is named so"
    made.kept_channels = 1
    assert made.history_of("#kept", ORIGIN).startswith("#kept,"), "no more are kept"


def test_who_comes_later_is_in_the_history_that_there_is(harness: Harness) -> None:
    harness.connect("ann").send("JOIN #a")
    history = harness.world.channels["#a"].history
    assert harness.world.history_of("#A", ORIGIN) == history


def test_a_user_leaves_in_the_histories_of_all_its_channels(harness: Harness) -> None:
    ann = harness.connect("ann")
    ann.send("JOIN #a,#b")
    channels = harness.world.channels
    assert harness.world.histories(ann.user) == (channels["#a"].history, channels["#b"].history)


def test_the_size_of_a_world_is_what_it_is_made_of(harness: Harness) -> None:
    before = harness.world.size
    harness.connect_as("ann", "ann").send("JOIN #a")
    assert harness.world.size == before + 3


# How far something was read


@pytest.fixture
def reader(harness: Harness) -> Client:
    return harness.connect_as("ann", "ann", "draft/read-marker")


def test_a_marker_stays_with_what_was_read_whatever_that_is_called(
    harness: Harness, reader: Client
) -> None:
    bob = harness.connect_as("bob", "Bob")
    for line in ("JOIN #a", "CHANNEL REGISTER #a"):
        reader.send(line)
    for target in ("#a", "bob"):
        reader.send(f"MARKREAD {target} timestamp=2023-11-14T22:13:20.000Z")
        assert harness.world.read_marker(reader.user, target) == 1_700_000_000_000_000
    bob.send("NICK rob")
    reader.send("RENAME #a #b")
    for target in ("#b", "rob", "Bob"):
        assert harness.world.read_marker(reader.user, target) == 1_700_000_000_000_000
    assert harness.world.read_marker(reader.user, "#a") is None
    assert harness.world.read_marker(bob.user, "#b") is None, "it is nobody else's"


def test_what_was_marked_before_there_was_such_a_thing_counts_for_it(
    harness: Harness, reader: Client
) -> None:
    world, user = harness.world, reader.user
    reader.send("MARKREAD #new timestamp=2023-11-14T22:13:20.000Z")
    assert world.marker_places("#new") == ("#new", "#new")
    reader.send("JOIN #new")
    assert world.marker_places("#NEW")[0] == world.channels["#new"].history != "#new"
    assert world.read_marker(user, "#new") == 1_700_000_000_000_000


def test_so_many_markers_of_one_are_kept_and_the_oldest_is_forgotten_first(
    harness: Harness, reader: Client
) -> None:
    for number in range(READ_MARKERS + 1):
        reader.send(f"MARKREAD #{number} timestamp=2023-11-14T22:13:20.000Z")
    markers = harness.world.read_markers["a:ann"]
    assert len(markers) == READ_MARKERS
    assert "#0" not in markers


def test_so_many_who_left_are_remembered(harness: Harness) -> None:
    ann = harness.connect("ann")
    for number in range(WHOWAS_ENTRIES + 2):
        ann.send(f"NICK n{number}")
    assert len(harness.world.whowas) == WHOWAS_ENTRIES
    assert "ann" not in {past.nick for past in harness.world.whowas}


def test_logging_out_ends_what_the_device_was_told(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    ann.send("LOGOUT")
    assert harness.world.devices == {}
    assert list(harness.world.accounts["ann"].devices) == ["password: ann"]
