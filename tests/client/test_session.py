"""Tests of a session, without a network."""

from __future__ import annotations

from hubbub.client.events import (
    ChatMessage,
    NewSinceYouLeft,
    Silent,
)
from hubbub.client.session import ANSWER, IDLE, IMPATIENT
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


def test_history_comes_before_what_is_said_meanwhile_and_nothing_twice() -> None:
    peer = Peer()
    peer.session.join("#c")
    peer.register()
    peer.sent()
    peer.join()
    assert peer.sent() == ["CHATHISTORY LATEST #c * 50"]
    peer.receive(line(3, "live"))
    assert peer.said() == []
    peer.page("#c", line(1, "one"), line(2, "two"), line(3, "live"))
    assert [text for _, text, _ in peer.said()] == ["one", "two", "live"]


def test_the_rule_stands_before_what_is_new() -> None:
    seen = {"#c": 1767225661.5}  # between the first message and the second
    peer = Peer(seen=seen)
    peer.enter("#c", line(1, "one"), line(2, "two"), line(3, "three"))
    shown = [
        "rule" if isinstance(event, NewSinceYouLeft) else event.text
        for event in peer.events
        if isinstance(event, (ChatMessage, NewSinceYouLeft))
    ]
    assert shown == ["one", "rule", "two", "three"]


def test_a_history_that_never_comes_does_not_hold_the_room_up() -> None:
    peer = Peer()
    peer.session.join("#c")
    peer.register()
    peer.join()
    peer.receive(line(1, "live"))
    peer.events += peer.session.tick(peer.now + 60)
    assert [text for _, text, _ in peer.said()] == ["live"]


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
