"""AWAY, SETNAME, MONITOR, SILENCE."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.records.users import AwaySet, SilenceSet
from tests.core.world_harness import POLICY, Client, Harness, shown

AWAY = ["306 ann You have been marked as being away"]
BACK = ["305 ann You are no longer marked as being away"]


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect("ann")


def test_away_and_back(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    assert shown(ann.send("AWAY :at lunch")) == AWAY
    assert shown(bob.send("PRIVMSG ann :hello")) == ["301 bob ann at lunch"]
    ann.take()
    assert shown(ann.send("AWAY :")) == BACK
    assert bob.send("PRIVMSG ann :hello") == []


def test_every_away_is_answered_but_kept_only_if_it_changes_something(
    harness: Harness, ann: Client
) -> None:
    for line, answer in (
        ("AWAY", BACK),
        ("AWAY :a", AWAY),
        ("AWAY :a", AWAY),
        ("AWAY :b", AWAY),
        ("AWAY", BACK),
        ("AWAY", BACK),
    ):
        assert shown(ann.send(line)) == answer
    assert len(harness.records(AwaySet)) == 3


def test_an_away_message_is_cut_at_a_character(ann: Client) -> None:
    ann.send(f"AWAY :{'ü' * 150}")
    assert ann.user.away == "ü" * 100


def test_those_in_common_channels_are_told_if_they_asked_for_it(
    harness: Harness, ann: Client
) -> None:
    bob, cy = harness.connect("bob", "away-notify"), harness.connect("cy")
    for client in (ann, bob, cy):
        client.send("JOIN #a")
    bob.take(), cy.take()
    ann.send("AWAY :gone")
    ann.send("AWAY")
    assert [message.format() for message in bob.take()] == [
        ":ann!ann@cloak.test AWAY :gone",
        ":ann!ann@cloak.test AWAY",
    ]
    assert cy.take() == []


def test_who_joins_while_away_is_shown_so(harness: Harness, ann: Client) -> None:
    bob, cy = harness.connect("bob", "away-notify"), harness.connect("cy", "away-notify")
    bob.send("JOIN #a")
    cy.send("AWAY :gone")
    assert "AWAY gone" not in shown(cy.send("JOIN #a"))
    assert shown(bob.take()) == ["JOIN #a", "AWAY gone"]


def test_setname(harness: Harness) -> None:
    ann, bob, cy = harness.connect("ann", "setname"), harness.connect("bob", "setname"), None
    cy = harness.connect("cy")
    for client in (ann, bob, cy):
        client.send("JOIN #a")
    for client in (ann, bob, cy):
        client.take()
    assert shown(ann.send("SETNAME :Ann of Cleves")) == ["SETNAME Ann of Cleves"]
    assert shown(bob.take()) == ["SETNAME Ann of Cleves"]
    assert cy.take() == []
    assert bob.send("WHOIS ann")[0].params[-1] == "Ann of Cleves"


@pytest.mark.parametrize("realname", ["", "  ", "a\x1b[2J", "a\x9b", "ü" * 76])
def test_bad_real_names(ann: Client, realname: str) -> None:
    assert shown(ann.send(f"SETNAME :{realname}")) == [
        "FAIL SETNAME INVALID_REALNAME Realname is not valid"
    ]


def test_monitoring(harness: Harness, ann: Client) -> None:
    harness.connect("bob")
    assert shown(ann.send("MONITOR + bob,eve,BOB")) == ["730 ann bob!bob@cloak.test", "731 ann eve"]
    eve = harness.connect("Eve")
    assert shown(ann.take()) == ["730 ann Eve!eve@cloak.test"]
    eve.send("NICK EVE")
    assert ann.take() == []
    eve.send("QUIT")
    assert shown(ann.take()) == ["731 ann EVE"]
    assert shown(ann.send("MONITOR L")) == ["732 ann bob,eve", "733 ann End of MONITOR list"]
    assert shown(ann.send("MONITOR s")) == ["730 ann bob!bob@cloak.test", "731 ann eve"]
    assert ann.send("MONITOR - EVE,nobody") == []
    harness.connect("eve")
    assert ann.take() == []
    assert ann.send("MONITOR C") == []
    assert shown(ann.send("MONITOR L")) == ["733 ann End of MONITOR list"]
    assert harness.roster.watchers("bob") == []


def test_monitored_nicks_come_and_go_with_nick_changes(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    ann.send("MONITOR + bob,eve")
    ann.take()
    bob.send("NICK eve")
    assert shown(ann.take()) == ["731 ann bob", "730 ann eve!bob@cloak.test"]


def test_only_nicks_can_be_monitored(ann: Client) -> None:
    assert shown(ann.send("MONITOR + *!u@h,bob")) == [
        "432 ann *!u@h Erroneous nickname",
        "731 ann bob",
    ]
    assert shown(ann.send("MONITOR +")) == ["461 ann MONITOR Not enough parameters"]
    assert ann.send("MONITOR X") == []


def test_a_monitor_list_can_be_full() -> None:
    ann = Harness(replace(POLICY, monitor=2)).connect("ann")
    assert shown(ann.send("MONITOR + a,b,c,d")) == [
        "734 ann 2 c,d Monitor list is full",
        "731 ann a,b",
    ]
    assert ann.session.monitored == {"a": "a", "b": "b"}


def test_extended_monitoring(harness: Harness) -> None:
    watcher = harness.connect("ann", "extended-monitor", "away-notify", "setname")
    other = harness.connect("cy", "away-notify", "setname")
    for client in (watcher, other):
        client.send("MONITOR + bob")
    bob = harness.connect("bob")
    for client in (watcher, other):
        client.take()
    bob.send("AWAY :gone")
    bob.send("SETNAME :Bobby")
    assert shown(watcher.take()) == ["AWAY gone", "SETNAME Bobby"]
    assert other.take() == []


def test_silencing(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    assert [message.format() for message in ann.send("SILENCE +bob,eve,-x")] == [
        ":ann!ann@cloak.test SILENCE +bob!*@*",
        ":ann!ann@cloak.test SILENCE +eve!*@*",
    ]
    bob.send("PRIVMSG ann :hello")
    assert ann.take() == []
    assert shown(ann.send("SILENCE")) == [
        "271 ann ann bob!*@*",
        "271 ann ann eve!*@*",
        "272 ann End of silence list",
    ]
    assert shown(ann.send("SILENCE -BOB")) == ["SILENCE -bob!*@*"]
    bob.send("PRIVMSG ann :hello")
    assert shown(ann.take()) == ["PRIVMSG ann hello"]


def test_silencing_what_is_silenced_changes_nothing(harness: Harness, ann: Client) -> None:
    ann.send("SILENCE +bob")
    assert ann.send("SILENCE +BOB") == []
    assert ann.send("SILENCE +:") == []
    assert ann.send("SILENCE +eve,-eve") == []
    assert len(harness.records(SilenceSet)) == 1


def test_a_silence_list_can_be_full() -> None:
    ann = Harness(replace(POLICY, silence=2)).connect("ann")
    assert shown(ann.send("SILENCE +a,b,c")) == [
        "511 ann c!*@* Your silence list is full",
        "SILENCE +a!*@*",
        "SILENCE +b!*@*",
    ]
    assert shown(ann.send("SILENCE +c,-a")) == ["SILENCE -a!*@*", "SILENCE +c!*@*"]


def test_who_has_not_come_in_yet_is_not_away_unless_it_says_that_it_can_be(
    harness: Harness,
) -> None:
    for caps, command in (((), "451"), (("draft/pre-away",), "306")):
        (told,) = harness.open(caps).send("AWAY :lunch")
        assert told.command == command
