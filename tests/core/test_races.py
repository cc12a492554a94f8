"""Who decided on a World that has changed meanwhile is refused, and nobody else hears of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.records.accounts import CredentialAdded
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import ChannelModesSet, Kicked
from hubbub.core.records.entries import Body, Draft
from hubbub.core.records.messages import Announced
from hubbub.core.records.users import Killed
from hubbub.core.requests import MailTo
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown

RACES = [
    # what one asks for, what the other does first, and the answer
    ("KICK #a cy", "MODE #a -o bob", "482 bob #a You're not a channel operator"),
    ("KICK #a cy", "KICK #a cy", "441 bob cy #a They aren't on that channel"),
    ("KICK #a cy", "KICK #a bob", "442 bob #a You're not on that channel"),
    ("TOPIC #a :mine", "MODE #a -o bob", "482 bob #a You're not a channel operator"),
    ("TOPIC #a :mine", "KICK #a bob", "442 bob #a You're not on that channel"),
    ("INVITE dot #a", "KICK #a bob", "442 bob #a You're not on that channel"),
    ("INVITE dot #a", "KILL dot", "401 bob dot No such nick"),
    ("MODE #a +i", "MODE #a -o bob", "482 bob #a You're not a channel operator"),
    ("MODE #a +v cy", "KICK #a cy", "441 bob cy #a They aren't on that channel"),
    ("RENAME #a #new", "MODE #a -o bob", "482 bob #a You're not a channel operator"),
    ("RENAME #a #new", "RENAME #a #else", "403 bob #a No such channel"),
    (
        "RENAME #a #new",
        "JOIN #new",
        "FAIL RENAME CHANNEL_NAME_IN_USE #a #new The channel name is already taken",
    ),
    ("RELAYMSG #a x/y :hello", "MODE #a -o bob", "482 bob #a You're not a channel operator"),
    ("PART #a", "KICK #a bob", "442 bob #a You're not on that channel"),
    ("NICK new", "NICK new", "433 bob new Nickname is already in use"),
    ("JOIN #b", "MODE #b +i", "473 bob #b Cannot join channel (+i)"),
    ("JOIN #b", "MODE #b +k key", "475 bob #b Cannot join channel (+k)"),
    ("PRIVMSG dot :hello", "KILL dot", "401 bob dot No such nick"),
    ("PRIVMSG #a :hello", "KICK #a bob", "404 bob #a Cannot send to channel"),
    ("PRIVMSG #b :hello", "PART #b", "403 bob #b No such channel"),
]


@pytest.fixture
def clients(harness: Harness) -> dict[str, Client]:
    """Return ann, an operator of everything, bob, an operator of #a, and two others."""
    clients = {nick: harness.connect(nick) for nick in ("ann", "bob", "cy", "dot")}
    ann = clients["ann"]
    ann.send("OPER root secret")
    for nick in ("ann", "bob", "cy"):
        clients[nick].send("JOIN #a")
    ann.send("JOIN #b")
    ann.send("MODE #b -n")
    ann.send("MODE #a +o bob")
    for client in clients.values():
        client.take()
    return clients


@pytest.mark.parametrize(("late", "first", "answer"), RACES)
def test_the_loser_of_a_race_alone_is_told(
    harness: Harness, clients: dict[str, Client], late: str, first: str, answer: str
) -> None:
    bob, ann, cy = clients["bob"], clients["ann"], clients["cy"]
    harness.held = True
    assert bob.send(late) == []
    ann.send(first)
    harness.commit(ann.session.id)
    for client in clients.values():
        client.take()
    harness.commit_all()
    assert shown(bob.take()) == [answer]
    assert cy.take() == []
    asked = [e.seq for e in harness.entries if e.record.origin.session == bob.session.id]
    assert asked[-1] in harness.refused
    check(harness.world)


@pytest.mark.parametrize("late", ["KICK #b ann", "TOPIC #b :mine", "MODE #b +i", "INVITE dot #b"])
def test_what_was_meant_for_a_channel_that_ended_changes_no_later_one(
    harness: Harness, clients: dict[str, Client], late: str
) -> None:
    ann, bob = clients["ann"], clients["bob"]
    # As a server operator bob may do it in any channel, old or new.
    bob.send("OPER root secret")
    bob.take()
    harness.held = True
    bob.send(late)
    for line in ("PART #b", "JOIN #b"):
        ann.send(line)
        harness.commit(ann.session.id)
    ann.take()
    harness.commit_all()
    assert shown(bob.take()) == ["403 bob #b No such channel"]
    assert ann.take() == []
    assert shown(ann.send("MODE #b"))[0] == "324 ann #b +nt"
    check(harness.world)


def test_who_left_a_channel_that_ended_stays_in_the_next_one(
    harness: Harness, clients: dict[str, Client]
) -> None:
    bob = clients["bob"]
    attached = harness.connect_as("eve", "eve")
    other = harness.attach(attached)
    attached.send("JOIN #d")
    harness.held = True
    other.send("PART #d")
    for line in ("PART #d", "JOIN #d"):
        attached.send(line)
        harness.commit(attached.session.id)
    harness.commit_all()
    assert attached.user in harness.world.channels["#d"].members
    assert shown(other.take())[-1] == "442 eve #d You're not on that channel"
    assert bob.take() == []
    check(harness.world)


@pytest.mark.parametrize(
    ("late", "answer"),
    [
        ("KICK #a cy", "441 bob cy #a They aren't on that channel"),
        ("KILL cy", "401 bob cy No such nick"),
        ("INVITE cy #b", "401 bob cy No such nick"),
        ("MODE #a +o cy", "441 bob cy #a They aren't on that channel"),
        ("MODE #a +v-h+i cy cy", "441 bob cy #a They aren't on that channel"),
        ("MODE #a +v-v bob cy", "441 bob cy #a They aren't on that channel"),
    ],
)
def test_who_took_the_nick_of_the_one_meant_is_left_alone(
    harness: Harness, clients: dict[str, Client], late: str, answer: str
) -> None:
    ann, bob, cy, dot = (clients[nick] for nick in ("ann", "bob", "cy", "dot"))
    bob.send("OPER root secret")
    dot.send("JOIN #a")
    ann.send("MODE #a +hv cy cy")
    ann.send("MODE #a +v dot")
    harness.held = True
    bob.take()
    bob.send(late)
    for client, nick in ((cy, "new"), (dot, "cy")):
        client.send(f"NICK {nick}")
        harness.commit(client.session.id)
    for client in clients.values():
        client.take()
    harness.commit_all()
    assert shown(bob.take()) == [answer]
    assert ann.take() == cy.take() == dot.take() == []
    channel = harness.world.channels["#a"]
    assert (channel.members[cy.user].statuses, channel.members[dot.user].statuses) == ("hv", "v")
    check(harness.world)


def test_records_of_older_journals_name_by_nick_alone(
    harness: Harness, clients: dict[str, Client]
) -> None:
    ann, cy = clients["ann"], clients["cy"]
    origin, source = Origin(ann.session.id, 99), ann.user.source
    harness.append(Draft(ChannelModesSet(origin, source, "#a", (("+v", "cy"), ("+i", "")))))
    harness.settle()
    assert harness.world.channels["#a"].members[cy.user].statuses == "v"
    harness.append(Draft(Kicked(origin, source, "#a", "cy", "reason")))
    harness.settle()
    assert cy.user not in harness.world.channels["#a"].members
    harness.append(Draft(Killed(origin, source, cy.user.source, "reason")))
    harness.settle()
    assert "cy" not in harness.world.users


LINES = [
    "KICK #a cy",
    "TOPIC #a :mine",
    "INVITE dot #a",
    "MODE #a +i",
    "MODE bob +i",
    "PART #a",
    "JOIN #b",
    "NICK new",
    "AWAY :gone",
    "SETNAME :Bobby",
    "SILENCE +x",
    "PRIVMSG #a :hello",
    "PRIVMSG dot :hello",
]


@pytest.mark.parametrize("line", LINES)
def test_who_was_killed_meanwhile_does_nothing_more(
    harness: Harness, clients: dict[str, Client], line: str
) -> None:
    bob, ann, cy, dot = (clients[nick] for nick in ("bob", "ann", "cy", "dot"))
    harness.held = True
    bob.send(line)
    ann.send("KILL bob")
    harness.commit(ann.session.id)
    ann.take(), cy.take()
    harness.commit_all()
    assert ann.take() == cy.take() == dot.take() == []
    check(harness.world)


def test_who_is_renamed_while_leaving_leaves_under_the_new_nick(
    harness: Harness, clients: dict[str, Client]
) -> None:
    bob, cy = clients["bob"], clients["cy"]
    harness.held = True
    bob.send("NICK bobby")
    harness.disconnect(bob)
    harness.commit_all()
    renamed, left = cy.take()
    assert (renamed.command, renamed.nick, renamed.params) == ("NICK", "bob", ("bobby",))
    assert (left.command, left.nick) == ("QUIT", "bobby")


def test_who_is_no_operator_announces_nothing(harness: Harness, clients: dict[str, Client]) -> None:
    ann, bob = clients["ann"], clients["bob"]
    bob.send("MODE bob +w")
    bob.take()
    ann.send("MODE ann -o")
    ann.take()
    harness.append(Draft(Announced(Origin(ann.session.id, 99), ann.user.source, "hello")))
    harness.settle()
    assert bob.take() == []
    assert shown(ann.take()) == ["481 ann Permission denied: you are not a server operator"]


def test_what_a_session_of_long_ago_asked_for_is_refused(harness: Harness) -> None:
    origin = Origin(SessionId(9, 9, 9), 1)
    harness.append(Draft(Announced(origin, "x!x@x", "hello")))
    harness.settle()
    assert harness.entries[-1].seq in harness.refused


# Bounds that many reach at once: checked when each is decided on, and again when it is applied


def test_many_sessions_of_one_user_join_no_more_channels_than_one(harness: Harness) -> None:
    harness.policy = replace(harness.policy, channels_per_user=3)
    first = harness.connect_as("ann", "ann")
    clients = [first, *(harness.attach(first) for _ in range(4))]
    harness.held = True
    for number, client in enumerate(clients):
        client.send(f"JOIN #a{number},#b{number}")
    harness.commit_all()
    assert len(first.user.channels) == 3
    refused = [m.command for client in clients for m in client.take() if m.command == "405"]
    assert len(refused) == 7
    check(harness.world)


def test_many_operators_add_no_more_masks_than_fit(harness: Harness) -> None:
    harness.policy = replace(harness.policy, list_entries=3)
    first = harness.connect_as("ann", "ann")
    first.send("JOIN #a")
    clients = [first, *(harness.attach(first) for _ in range(4))]
    harness.held = True
    for number, client in enumerate(clients):
        client.send(f"MODE #a +b n{number}!*@*")
        client.send(f"TBAN #a 1h t{number}!*@*")
    harness.commit_all()
    channel = harness.world.channel("#a")
    assert channel is not None
    assert len(channel.lists["b"]) == 3
    harness.held = False
    # One that is full takes another mask for one that goes.
    gone = next(iter(channel.lists["b"].values())).mask
    first.send(f"MODE #a +b-b new!*@* {gone}")
    assert "new!*@*" in channel.lists["b"]
    assert len(channel.lists["b"]) == 3
    check(harness.world)


def test_many_sessions_of_one_user_silence_no_more_than_one(harness: Harness) -> None:
    harness.policy = replace(harness.policy, silence=3)
    first = harness.connect_as("ann", "ann")
    clients = [first, *(harness.attach(first) for _ in range(4))]
    harness.held = True
    for number, client in enumerate(clients):
        client.send(f"SILENCE +a{number}!*@*,+b{number}!*@*")
    harness.commit_all()
    assert len(harness.world.silenced[first.user.presence]) <= 3
    check(harness.world)


def test_of_many_who_ask_for_a_reset_one_mail_is_sent(harness: Harness) -> None:
    harness.policy = replace(harness.policy, email="optional")
    account = harness.account("ann")
    origin = Origin(SessionId(1, harness.epoch, 0), 1)
    email = CredentialAdded(origin, "ann", "email", histories=("$ann",))
    harness.append(Draft(email, Body("ann@example.org")))
    harness.commit(origin.session)
    clients = [harness.connect(f"guest{number}") for number in range(20)]
    harness.held = True
    told = {str(shown(client.send("SENDPASS ann"))) for client in clients}
    assert len(told) == 1
    harness.commit_all()
    assert all(client.take() == [] for client in clients)
    sent = [one for client in clients for one in client.asked if isinstance(one, MailTo)]
    assert len(sent) == 1
    assert sum(held.kind == "reset" for held in account.credentials.values()) == 1
