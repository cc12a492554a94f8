"""Tests of a session, without a network."""

from __future__ import annotations

import pytest

from hubbub.client.events import (
    JoinRefused,
    NewSinceYouLeft,
    Presence,
    PresenceChanged,
    Refused,
    Registered,
    RoomClosed,
    RoomOpened,
    RoomRenamed,
    Said,
    Silent,
    Speech,
    Told,
    TopicChanged,
)
from hubbub.client.session import ANSWER, IDLE, IMPATIENT
from hubbub.client.state.outgoing import IN_FLIGHT, WAITING
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
    assert isinstance(peer.receive(":s 433 * x :Nickname is already in use")[0], Refused)


@pytest.mark.parametrize("numeric", ["464", "465"])
def test_a_server_that_does_not_let_us_in(numeric: str) -> None:
    peer = Peer()
    peer.session.connected(0.0)
    assert isinstance(peer.receive(f":s {numeric} ann :no")[0], Refused)


def test_own_messages_are_shown_when_they_are_confirmed() -> None:
    peer = Peer()
    peer.enter()
    peer.session.say("#c", "hello")
    assert peer.sent() == ["@+hubbub/nonce=n1;label=n1 PRIVMSG #c :hello"]
    assert peer.said() == []
    peer.receive(line(1, "hello", "ann", "label=n1;+hubbub/nonce=n1"))
    assert peer.said() == [("ann", "hello", "confirmed")]
    assert peer.session.pending == 0


def test_an_echo_without_tags_confirms_by_its_text() -> None:
    peer = Peer("echo-message")
    peer.enter()
    peer.session.say("#c", "hello")
    assert peer.sent() == ["PRIVMSG #c :hello"]
    peer.receive(":ann!u@h PRIVMSG #c :hello")
    assert peer.said() == [("ann", "hello", "confirmed")]
    assert peer.session.pending == 0


def test_without_echo_the_answer_to_a_ping_confirms() -> None:
    peer = Peer("")
    peer.enter()
    peer.session.say("#c", "hello")
    assert peer.sent() == ["PRIVMSG #c :hello", "PING :n1"]
    peer.receive(":s PONG s n1")
    assert peer.said() == [("ann", "hello", "confirmed")]


def test_without_echo_a_refusal_comes_before_the_answer() -> None:
    peer = Peer("")
    peer.enter()
    peer.session.say("#c", "hello")
    peer.sent()
    peer.receive(":s 404 ann #c :Cannot send to channel", ":s PONG s n1")
    assert peer.said() == [("ann", "hello", "failed")]


@pytest.mark.parametrize(
    "refusal",
    [
        "@label=n1 :s 404 ann #c :no",
        "@label=n1 :s FAIL PRIVMSG TOO_MUCH #c :no",
        ":s 404 ann #c :no",
    ],
)
def test_a_refused_message_is_marked(refusal: str) -> None:
    peer = Peer()
    peer.enter()
    peer.session.say("#c", "hello")
    peer.sent()
    peer.receive(refusal)
    assert peer.said() == [("ann", "hello", "failed")]


@pytest.mark.parametrize(
    "answer",
    [
        ("@label=n1 :s ACK",),
        ("@label=n1 :NickServ!NickServ@s NOTICE ann :No",),
        (
            "@label=n1 :s BATCH +b labeled-response",
            "@batch=b :s 900 ann ann!u@h ann :You are now logged in as ann",
            "@batch=b :NickServ!NickServ@s NOTICE ann :You are now logged in as ann",
            ":s BATCH -b",
        ),
    ],
)
def test_what_a_service_answers_is_not_waited_for_any_more(answer: tuple[str, ...]) -> None:
    peer = Peer()
    peer.register()
    peer.session.say("NickServ", "IDENTIFY secret")
    peer.sent()
    peer.receive(*answer)
    assert peer.session.pending == 0
    assert not any("secret" in text for _, text, _ in peer.said())


def test_another_session_of_ours_speaks_too() -> None:
    peer = Peer()
    peer.enter()
    peer.session.say("#c", "same")
    peer.sent()
    peer.receive(line(1, "same", "ann", "+hubbub/nonce=another"))
    assert peer.session.pending == 1
    assert peer.said() == [("ann", "same", "confirmed")]


def test_only_so_many_are_in_flight_and_only_so_many_wait() -> None:
    peer = Peer()
    peer.enter()
    taken = [peer.session.say("#c", f"line {number}") for number in range(WAITING + 5)]
    assert taken.count(True) == WAITING
    assert len(peer.sent()) == IN_FLIGHT
    peer.receive(line(1, "line 0", "ann", "label=n1"))
    assert [m.params[1] for m in peer.messages()] == [f"line {IN_FLIGHT}"]


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
        if isinstance(event, (Said, NewSinceYouLeft))
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


def test_a_replay_on_a_server_without_history_is_shown_once() -> None:
    peer = Peer("server-time batch")
    peer.enter()
    replay = "@time=2026-01-01T00:00:01.000Z :bob!u@h PRIVMSG #c :hi"
    peer.receive(replay)
    peer.session.disconnected(peer.now)
    peer.register()
    peer.join()
    peer.receive(":s BATCH +r chathistory #c", f"@batch=r;{replay[1:]}", ":s BATCH -r")
    assert peer.said() == [("bob", "hi", "received")]


def test_a_multiline_message_goes_and_comes_as_one() -> None:
    peer = Peer()
    peer.enter()
    peer.session.say("#c", "one\ntwo")
    assert peer.sent() == [
        "@+hubbub/nonce=n1;label=n1 BATCH +mn1 draft/multiline #c",
        "@batch=mn1 PRIVMSG #c :one",
        "@batch=mn1 PRIVMSG #c :two",
        "BATCH -mn1",
    ]
    peer.receive(
        "@label=n1;msgid=x;+hubbub/nonce=n1 :ann!u@h BATCH +e draft/multiline #c",
        "@batch=e :ann!u@h PRIVMSG #c :one",
        "@batch=e :ann!u@h PRIVMSG #c :tw",
        "@batch=e;draft/multiline-concat :ann!u@h PRIVMSG #c :o",
        ":ann!u@h BATCH -e",
    )
    assert peer.said() == [("ann", "one\ntwo", "confirmed")]


def test_members_come_go_and_change() -> None:
    peer = Peer()
    peer.enter()
    peer.receive(":s 353 ann = #c :@ann +bob!u@h carl", ":s 366 ann #c :End")
    room = peer.session.rooms[0]
    assert {m.nick: m.prefix for m in room.members.values()} == {"ann": "@", "bob": "+", "carl": ""}
    peer.receive(
        ":ann!u@h MODE #c +ol-v bob 5 bob", ":bob!u@h NICK rob", ":dan!u@h JOIN #c",
        ":carl!u@h PART #c :bye", ":dan!u@h QUIT :gone",
    )  # fmt: skip
    assert {m.nick: m.prefix for m in room.members.values()} == {"ann": "@", "rob": "@"}
    changes = [
        (event.nick, event.change, event.detail)
        for event in peer.events
        if isinstance(event, PresenceChanged)
    ]
    assert changes == [
        ("bob", Presence.NICK, "rob"),
        ("dan", Presence.JOIN, ""),
        ("carl", Presence.PART, "bye"),
        ("dan", Presence.QUIT, "gone"),
    ]


def test_rooms_open_and_close() -> None:
    peer = Peer()
    peer.enter()
    assert any(isinstance(event, RoomOpened) for event in peer.events)
    assert isinstance(peer.receive(":op!u@h KICK #c ann :out")[0], RoomClosed)
    assert peer.session.rooms == []
    peer.session.join("#d")
    peer.session.say("#d", "too late")
    assert peer.sent() == ["JOIN #d"]
    events = peer.receive(":s 473 ann #d :Cannot join channel (+i)")
    assert [type(event) for event in events] == [JoinRefused, Said]
    assert peer.sent() == []


def test_who_is_taken_elsewhere_is_told_and_is_there() -> None:
    peer = Peer()
    peer.register()
    peer.session.join("#c")
    peer.sent()
    [refused] = peer.receive(":s 470 ann #c #d :Forwarding to another channel")
    assert isinstance(refused, JoinRefused)
    assert (refused.room, refused.reason) == ("#c", "#c takes you to #d instead")
    assert refused.code == "470"
    peer.receive(":ann!u@h JOIN #d")
    assert [room.name for room in peer.session.rooms if room.joined] == ["#d"]
    assert peer.receive(":s 470 ann #c") == []


def test_conversations_follow_the_partner() -> None:
    peer = Peer()
    peer.enter()
    peer.receive("@msgid=1 :bob!u@h PRIVMSG ann :psst")
    said = peer.events[-1]
    assert isinstance(said, Said)
    assert (said.room, said.mention) == ("bob", True)
    peer.receive(":bob!u@h NICK rob", "@msgid=2 :rob!u@h PRIVMSG ann :\x01ACTION winks\x01")
    said = peer.events[-1]
    assert isinstance(said, Said)
    assert (said.room, said.speech, said.text) == ("rob", Speech.ACTION, "winks")


def test_mentions_and_ignored() -> None:
    peer = Peer()
    peer.enter()
    peer.session.state.wishes.ignored = ("troll",)
    peer.session.state.wishes.highlights = ("deploy",)
    peer.receive(
        line(1, "Ann: hi"), line(2, "annoying"), line(3, "DEPLOY now"), line(4, "ann", "troll")
    )
    mentions = [event.mention for event in peer.events if isinstance(event, Said)]
    assert mentions == [True, False, True]


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


def test_answers_become_sentences() -> None:
    peer = Peer()
    peer.enter()
    peer.events.clear()
    peer.receive(
        ":s 332 ann #c :the topic", ":s 311 ann bob u h * :Bob", ":s 482 ann #c :You're no op",
        ":s 999 ann some words", ":s 311 ann", ":op!u@h TOPIC #c :new", ":s PING :x",
    )  # fmt: skip
    texts = [(e.text, e.error) for e in peer.events if isinstance(e, Told)]
    assert texts == [
        ("bob is Bob (u@h)", False),
        (
            "you are no operator of #c; its operators have @ before their nicks in /names "
            "(You're no op)",
            True,
        ),
        ("some words", False),
    ]
    assert [e.topic for e in peer.events if isinstance(e, TopicChanged)] == ["the topic", "new"]
    assert peer.sent() == ["PONG x"]


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


def test_a_renamed_channel_is_the_same_room_and_what_waits_is_said_there() -> None:
    peer = Peer(f"{CAPABILITIES} draft/channel-rename", person=True)
    peer.enter("#old")
    peer.session.say("#old", "in flight")
    peer.sent()
    events = peer.receive("@msgid=r1 :bob!u@h RENAME #old #new :better")
    assert [event for event in events if isinstance(event, RoomRenamed)] == [
        RoomRenamed("#old", "#new", peer.now, "better")
    ]
    assert peer.session.state.rooms.get("#old") is None
    assert [unit.target for unit in peer.session.state.outgoing.flight.values()] == ["#new"]
    peer.session.disconnected(peer.now)
    peer.register()
    assert any(line.startswith("JOIN #new") for line in peer.sent())


def test_a_script_keeps_to_the_name_that_it_was_given() -> None:
    peer = Peer(f"{CAPABILITIES} draft/channel-rename")
    peer.session.connected(peer.now)
    peer.receive(f":irc.test CAP * LS :{peer.capabilities}")
    assert "draft/channel-rename" not in " ".join(peer.sent())
