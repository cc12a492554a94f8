"""What ChanServ can be asked."""

from __future__ import annotations

import pytest

from tests.core.commands.services.test_asking import ask, said
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return somebody who is logged in as Ann, and is operator of #a."""
    ann = harness.connect_as("ann", "Ann")
    ann.send("JOIN #a")
    return ann


@pytest.fixture
def operator(harness: Harness) -> Client:
    operator = harness.connect("oper")
    operator.send("OPER root secret")
    operator.take()
    return operator


def test_a_channel_is_owned_and_handed_on(harness: Harness, ann: Client) -> None:
    bob = harness.connect_as("bob", "Bob")
    bob.send("JOIN #a")
    ann.take()
    told = ann.send("PRIVMSG chanserv :Register #a")
    assert "MODE #a +q ann" in shown(told)
    assert said(told) == ["#a: The channel is yours, and stays when it is empty"]
    assert ask(ann, "INFO #a", "ChanServ")[0].startswith("#a: Registered by Ann at ")
    assert ask(ann, "LIST", "ChanServ") == ["#a: You are founder here", "End of list"]
    assert ask(ann, "AMODE #a +o bob", "ChanServ") == ["#a: Bob is operator here"]
    assert ask(ann, "AMODE #a -v bob", "ChanServ") == ["bob is not voice by the access list"]
    assert ask(ann, "AMODE #a o bob", "ChanServ")[0].startswith("A change is + or -")
    assert ask(ann, "AMODE #a", "ChanServ")[1].startswith("#a: Bob is operator, set by Ann")
    assert ask(ann, "AMODE #a -o bob", "ChanServ") == ["#a: Bob is nothing more here"]
    assert ask(ann, "TRANSFER #a bob", "ChanServ") == ["#a: The channel is Bob's now"]
    assert said(bob.send("CS DROP #a")) == ["#a: The channel is registered no more"]


@pytest.mark.parametrize(
    ("word", "mode"), [("OP", "o"), ("HALFOP", "h"), ("VOICE", "v"), ("PROTECT", "a")]
)
def test_statuses_are_given_and_taken(harness: Harness, ann: Client, word: str, mode: str) -> None:
    ann.send("CHANNEL REGISTER #a")
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    bob.take()
    ann.send(f"PRIVMSG ChanServ :{word} #a bob")
    ann.send(f"PRIVMSG ChanServ :DE{word} #a bob")
    assert shown(bob.take()) == [f"MODE #a +{mode} bob", f"MODE #a -{mode} bob"]


def test_operators_purge_channels(harness: Harness, ann: Client, operator: Client) -> None:
    assert ask(ann, "PURGE SURE #a", "ChanServ") == ["Only a server operator may do this"]
    assert ask(operator, "PURGE SURE #a :spam", "ChanServ") == [
        "#a: The channel and its history are gone"
    ]
    assert "#a" not in harness.world.channels


def test_an_error_that_is_a_numeric_elsewhere_is_said_by_the_service(
    harness: Harness, ann: Client
) -> None:
    guest = harness.connect("guest")
    guest.send("JOIN #a")
    assert ask(guest, "OP #a", "ChanServ") == ["You're not a channel operator"]
    assert ask(guest, "OP #none", "ChanServ") == ["No such channel"]


def test_one_gives_a_status_to_oneself_by_naming_nobody(harness: Harness, ann: Client) -> None:
    ask(ann, "VOICE #a", "ChanServ")
    assert harness.world.channels["#a"].members[ann.user].statuses == "ov"
    ask(ann, "DEOP #a", "ChanServ")
    assert harness.world.channels["#a"].members[ann.user].statuses == "v"


@pytest.mark.parametrize("change", ["o", "+", "+x", "-", "op", "+ov", "=o"])
def test_a_change_of_the_access_list_is_one_sign_and_one_letter(ann: Client, change: str) -> None:
    assert ask(ann, f"AMODE #a {change} bob", "ChanServ") == [
        "A change is + or -, and one of the letters qaohv"
    ]


def test_one_takes_ones_own_level_away_by_naming_nobody(harness: Harness, ann: Client) -> None:
    bob = harness.connect_as("bob", "Bob")
    for line in ("REGISTER #a", "AMODE #a +o Bob"):
        ask(ann, line, "ChanServ")
    bob.send("JOIN #a")
    assert ask(bob, "AMODE #a -o", "ChanServ") == ["#a: Bob is nothing more here"]
    assert harness.world.channels["#a"].level("Bob") == ""


def test_who_may_not_see_the_access_list_learns_no_levels_from_it(
    harness: Harness, ann: Client
) -> None:
    bob, eve = harness.connect_as("bob", "Bob"), harness.connect("eve")
    bob.send("JOIN #a")
    for line in ("REGISTER #a", "AMODE #a +o Bob"):
        ask(ann, line, "ChanServ")
    answers = [ask(eve, f"AMODE #a -{letter} Bob", "ChanServ") for letter in "ov"]
    assert answers[0] == answers[1]
    assert harness.world.channels["#a"].level("Bob") == "o"
    assert ask(eve, "AMODE #none -o Bob", "ChanServ") == ["There is no such channel"]


def test_the_past_of_a_channel_is_opened_by_its_founder(harness: Harness, ann: Client) -> None:
    ask(ann, "REGISTER #a", "ChanServ")
    for line in ("MODE #a +i", "PRIVMSG #a :behind closed doors", "MODE #a -i"):
        ann.send(line)
    ann.take()
    assert harness.world.channels["#a"].closed
    assert ask(ann, "OPENPAST #a", "ChanServ") != []
    assert harness.world.channels["#a"].closed, "it is asked about first"
    ask(ann, "OPENPAST #a SURE", "ChanServ")
    assert not harness.world.channels["#a"].closed
