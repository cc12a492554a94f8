"""Becoming known to a server, and what may be in the way."""

from __future__ import annotations

import pytest

from hubbub.client.events import (
    Refused,
    Registered,
    Told,
)
from tests.client.harness import CAPABILITIES, Peer


def test_registration_asks_for_what_is_offered_and_of_use() -> None:
    peer = Peer("message-tags batch server-time sasl=PLAIN draft/chathistory")
    peer.session.connected(0.0)
    assert peer.sent() == ["CAP LS 302", "NICK ann", "USER ann 0 * ann"]
    peer.receive(":s CAP * LS * :message-tags batch", ":s CAP * LS :server-time sasl=PLAIN")
    assert peer.sent() == ["CAP REQ :message-tags server-time batch sasl"]
    peer.receive(":s CAP * ACK :message-tags server-time batch sasl")
    assert peer.sent() == ["CAP END"]


def test_what_is_refused_together_is_asked_for_alone() -> None:
    peer = Peer()
    peer.session.connected(0.0)
    peer.receive(":s CAP * LS :batch setname")
    peer.sent()
    peer.receive(":s CAP * NAK :batch setname")
    assert peer.sent() == ["CAP REQ batch", "CAP REQ setname"]
    peer.receive(":s CAP * ACK :batch", ":s CAP * NAK :setname")
    assert peer.sent() == ["CAP END"]
    assert peer.session.state.capabilities == {"batch"}


def test_a_server_without_capabilities_will_do() -> None:
    peer = Peer()
    peer.session.connected(0.0)
    events = peer.receive(
        ":s 421 ann CAP :Unknown command", ":s 001 ann :Hi", ":s 422 ann :No MOTD"
    )
    assert [type(event) for event in events] == [Registered]


def test_a_nick_in_use_gets_a_line_below() -> None:
    peer = Peer()
    peer.session.connected(0.0)
    peer.sent()
    peer.receive(":s 433 * ann :Nickname is already in use")
    assert peer.sent() == ["NICK ann_"]
    for _ in range(4):
        peer.receive(":s 433 * x :Nickname is already in use")
    peer.sent()
    assert isinstance(peer.receive(":s 433 * x :Nickname is already in use")[0], Refused)


@pytest.mark.parametrize("numeric", ["464", "465"])
def test_a_server_that_does_not_let_us_in(numeric: str) -> None:
    peer = Peer()
    peer.session.connected(0.0)
    assert isinstance(peer.receive(f":s {numeric} ann :no")[0], Refused)


def test_a_nick_that_must_be_is_not_changed() -> None:
    peer = Peer()
    peer.session.state.wishes.exact_nick = True
    peer.session.connected(0.0)
    peer.sent()
    (event,) = peer.receive(":s 433 * ann :Nickname is already in use")
    assert isinstance(event, Refused)
    assert event.reason == "you cannot be ann here: Nickname is already in use"
    assert peer.sent() == []


def test_another_nick_than_the_wanted_one_is_told_of() -> None:
    peer = Peer()
    peer.session.connected(0.0)
    peer.receive(":s 433 * ann :Nickname is already in use", ":s 001 ann_ :Hi", ":s 422 ann_ :-")
    assert [event.text for event in peer.events if isinstance(event, Told)] == [
        "ann is taken; you are ann_"
    ]


@pytest.mark.parametrize(
    "line", [":s 464 ann :Password incorrect", "ERROR :Access denied: Bad server password?"]
)
def test_a_password_is_asked_for(line: str) -> None:
    peer = Peer()
    peer.session.connected(0.0)
    (event,) = peer.receive(line)
    assert isinstance(event, Refused)
    assert event.reason == "this server wants a password: set HUBBUB_CHAT_PASSWORD"


def test_the_password_of_an_operator_is_another_one() -> None:
    peer = Peer()
    peer.register()
    (event,) = peer.receive(":s 464 ann :Password incorrect")
    assert isinstance(event, Told)
    assert event.text == "the password is wrong"


def test_a_password_comes_first() -> None:
    peer = Peer()
    peer.session.state.wishes.password = "secret"
    peer.session.connected(0.0)
    assert peer.sent()[:2] == ["PASS secret", "CAP LS 302"]


def test_a_script_keeps_to_the_name_that_it_was_given() -> None:
    peer = Peer(f"{CAPABILITIES} draft/channel-rename")
    peer.session.connected(peer.now)
    peer.receive(f":irc.test CAP * LS :{peer.capabilities}")
    assert "draft/channel-rename" not in " ".join(peer.sent())
