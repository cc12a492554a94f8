"""Up to where a device was told everything is known once its session has ended."""

from __future__ import annotations

import pytest

from hubbub.core.records.users import Disconnected
from tests.core.world_harness import Client, Harness


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect_as("ann", "ann")


@pytest.mark.parametrize("told", [0, 3])
def test_a_device_was_told_everything_up_to_where_its_link_broke(
    harness: Harness, ann: Client, told: int
) -> None:
    harness.enter(Disconnected(ann.origin, ann.user.source, "gone", told=told))
    account = harness.world.accounts["ann"]
    assert account.told("password: ann") == (told or len(harness.entries))


def test_nothing_waits_for_who_has_come(harness: Harness, ann: Client) -> None:
    harness.disconnect(ann)
    harness.connect("bob").send("PRIVMSG ann :later")
    assert harness.world.accounts["ann"].waiting.guests == 1
    harness.connect_as("ann", "ann")
    assert not harness.world.accounts["ann"].waiting.counts


def test_what_passes_by_is_no_device_and_takes_nothing_that_waits(harness: Harness) -> None:
    harness.account("ann")
    harness.connect("bob").send("PRIVMSG ann :later")
    harness.disconnect(harness.connect_as("ann", "ann", "hubbub/quiet"))
    account = harness.world.accounts["ann"]
    assert (account.devices, account.waiting.guests) == ({}, 1)


def test_two_programs_with_one_password_are_two_devices(harness: Harness, ann: Client) -> None:
    for username in ("phone", "laptop"):
        client = harness.open()
        client.session.account, client.session.credential = "ann", ("password", "")
        client.send("NICK ann")
        client.send(f"USER {username} 0 * :x")
        harness.disconnect(client)
    devices = harness.world.accounts["ann"].devices
    assert list(devices) == ["password: phone", "password: laptop"]


def test_a_guest_has_no_device(harness: Harness) -> None:
    guest = harness.connect("guest")
    assert harness.world.devices == {}
    harness.enter(Disconnected(guest.origin, guest.user.source, "gone"))
    assert harness.world.user("guest") is None
