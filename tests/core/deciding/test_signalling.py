"""Who hears what is said and never kept."""

from __future__ import annotations

import pytest

from hubbub.core.deciding.signalling import heard_by
from tests.core.world_harness import Client, Harness


@pytest.fixture
def room() -> tuple[Harness, Client, Client, Client]:
    harness = Harness()
    ann, bob, cat = (harness.connect(nick) for nick in ("ann", "bob", "cat"))
    for client in (ann, bob, cat):
        client.send("JOIN #room")
    return harness, ann, bob, cat


def test_all_members_hear_it_and_the_name_is_the_channels(
    room: tuple[Harness, Client, Client, Client],
) -> None:
    harness, ann, bob, cat = room
    heard = heard_by(harness.world, bob.user, "#ROOM")
    assert heard is not None
    assert heard.shown == "#room"
    assert {*heard.users} == {ann.user, bob.user, cat.user}


def test_what_is_said_to_operators_is_heard_by_them_and_by_who_says_it(
    room: tuple[Harness, Client, Client, Client],
) -> None:
    harness, ann, bob, _ = room
    heard = heard_by(harness.world, bob.user, "@#room")
    assert heard is not None
    assert {*heard.users} == {ann.user, bob.user}


def test_somebody_hears_it_unless_that_one_wants_nothing(
    room: tuple[Harness, Client, Client, Client],
) -> None:
    harness, ann, bob, _ = room
    heard = heard_by(harness.world, ann.user, "bob")
    assert heard is not None
    assert {*heard.users} == {ann.user, bob.user}
    bob.send("SILENCE +ann!*@*")
    silenced = heard_by(harness.world, ann.user, "bob")
    assert silenced is not None
    assert [*silenced.users] == [ann.user]


def test_who_is_not_there_is_nobody(room: tuple[Harness, Client, Client, Client]) -> None:
    harness, ann, *_ = room
    assert heard_by(harness.world, ann.user, "#nowhere") is None
    assert heard_by(harness.world, ann.user, "nobody") is None
