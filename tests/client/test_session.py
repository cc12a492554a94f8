"""Tests of a session, without a network."""

from __future__ import annotations

from hubbub.client.events import (
    Silent,
)
from hubbub.client.session import ANSWER, GHOST, IDLE, IMPATIENT
from tests.client.harness import Peer, line


def test_what_the_protocol_cannot_hold_is_not_sent() -> None:
    peer = Peer("")
    peer.enter()
    peer.session.say("#c", "a\0b\rc\ud800")
    assert [text for text in peer.sent() if "PRIVMSG" in text] == [
        "PRIVMSG #c :ab",
        "PRIVMSG #c :c?",
    ]
    peer.session.send("TOPIC", "#c", "x\r\nQUIT")
    assert peer.sent() == ["TOPIC #c :x QUIT"]


def test_a_silent_server_is_asked_and_then_given_up() -> None:
    peer = Peer()
    peer.enter()
    peer.sent()
    assert peer.session.tick(peer.now + IDLE + 1) == []
    assert peer.sent() == ["PING :still-there"]
    assert [type(e) for e in peer.session.tick(peer.now + IDLE + ANSWER + 2)] == [Silent]


def test_who_waits_for_a_confirmation_is_less_patient() -> None:
    peer = Peer()
    peer.enter()
    peer.session.say("#c", "x")
    peer.sent()
    peer.session.tick(peer.now + IMPATIENT + 1)
    assert peer.sent() == ["PING :still-there"]


def test_a_room_is_left_at_the_server_or_closed_here() -> None:
    peer = Peer()
    peer.enter()
    peer.session.leave("#c", "bye")
    assert peer.sent() == ["PART #c :bye"]
    # It is over when the server says so.
    assert [room.name for room in peer.session.rooms] == ["#c"]
    peer.session.converse("bob")
    peer.session.leave("bob")
    peer.session.leave("nobody")
    assert [room.name for room in peer.session.rooms] == ["#c"]


def test_without_a_connection_what_is_said_waits_and_the_rest_is_dropped() -> None:
    peer = Peer()
    assert peer.session.say("#c", "hello")
    peer.session.send("WHOIS", "bob")
    assert not peer.session.send_early("VERIFY", "ann", "AAAA")
    assert (peer.sent(), peer.session.pending) == ([], 1)


def test_another_nick_is_asked_for_when_it_can_be() -> None:
    peer = Peer()
    peer.session.take_nick("anna")
    assert peer.sent() == []
    peer.session.connected(0.0)
    assert "NICK anna" in peer.sent()
    peer.receive(":s CAP * LS :")
    peer.sent()
    peer.session.take_nick("annette")
    assert (peer.sent(), peer.session.nick) == (["NICK annette"], "annette")


def test_a_history_is_looked_back_through_where_there_is_one() -> None:
    peer = Peer()
    peer.enter()
    assert peer.session.look_back("#c", 10)
    assert peer.sent() == ["CHATHISTORY LATEST #c * 10"]
    assert not peer.session.look_back("#elsewhere", 10)
    without = Peer("server-time")
    without.enter()
    assert not without.session.look_back("#c", 10)


def test_a_channel_is_read_from_outside_from_a_time_on_or_the_latest() -> None:
    peer = Peer()
    peer.register()
    peer.sent()
    peer.session.read_back("#c", since=1767225600.0)
    peer.session.read_back("#d")
    assert peer.sent() == [
        # From just before it, so that what was said then comes too.
        "CHATHISTORY AFTER #c timestamp=2025-12-31T23:59:59.999Z 100",
        "CHATHISTORY LATEST #d * 50",
    ]


def test_what_was_said_from_outside_is_settled_by_the_history_or_not_at_all() -> None:
    for saw, settled in ((True, ["CHATHISTORY AFTER #c"]), (False, [])):
        peer = Peer()
        peer.register()
        if saw:
            peer.receive(line(1, "x"))
        peer.session.say("#c", "mine")
        peer.session.state.capabilities |= {"hubbub/quiet"}
        peer.sent()
        peer.events += peer.session.disconnected(peer.now)
        peer.register()
        peer.sent()
        peer.session.settle_outside("#c")
        peer.events += peer.session.take_events()
        assert [sent.partition(" timestamp")[0] for sent in peer.sent()] == settled
        assert (("ann", "mine", "unsure") in peer.said()) is (not saw)


def test_how_many_messages_a_text_will_be_is_known_before_it_is_said() -> None:
    peer = Peer()
    peer.enter()
    assert peer.session.messages_of("#c", "one\ntwo") == 1
    assert peer.session.messages_of("#c", "x" * 1000) == 1
    peer.session.state.capabilities -= {"draft/multiline"}
    assert peer.session.messages_of("#c", "one\ntwo") == 2
    assert peer.session.messages_of("#c", "x" * 1000) == 3


def test_who_is_in_a_channel_is_asked_for_and_told() -> None:
    peer = Peer()
    peer.register()
    peer.sent()
    peer.session.list_members("#D")
    assert peer.sent() == ["NAMES #D"]
    (event,) = peer.receive(":s 353 ann = #d :@dan", ":s 366 ann #d :End")
    assert event.text == "#d: @dan"  # type: ignore[union-attr]


def test_what_it_takes_to_be_let_in_is_asked_before_there_is_a_connection() -> None:
    peer = Peer()
    peer.session.prepare(0.0)
    assert not peer.session.waits_for_person
    peer.session.state.login.credentials.account = "ann"
    peer.session.state.login.credentials.secure = True
    peer.session.prepare(0.0)
    assert peer.session.question is not None
    assert peer.session.waits_for_person
    peer.session.answer("secret", 1.0)
    assert peer.session.state.login.credentials.password == "secret"
    peer.session.prepare(2.0, register=True)
    assert peer.session.question is not None


def test_a_server_that_never_welcomes_is_given_up() -> None:
    peer = Peer()
    peer.session.connected(peer.now)
    assert peer.session.tick(peer.now + ANSWER - 1) == []
    assert [type(e) for e in peer.session.tick(peer.now + ANSWER + 1)] == [Silent]


def test_the_own_nick_is_taken_back_from_an_earlier_connection_until_that_is_dead() -> None:
    peer = Peer()
    peer.register()
    peer.session.disconnected(peer.now)
    peer.session.connected(peer.now)
    peer.receive(":s CAP * LS :", ":s 433 * ann :in use", ":s 001 ann_ :Hi", ":s 376 ann_ :End")
    peer.sent()
    peer.session.tick(peer.now + 11)
    assert peer.sent() == ["NICK ann"]
    peer.session.tick(peer.now + 12)
    assert peer.sent() == []
    peer.session.tick(peer.now + GHOST + 1)
    peer.session.tick(peer.now + GHOST + 30)
    assert "NICK ann" not in peer.sent()
