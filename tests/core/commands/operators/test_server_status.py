"""STATUS: how the server does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.dispatch import dispatch
from hubbub.core.requests import Drain
from hubbub.irc.message import Message
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import POLICY, Client, Harness


@pytest.fixture
def admin(harness: Harness) -> Client:
    return operator(harness, "root", "admin")


def status(client: Client) -> dict[str, str]:
    """Return the lines of an answer, by name; of one that comes twice the last."""
    told = client.send("STATUS")
    assert told[-1].params == ("END", "End of status")
    return {message.params[0]: message.params[1] for message in told[:-1]}


def test_the_people_and_what_they_made_are_counted(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    for line in ("PERSISTENCE SET ON", "JOIN #a,#b"):
        ann.send(line)
    harness.attach(ann)
    harness.disconnect(harness.connect_as("bob", "bob"))
    told = status(admin)
    assert (told["connections"], told["users"]) == ("3", "2, 0 of them not connected")
    assert (told["channels"], told["accounts"]) == ("2", "3")
    assert told["records"] == str(len(harness.entries))


def test_who_stays_without_a_connection_is_a_user_all_the_same(
    harness: Harness, admin: Client
) -> None:
    ann = harness.connect_as("ann", "ann")
    for line in ("PERSISTENCE SET ON", "JOIN #a"):
        ann.send(line)
    harness.disconnect(ann)
    told = status(admin)
    assert (told["connections"], told["users"]) == ("1", "2, 1 of them not connected")


def test_a_dropped_account_counts_no_more(harness: Harness, admin: Client) -> None:
    harness.disconnect(harness.connect_as("ann", "ann"))
    assert status(admin)["accounts"] == "2"
    admin.send("ACCOUNT SURE DROP ann")
    assert harness.world.reserved_for("ann") is not None
    assert status(admin)["accounts"] == "1"


def test_when_it_started_and_who_may_come_in_is_said(harness: Harness, admin: Client) -> None:
    harness.policy = replace(POLICY, access="invite", started=harness.time // 1_000_000 - 300)
    told = status(admin)
    assert told["started"] == "today, 5 minutes ago"
    assert told["access"] == "invite"
    assert told["server"].startswith("hub.test (Test), hubbub")


def test_what_is_wrong_is_said_with_the_rest(harness: Harness, admin: Client) -> None:
    harness.policy = replace(POLICY, faults=("limits.flood stays true",))
    ctx = admin.command_context(Message("STATUS"))
    ctx.node = replace(ctx.node, troubles=lambda: {"clock": "an hour ahead"})
    dispatch(ctx)
    admin.carry_out(ctx)
    told = [message.params for message in admin.take()]
    assert ("clock", "an hour ahead") in told
    assert told[-2:] == [("refused", "limits.flood stays true"), ("END", "End of status")]


def test_an_owner_has_the_server_drained(harness: Harness) -> None:
    owner = operator(harness, "boss", "owner")
    for given, seconds in (("", None), ("60", 60), ("86400", 86_400)):
        owner.taken_requests()
        owner.send(f"DRAIN {given}")
        [asked] = [each for each in owner.taken_requests() if isinstance(each, Drain)]
        assert asked.seconds == seconds


@pytest.mark.parametrize("given", ["0", "-1", "soon", "86401", "٣"])
def test_a_length_of_a_drain_that_is_none_is_refused(harness: Harness, given: str) -> None:
    owner = operator(harness, "boss", "owner")
    owner.taken_requests()
    [told] = owner.send(f"DRAIN {given}")
    assert (told.command, told.params[1]) == ("FAIL", "INVALID_PARAMS")
    assert not any(isinstance(each, Drain) for each in owner.taken_requests())


def test_an_admin_has_not(admin: Client) -> None:
    assert admin.send("DRAIN 60")[0].command == "481"
