"""Up to where each device of an account was told everything."""

from __future__ import annotations

from hubbub.core.records.base import SessionId
from hubbub.core.world.accounts import DEVICES, Account
from hubbub.core.world.session import LEFT, Session
from tests.core.world_harness import Harness


def test_the_device_that_left_longest_ago_is_forgotten_first() -> None:
    account = Account("ann", 0)
    for number in range(1, DEVICES + 1):
        account.left(f"d{number}", number)
    account.left("d1", 100)
    account.left("new", 101)
    assert len(account.devices) == DEVICES
    assert account.told("d1") == 100
    assert account.told("d2") == account.told("never seen") == 101, "as much as any other"


def test_a_device_is_never_told_less_than_before() -> None:
    account = Account("ann", 0)
    account.left("laptop", 10)
    account.left("laptop", 5)
    assert account.told("laptop") == 10


def test_a_session_remembers_the_channels_that_it_left_last() -> None:
    session = Session(SessionId(1, 1, 1), "host")
    for number in range(LEFT + 1):
        session.has_left(f"#{number}", number)
    assert len(session.left) == LEFT
    assert "#0" not in session.left


def test_logging_out_ends_what_the_device_was_told() -> None:
    harness = Harness()
    ann = harness.connect_as("ann", "ann")
    ann.send("LOGOUT")
    assert harness.world.devices == {}
    assert list(harness.world.accounts["ann"].devices) == ["password: ann"]
