"""Tests of looking further back: page by page, in order, and with its ends."""

from __future__ import annotations

from hubbub.client.events import (
    ChatMessage,
    Earlier,
    NewSinceYouLeft,
    NotShown,
    Told,
)
from hubbub.client.handlers.history import COUNTED, LOOKED, PATIENCE
from tests.client.harness import CAPABILITIES, Peer, line


def back(count: int, *history: str) -> Peer:
    """Return a peer in #c, which has asked for so many messages before those of `history`."""
    peer = Peer()
    peer.enter("#c", *history)
    peer.events.clear()
    assert peer.session.look_back("#c", count)
    return peer


def shown(peer: Peer) -> list[str]:
    names = {Earlier: "rule", NewSinceYouLeft: "new", NotShown: "not shown"}
    return [
        event.text if isinstance(event, ChatMessage | Told) else names[type(event)]
        for event in peer.events
        if isinstance(event, (ChatMessage, Told, *names))
    ]


def test_older_pages_come_oldest_first_and_go_on_from_there() -> None:
    peer = back(4, line(7, "seen"))
    assert peer.sent() == ["CHATHISTORY BEFORE #c msgid=m7 4"]
    joined = "@time=2026-01-01T00:01:04.000Z;msgid=j4 :dan!u@h JOIN #c"
    peer.page("#c", line(3, "c"), joined, line(5, "e"), line(6, "f"))
    assert peer.sent() == ["CHATHISTORY BEFORE #c msgid=m3 1"]
    assert peer.events == []
    peer.page("#c", line(2, "b"))
    assert shown(peer) == ["rule", "b", "c", "e", "f", "rule"]
    assert not any(event.unread for event in peer.events if isinstance(event, ChatMessage))
    peer.session.look_back("#c", 5)
    assert peer.sent() == ["CHATHISTORY BEFORE #c msgid=m2 5"]
    peer.events.clear()
    peer.page("#c", line(1, "a"))
    assert shown(peer) == ["rule", "a", "rule", "nothing that was said earlier in #c is kept"]


def test_what_is_said_meanwhile_is_shown_at_once_and_answers_are_not_confused() -> None:
    peer = back(2, line(7, "seen"))
    peer.receive(line(8, "live"))
    assert shown(peer) == ["live"]
    peer.session.look_back("#c", 1)
    assert len(peer.sent()) == 2
    peer.page("#c", line(5, "of the first"), line(6, "request"))
    assert shown(peer) == ["live"]
    peer.page("#c", line(6, "request"))
    assert shown(peer) == ["live", "rule", "request", "rule"]


def test_a_look_back_that_fails_says_so() -> None:
    peer = back(2, line(7, "seen"))
    peer.receive(":irc.test FAIL CHATHISTORY MESSAGE_ERROR BEFORE #c :Page damaged")
    assert shown(peer) == [
        "no more of what was said earlier can be had: Page damaged: ask whoever runs the server to "
        "look at its disk"
    ]
    peer.session.look_back("#c", 2)
    peer.events.clear()
    peer.events += peer.session.tick(peer.now + PATIENCE + 1)
    assert shown(peer) == [
        "no more of what was said earlier can be had: the server does not answer"
    ]
    assert not Peer("").session.look_back("#c", 2)


def test_unread_messages_that_were_not_loaded_are_counted() -> None:
    peer = Peer(CAPABILITIES, seen={"#c": 1767225660.5}, history=2, person=True)
    peer.enter("#c", line(58, "y"), line(59, "z", "ann"))
    peer.page("#c", *(line(number, "x") for number in range(10, 58)))
    assert shown(peer)[-1] == "not shown"
    (event,) = [event for event in peer.events if isinstance(event, NotShown)]
    assert (event.count, event.more) == (48, False)
    assert shown(peer)[:2] == ["new", "y"]


def test_counting_has_an_end() -> None:
    peer = Peer(CAPABILITIES, seen={"#c": 1.0}, history=1, person=True)
    peer.enter("#c", line(59, "z"))
    for _ in range(COUNTED // 100):
        peer.page("#c", *(line(number % 59, "x") for number in range(100)))
    (event,) = [event for event in peer.events if isinstance(event, NotShown)]
    assert (event.count, event.more) == (COUNTED, True)
    assert not [text for text in peer.sent() if "BEFORE" in text][COUNTED // 100 :]


def test_a_look_back_through_nothing_but_comings_and_goings_has_an_end() -> None:
    peer = back(2, line(7, "seen"))
    for number in range(LOOKED + 5):
        peer.page("#c", *(f"@time=2026-01-01T00:00:00.000Z;msgid=j{number}{each} :x!u@h JOIN #c"
                          for each in range(2)))  # fmt: skip
    assert len(peer.sent()) == LOOKED
    assert peer.session.rooms[0].looking is None


def test_everything_has_the_time_that_the_server_told() -> None:
    peer = Peer()
    peer.enter("#c")
    tags = "@time=2026-01-01T00:02:00.000Z"
    events = [
        f"{tags};msgid=1 :op!u@h MODE #c +t",
        f"{tags};msgid=2 :op!u@h KICK #c bob :out",
        f"{tags};msgid=3 :op!u@h TOPIC #c :new",
        f"{tags};msgid=4 :bob!u@h JOIN #c",
        f"{tags};msgid=5 :bob!u@h NICK rob",
        f"{tags};msgid=6 :rob!u@h QUIT :bye",
        f"{tags};msgid=7 :bob!u@h PRIVMSG #c :\x01VERSION\x01",
        f"{tags};msgid=8 :bob!u@h PRIVMSG #c :hello",
    ]
    peer.session.look_back("#c", 2)
    peer.events.clear()
    peer.page("#c", *events)
    assert len(peer.events) == len(events) + 2
    assert {event.time for event in peer.events} == {1767225720.0}
    peer.events.clear()
    peer.receive(
        ":x 353 ann = #c :dan bob", *(each.replace("msgid=", "msgid=l") for each in events)
    )
    assert {event.time for event in peer.events} == {1767225720.0}
    assert len(peer.events) == len(events)


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
