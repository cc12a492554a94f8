"""What people say, and what becomes of what one says oneself."""

from __future__ import annotations

import pytest

from hubbub.client.events import (
    ChatMessage,
    Reacted,
    Speech,
    TakenBack,
)
from tests.client.harness import Peer, line, told


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


def test_conversations_follow_the_partner() -> None:
    peer = Peer()
    peer.enter()
    peer.receive("@msgid=1 :bob!u@h PRIVMSG ann :psst")
    said = peer.events[-1]
    assert isinstance(said, ChatMessage)
    assert (said.room, said.mention) == ("bob", True)
    peer.receive(":bob!u@h NICK rob", "@msgid=2 :rob!u@h PRIVMSG ann :\x01ACTION winks\x01")
    said = peer.events[-1]
    assert isinstance(said, ChatMessage)
    assert (said.room, said.speech, said.text) == ("rob", Speech.ACTION, "winks")


def test_mentions_and_ignored() -> None:
    peer = Peer()
    peer.enter()
    peer.session.state.wishes.ignored = ("troll",)
    peer.session.state.wishes.highlights = ("deploy",)
    peer.receive(
        line(1, "Ann: hi"), line(2, "annoying"), line(3, "DEPLOY now"), line(4, "ann", "troll")
    )
    mentions = [event.mention for event in peer.events if isinstance(event, ChatMessage)]
    assert mentions == [True, False, True]


def test_what_the_server_itself_says_is_told_and_opens_no_room() -> None:
    peer = Peer()
    peer.register()
    events = peer.receive(
        ":irc.test NOTICE ann :going down", "NOTICE ann :soon", ":s.x NOTICE ann :"
    )
    assert told(events) == ["going down", "soon"]
    assert peer.session.rooms == []


def test_a_question_to_the_program_is_told_and_not_answered() -> None:
    peer = Peer()
    peer.enter()
    peer.sent()
    events = peer.receive("@msgid=1 :bob!u@h PRIVMSG #c :\x01VERSION\x01")
    assert told(events) == ["bob asks your client (CTCP): VERSION"]
    assert peer.sent() == []
    # Our own, from another device, is nothing to be told of.
    assert peer.receive("@msgid=2 :ann!u@h PRIVMSG #c :\x01VERSION\x01") == []


def test_who_is_ignored_is_neither_heard_nor_seen_to_react() -> None:
    peer = Peer()
    peer.enter()
    peer.session.state.wishes.ignored = ("troll",)
    assert peer.receive(
        line(1, "x", "troll"),
        "@msgid=2;+draft/react=x;+draft/reply=m1 :troll!u@h TAGMSG #c",
    ) == []  # fmt: skip


def test_a_message_that_was_taken_back_is_told_of_once_where_it_was_said() -> None:
    peer = Peer()
    peer.enter("#c", line(1, "oops"))
    redact = "@msgid=r;time=2026-01-01T00:02:00.000Z :bob!u@h REDACT #c m1 :slip"
    (taken,) = peer.receive(redact)
    assert isinstance(taken, TakenBack)
    assert (taken.room, taken.nick, taken.msgid, taken.reason) == ("#c", "bob", "m1", "slip")
    assert peer.receive(redact, ":bob!u@h REDACT #elsewhere m1", ":bob!u@h REDACT #c") == []


def test_reactions_come_and_go_and_typing_is_not_shown() -> None:
    peer = Peer()
    peer.enter("#c", line(1, "shall we?"))
    events = peer.receive(
        "@msgid=1;+draft/react=👍;+draft/reply=m1 :bob!u@h TAGMSG #c",
        "@msgid=2;+draft/unreact=👍;+draft/reply=m1 :bob!u@h TAGMSG #c",
        "@msgid=3;+typing=active :bob!u@h TAGMSG #c",
        "@msgid=4;+draft/react=👍 :bob!u@h TAGMSG #c",
    )
    assert [(e.reaction, e.undone) for e in events if isinstance(e, Reacted)] == [
        ("👍", False),
        ("👍", True),
    ]
    assert len(events) == 2


def test_the_speakers_rank_stands_before_the_nick() -> None:
    peer = Peer()
    peer.enter()
    peer.receive(":s 353 ann = #c :@+bob ann")
    (said,) = peer.receive(line(1, "hi"))
    assert isinstance(said, ChatMessage)
    assert said.prefix == "@"


def test_a_notice_to_oneself_is_no_mention_and_a_message_is() -> None:
    peer = Peer()
    peer.register()
    notice, message = peer.receive(
        "@msgid=1 :bob!u@h NOTICE ann :fyi", "@msgid=2 :bob!u@h PRIVMSG ann :hey"
    )
    assert isinstance(notice, ChatMessage)
    assert isinstance(message, ChatMessage)
    assert (notice.speech, notice.mention, message.mention) == (Speech.NOTICE, False, True)


def test_half_a_message_is_none() -> None:
    peer = Peer()
    peer.enter()
    assert peer.receive(":bob!u@h PRIVMSG #c", ":bob!u@h TAGMSG", ":irc.test PONG") == []
