"""An account is erased in the World: on every node, and also where it had ended."""

from __future__ import annotations

import pytest

from hubbub.core import snapshot
from hubbub.core.outcomes import EraseAccount, HistoryEnded
from hubbub.core.records.accounts import AccountDropped, AccountErased
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import Client, Harness, refusal

ERASED = [HistoryEnded("@a:ann/*"), HistoryEnded("$ann"), EraseAccount("ann")]


@pytest.fixture
def adm(harness: Harness) -> Client:
    return operator(harness, "adm", "admin")


def test_what_it_had_others_see_is_gone_and_its_name_stays_its_own(
    harness: Harness, adm: Client
) -> None:
    ann, bob = harness.connect_as("ann", "ann"), harness.connect("bob")
    for client in (ann, bob):
        client.send("JOIN #a")
    for line in ("TOPIC #a :words", "METADATA * SET status :words"):
        ann.send(line)
    outcomes = harness.enter(AccountErased(adm.origin, "Ann", "adm"))
    assert outcomes[-3:] == ERASED
    world = harness.world
    channel = world.channel("#a")
    assert channel is not None
    assert (channel.topic, channel.topic_by) == ("", "")
    assert not [past for past in world.whowas if past.account == "ann"]
    held = world.accounts["ann"]
    assert (held.dropped, held.erased > 0, held.credentials) == (True, True, {})
    assert snapshot.decode(snapshot.encode(world)).accounts["ann"].erased == held.erased
    assert "words" not in repr(snapshot.encode(world))


def test_anothers_topic_stays(harness: Harness, adm: Client) -> None:
    harness.connect_as("ann", "ann")
    for line in ("JOIN #a", "TOPIC #a :words"):
        adm.send(line)
    harness.enter(AccountErased(adm.origin, "ann", "adm"))
    channel = harness.world.channel("#a")
    assert channel is not None
    assert channel.topic == "words"


def test_one_that_was_dropped_can_be_erased(harness: Harness, adm: Client) -> None:
    harness.connect_as("ann", "ann")
    harness.enter(AccountDropped(adm.origin, "ann", "adm"))
    assert harness.enter(AccountErased(adm.origin, "ann", "adm")) == ERASED


def test_of_one_that_never_was_nothing_comes(harness: Harness, adm: Client) -> None:
    assert harness.enter(AccountErased(adm.origin, "nobody", "adm")) == []


def test_who_has_risen_meanwhile_is_not_erased(harness: Harness, adm: Client) -> None:
    operator(harness, "boss", "owner")
    assert refusal(harness.enter(AccountErased(adm.origin, "boss", "adm"))) == "NO_PRIVILEGES"
    assert not harness.world.accounts["boss"].erased
