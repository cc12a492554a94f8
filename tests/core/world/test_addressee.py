"""Who is meant by a nick: somebody here, or an account that is not."""

from __future__ import annotations

import pytest

from hubbub.core.world.addressee import account_addressed, addressee, is_silenced
from tests.core.world_harness import Client, Harness


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect_as("annie", "Ann")


def test_a_guest_is_meant_by_the_nick_and_has_no_account(harness: Harness) -> None:
    bob = harness.connect("Bob")
    meant = addressee(harness.world, "bOB")
    assert meant is not None
    assert (meant.nick, meant.user, meant.account) == ("Bob", bob.user, None)
    assert meant.presence == bob.user.guest_presence
    assert not meant.is_absent


@pytest.mark.parametrize("name", ["ann", "ANNIE"])
def test_an_account_is_meant_by_its_name_and_by_the_nick_that_it_has_here(
    harness: Harness, ann: Client, name: str
) -> None:
    meant = addressee(harness.world, name)
    assert meant is not None
    assert (meant.nick, meant.user, meant.presence) == ("annie", ann.user, "a:ann")
    assert not meant.is_absent


def test_what_is_said_to_an_account_that_is_not_here_has_to_wait(
    harness: Harness, ann: Client
) -> None:
    harness.disconnect(ann)
    meant = addressee(harness.world, "ann")
    assert meant is not None
    assert (meant.nick, meant.user, meant.is_absent) == ("Ann", None, True)
    assert addressee(harness.world, "annie") is None, "that was only its nick"


def test_so_has_what_is_said_to_who_stays_without_a_session(harness: Harness, ann: Client) -> None:
    for line in ("PERSISTENCE SET ON", "JOIN #a"):
        ann.send(line)
    user = ann.user
    harness.disconnect(ann)
    meant = addressee(harness.world, "annie")
    assert meant is not None
    assert (meant.user, meant.is_absent) == (user, True)


def test_of_two_users_of_an_account_the_one_is_meant_that_was_named(harness: Harness) -> None:
    first = harness.connect_as("ann", "ann")
    other = harness.connect("second", "sasl")
    other.send("IDENTIFY ann secret")
    assert other.user is not first.user
    for nick, user in (("ann", first.user), ("second", other.user)):
        meant = addressee(harness.world, nick)
        assert meant is not None
        assert meant.user is user


def test_nobody_is_meant_by_a_name_that_nobody_can_have_now(harness: Harness) -> None:
    account = harness.account("eve")
    account.suspended = "spam"
    assert addressee(harness.world, "eve") is None
    account.suspended, account.verified = "", False
    assert addressee(harness.world, "eve") is None
    assert addressee(harness.world, "nobody") is None
    assert account_addressed(None) is None


def test_who_is_silenced_is_not_heard_by_whom_it_silenced(harness: Harness, ann: Client) -> None:
    bob, cat = harness.connect("bob"), harness.connect("cat")
    ann.send("SILENCE +bob!*@*")
    assert is_silenced(harness.world, bob.user, ann.user.presence)
    assert not is_silenced(harness.world, cat.user, ann.user.presence)
    assert not is_silenced(harness.world, bob.user, cat.user.presence)
