"""Becoming known to a server, and what may be in the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.events import (
    ChatMessage,
    ConnectionRefused,
    DeliveryStatus,
    HistoryShown,
    Registered,
    Told,
)
from hubbub.client.handlers.registration import nick_from
from hubbub.irc.names import is_nick
from tests.client.harness import CAPABILITIES, Peer, line


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
    assert isinstance(peer.receive(":s 433 * x :Nickname is already in use")[0], ConnectionRefused)


@pytest.mark.parametrize("numeric", ["464", "465"])
def test_a_server_that_does_not_let_us_in(numeric: str) -> None:
    peer = Peer()
    peer.session.connected(0.0)
    assert isinstance(peer.receive(f":s {numeric} ann :no")[0], ConnectionRefused)


def test_a_nick_that_must_be_is_not_changed() -> None:
    peer = Peer()
    peer.session.state.wishes.exact_nick = True
    peer.session.connected(0.0)
    peer.sent()
    (event,) = peer.receive(":s 433 * ann :Nickname is already in use")
    assert isinstance(event, ConnectionRefused)
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
    assert isinstance(event, ConnectionRefused)
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


@given(st.text())
def test_any_login_name_becomes_a_nick(login: str) -> None:
    assert is_nick(nick_from(login))


@pytest.mark.parametrize(
    ("login", "nick"),
    [("ann", "ann"), ("j.doe", "jdoe"), ("1st-user", "st-user"), ("ä", "guest"), ("", "guest")],
)
def test_what_a_nick_cannot_have_is_left_out_of_a_login_name(login: str, nick: str) -> None:
    assert nick_from(login) == nick


def test_what_needs_something_else_is_not_asked_for_without_it() -> None:
    peer = Peer()
    peer.session.connected(0.0)
    peer.sent()
    peer.receive(
        ":s CAP * LS :draft/multiline draft/chathistory draft/event-playback batch setname"
    )
    assert peer.sent() == ["CAP REQ :batch setname"]


def test_a_capability_that_comes_later_is_asked_for_and_one_that_goes_is_gone() -> None:
    peer = Peer("batch")
    peer.register()
    peer.sent()
    peer.receive(":s CAP ann NEW :setname what=ever")
    assert peer.sent() == ["CAP REQ setname"]
    peer.receive(":s CAP ann ACK :setname", ":s CAP ann DEL :batch")
    assert peer.session.state.capabilities == {"setname"}
    assert peer.sent() == []
    peer.receive(":s CAP ann ACK :-setname", ":s CAP ann", ":s CAP ann FROB x")
    assert peer.session.state.capabilities == frozenset()


def test_a_nick_that_is_too_long_for_an_old_server_is_cut() -> None:
    peer = Peer()
    peer.session.state.wishes.nick = peer.session.state.nick = "annabelle-the-first"
    peer.session.connected(0.0)
    peer.sent()
    peer.receive(":s 432 * annabelle-the-first :Erroneous nickname")
    assert peer.sent() == ["NICK annabelle"]
    (refused,) = peer.receive(":s 432 * annabelle :Erroneous nickname")
    assert isinstance(refused, ConnectionRefused)
    assert "annabelle-the-first" in refused.reason


def test_another_nick_that_is_refused_while_one_is_here_is_only_told_of() -> None:
    peer = Peer()
    peer.register()
    (told,) = peer.receive(":s 433 ann bob :Nickname is already in use")
    assert isinstance(told, Told)
    assert told.error
    assert peer.session.nick == "ann"


def test_a_new_connection_asks_for_the_nick_and_the_rooms_of_the_old_one() -> None:
    peer = Peer()
    peer.enter()
    peer.receive(":ann!u@h NICK anna")
    peer.session.disconnected(peer.now)
    peer.session.connected(peer.now)
    assert "NICK anna" in peer.sent()
    peer.receive(":s 001 anna :Hi", ":s 376 anna :End")
    assert "JOIN #c" in peer.sent()


def test_a_lost_connection_leaves_nobody_in_a_room_and_tells_what_was_held_back() -> None:
    peer = Peer()
    peer.session.join("#c")
    peer.register()
    peer.join()
    peer.receive(line(1, "held"))
    assert peer.said() == []
    events = peer.session.disconnected(peer.now)
    assert [event.text for event in events if isinstance(event, ChatMessage)] == ["held"]
    assert any(isinstance(event, HistoryShown) for event in events)
    (room,) = peer.session.rooms
    assert (room.joined, room.wanted, room.members) == (False, True, {})


def test_what_a_guest_said_to_somebody_is_given_up_with_the_connection() -> None:
    peer = Peer()
    peer.register()
    peer.session.say("bob", "psst")
    peer.sent()
    peer.session.disconnected(peer.now)
    peer.register()
    assert peer.said() == [("ann", "psst", DeliveryStatus.UNSURE.value)]
    assert peer.session.pending == 0
