"""Who may not stay goes, in the order of the journal, and nobody by the hand of who is lower."""

from __future__ import annotations

import pytest

from hubbub.core.outcomes import Afterwards, Banned, SessionEnded
from hubbub.core.records.moderation import (
    NetworkBanAdded,
    NetworkBanRemoved,
    OperatorActed,
    SwitchSet,
)
from hubbub.core.snapshot import encode
from hubbub.core.world import bans
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import Client, Harness, refusal, shown


@pytest.fixture
def mod(harness: Harness) -> Client:
    return operator(harness, "mod", "moderator")


def ban(client: Client, target: str, kind: str = "mask", seconds: int = 0) -> NetworkBanAdded:
    return NetworkBanAdded(client.origin, kind, target, "mod", seconds, rank="moderator")


def test_those_who_are_met_go_and_of_them_none_sees_another_go(
    harness: Harness, mod: Client
) -> None:
    clients = [harness.connect(nick, host="bad") for nick in ("bad1", "bad2")]
    witness = harness.connect("witness")
    for client in (*clients, witness):
        client.send("JOIN #a")
    witness.take()
    *_, last = harness.enter(ban(mod, "*!*@bad"))
    assert isinstance(last, Afterwards)
    assert shown(witness.take()) == ["QUIT Banned", "QUIT Banned"]
    for client in clients:
        assert "QUIT" not in [message.command for message in client.take()]
        assert client.closed == "You are banned from this server"


def test_a_ban_spares_who_may_do_more_than_who_set_it(harness: Harness, mod: Client) -> None:
    boss, guest = operator(harness, "boss", "owner"), harness.connect("guest")
    ended = [one for one in harness.enter(ban(mod, "*")) if isinstance(one, SessionEnded)]
    assert boss.session.id not in [one.session for one in ended]
    assert guest.session.id in [one.session for one in ended]


def test_an_address_is_for_the_doors_and_ends_nobody_here(harness: Harness, mod: Client) -> None:
    harness.connect("guest")
    [found] = harness.enter(ban(mod, "192.0.2.0/24", "address"))
    assert isinstance(found, Banned)
    assert harness.world.user("guest") is not None


def test_who_lost_the_right_meanwhile_changes_nothing_and_the_machine_needs_none(
    harness: Harness,
) -> None:
    guest = harness.connect("guest")
    refused = (
        ban(guest, "x!*@*"),
        NetworkBanRemoved(guest.origin, "mask", "x!*@*"),
        SwitchSet(guest.origin, "guests", True, "full"),
    )
    harness.world.closed["registrations"] = "before"
    for record in refused:
        assert refusal(harness.enter(record)) == "481"
    assert (list(harness.world.bans), harness.world.closed) == ([], {"registrations": "before"})
    record = NetworkBanAdded(harness.console, "mask", "x!*@*", "console", console=True)
    assert refusal(harness.enter(record)) == ""
    removed = NetworkBanRemoved(harness.console, "mask", "x!*@*", console=True)
    assert refusal(harness.enter(removed)) == ""
    assert list(harness.world.bans) == []


def test_who_is_gone_by_now_changes_nothing(harness: Harness, mod: Client) -> None:
    records = (ban(mod, "x!*@*"), SwitchSet(mod.origin, "guests", True, "full"))
    harness.disconnect(mod)
    assert [refusal(harness.enter(record)) for record in records] == ["481", "481"]
    assert (list(harness.world.bans), harness.world.closed) == ([], {})


def test_a_higher_ban_is_neither_replaced_nor_lifted(harness: Harness, mod: Client) -> None:
    boss = operator(harness, "boss", "owner")
    set_by_owner = NetworkBanAdded(boss.origin, "mask", "x!*@*", "boss", rank="owner")
    assert refusal(harness.enter(set_by_owner)) == ""
    assert refusal(harness.enter(ban(mod, "x!*@*", seconds=60))) == "481"
    assert refusal(harness.enter(NetworkBanRemoved(mod.origin, "mask", "x!*@*"))) == "481"
    assert [held.by for held in harness.world.bans] == ["boss"]


def test_a_ban_lasts_from_when_it_is_applied_and_what_is_over_makes_room(
    harness: Harness, mod: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bans.BANS, "mask", 1)
    harness.enter(ban(mod, "a!*@*", seconds=60))
    [held] = harness.world.bans
    assert held.expires == harness.time // 1_000_000 + 60
    assert refusal(harness.enter(ban(mod, "b!*@*"))) == "400"
    harness.time += 61_000_000
    assert refusal(harness.enter(ban(mod, "b!*@*"))) == ""
    assert [held.target for held in harness.world.bans] == ["b!*@*"]


def test_a_switch_is_off_for_a_reason_until_it_is_on(harness: Harness, mod: Client) -> None:
    for closed in (True, True, False, False):
        harness.enter(SwitchSet(mod.origin, "guests", closed, "full"))
        assert harness.world.closed == ({"guests": "full"} if closed else {})


def test_what_an_operator_did_is_kept_and_changes_nothing(harness: Harness, mod: Client) -> None:
    before, applied = encode(harness.world), harness.world.applied
    record = OperatorActed(mod.origin, mod.user.source, "mod", "mod", "KILL", "ann")
    assert harness.enter(record) == []
    harness.world.applied = applied
    assert encode(harness.world) == before
