"""What the server answers, as sentences for a person."""

from __future__ import annotations

import pytest

from hubbub.client.events import (
    ConnectionRefused,
    JoinRefused,
    Told,
    TopicChanged,
)
from hubbub.client.timeline.transcript import text_of
from tests.client.desk import Desk
from tests.client.harness import Peer, told


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


def test_an_answer_about_another_channel_is_shown_where_one_is() -> None:
    desk = Desk()
    for answer, shown in (
        (":s 332 ann #d :elsewhere", "topic of #d: elsewhere"),
        (":s 331 ann #d :No topic is set", "there is no topic in #d"),
    ):
        desk.console.lines.clear()
        desk.peer.receive(answer)
        desk.look()
        assert [text_of(each) for each in desk.console.lines] == [shown]
    assert [pane.name for pane in desk.console.view.panes] == ["#c"]


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (":s 322 ann #d 3 :elsewhere", "#d (3) elsewhere"),
        (":s 323 ann :End of LIST", "there is no such channel to list"),
        (
            ":s 401 ann bob :No such nick",
            "nobody is called bob here; /names lists who is in a channel",
        ),
        (
            ":s 403 ann #d :No such channel",
            "there is no channel #d, or it is not for you to know; /list lists channels",
        ),
        (
            ":s 482 ann #d :You're not a channel operator",
            "you are no operator of #d; its operators have @ before their nicks in /names",
        ),
        (":s 324 ann #d +nt", "modes of #d: +nt"),
        (":s 311 ann bob u h * :Bob", "bob is Bob (u@h)"),
    ],
)
def test_answers_are_shown_where_one_is(answer: str, shown: str) -> None:
    desk = Desk()
    desk.type("/msg bob")
    desk.peer.session.join("#d")
    desk.peer.join("#d", time=5)
    desk.console.view.switch("#c")
    desk.look()
    desk.console.lines.clear()
    desk.peer.receive(answer)
    desk.look()
    assert [text_of(each) for each in desk.console.lines] == [shown]


def test_nobody_there_is_an_answer_too() -> None:
    desk = Desk()
    desk.type("/names #nosuch")
    desk.peer.receive(":s 366 ann #nosuch :End")
    desk.look()
    assert text_of(desk.console.lines[-1]) == "nobody can be seen in #nosuch"
    desk.type("/names #seen")
    desk.peer.receive(":s 353 ann = #seen :@dan", ":s 366 ann #seen :End")
    desk.look()
    assert [text_of(each) for each in desk.console.lines] == ["#seen: @dan"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("301 ann bob :lunch", "bob is away: lunch"),
        ("301 ann bob :Not connected", "bob is not connected; your message waits"),
        ("312 ann bob irc.test :here", "bob is on irc.test (here)"),
        ("313 ann bob :is an operator", "bob is an operator"),
        ("317 ann bob 59 0 :idle", "bob has said nothing for 59 s"),
        ("317 ann bob 61 0 :idle", "bob has said nothing for 1 min 1 s"),
        ("317 ann bob 7265 0 :idle", "bob has said nothing for 2 h 1 min"),
        ("317 ann bob soon 0 :idle", "bob has said nothing for soon seconds"),
        ("319 ann bob :#a @#b", "bob is in #a @#b"),
        ("330 ann bob bobby :is logged in as", "bob is logged in as bobby"),
        ("341 ann bob #c", "bob is invited to #c"),
        ("346 ann #c friend!*@*", "invite exception: friend!*@*"),
        ("671 ann bob :is using a secure connection", "bob is using a secure connection"),
        ("372 ann :- hello", "- hello"),
        ("311 ann bob", "bob"),
        ("FROB a b", "FROB a b"),
        ("NOTE FROB x :something to know", "something to know"),
        ("WARN FROB x :something to mind", "something to mind"),
    ],
)
def test_each_answer_is_a_sentence_however_little_it_says(line: str, text: str) -> None:
    peer = Peer()
    peer.register()
    assert told(peer.receive(f":irc.test {line}")) == [text]


@pytest.mark.parametrize(
    "line",
    [
        "251 ann :There are 3 users",
        "375 ann :- MOTD",
        "396 ann h :x",
        "421 ann CAP :Unknown command",
        "FAIL X",
        "INVITE ann",
    ],
)
def test_what_nobody_waits_for_is_not_told(line: str) -> None:
    peer = Peer()
    peer.register()
    assert peer.receive(f":irc.test {line}") == []


def test_who_is_away_knows_it_and_how_it_ends() -> None:
    peer = Peer()
    peer.register()
    (told_,) = told(peer.receive(":s 306 ann :You have been marked as being away"))
    assert "/away without words ends that" in told_
    assert peer.session.state.away
    peer.receive(":s 305 ann :You are no longer marked as being away")
    assert not peer.session.state.away


def test_an_invitation_says_how_to_follow_it() -> None:
    peer = Peer()
    peer.register()
    peer.session.state.wishes.ignored = ("troll",)
    assert told(peer.receive(":bob!u@h INVITE ann #d", ":bob!u@h INVITE carl #d")) == [
        "bob invites you to #d: /join #d",
        "bob invites carl",
    ]
    assert peer.receive(":troll!u@h INVITE ann #d") == []


def test_a_failure_says_what_to_do_about_it() -> None:
    peer = Peer()
    peer.register()
    (event,) = peer.receive(":s FAIL METADATA RATE_LIMITED :Too fast")
    assert isinstance(event, Told)
    assert (event.text, event.error) == ("Too fast: wait a moment, and say it again", True)


def test_who_has_an_account_is_not_told_how_to_get_one() -> None:
    for account, advice in (("", True), ("ann", False)):
        peer = Peer(account=account)
        peer.register()
        (text,) = told(peer.receive(":s FAIL METADATA ACCOUNT_REQUIRED x :Not for guests"))
        assert ("/register" in text) is advice


def test_a_channel_that_does_not_exist_is_no_place_to_have_been_let_into() -> None:
    peer = Peer()
    peer.register()
    peer.session.join("#d")
    (event,) = peer.receive(":s 403 ann #d :No such channel")
    assert isinstance(event, JoinRefused)
    assert event.code == "403"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ERROR :Closing link: (u@h) [Banned]", "the server closed the connection"),
        ("ERROR :Bad password", "set HUBBUB_CHAT_PASSWORD"),
        ("ERROR", "the server closed the connection: closed"),
    ],
)
def test_a_server_that_closes_before_the_welcome_does_not_let_us_in(line: str, reason: str) -> None:
    peer = Peer()
    peer.session.connected(0.0)
    (event,) = peer.receive(line)
    assert isinstance(event, ConnectionRefused)
    assert reason in event.reason


def test_a_server_that_closes_later_is_told_of() -> None:
    peer = Peer()
    peer.register()
    (event,) = peer.receive("ERROR :Closing link: h (Server is stopping)")
    assert isinstance(event, Told)
    assert event.text == "the server closed the connection: Server is stopping"


def test_an_answer_to_a_label_confirms_where_there_are_no_echoes() -> None:
    peer = Peer("labeled-response batch")
    peer.enter()
    peer.session.say("#c", "hello")
    assert peer.sent() == ["@label=n1 PRIVMSG #c :hello", "PING :n1"]
    peer.receive("@label=n1 :s ACK")
    assert peer.said() == [("ann", "hello", "confirmed")]


def test_a_history_that_is_refused_holds_nobody_up() -> None:
    peer = Peer()
    peer.session.join("#c")
    peer.register()
    peer.join()
    peer.receive("@msgid=1 :bob!u@h PRIVMSG #c :live")
    assert peer.said() == []
    peer.receive(":s FAIL CHATHISTORY INVALID_TARGET LATEST #c :No")
    assert [text for _, text, _ in peer.said()] == ["live"]


def test_a_refusal_that_names_what_was_said_marks_it() -> None:
    peer = Peer()
    peer.enter()
    peer.session.say("#c", "hello")
    peer.sent()
    assert told(peer.receive("@label=n1 :s FAIL PRIVMSG RATE_LIMITED #c :Too fast")) == []
    assert peer.said() == [("ann", "hello", "failed")]


def test_a_token_that_the_server_does_not_know_of_is_not_asked_for_again() -> None:
    peer = Peer()
    peer.register()
    peer.session.state.login.asked_name = "chat@here"
    assert peer.receive(":s 421 ann TOKEN :Unknown command") == []
    assert told(peer.receive(":s 421 ann TOKEN :Unknown command")) != []


def test_a_list_of_nothing_says_so() -> None:
    peer = Peer()
    peer.register()
    assert told(peer.receive(":s 323 ann :End")) == ["there is no such channel to list"]
    assert told(peer.receive(":s 322 ann #d 3 :topic", ":s 323 ann :End")) == ["#d (3) topic"]


def test_why_a_channel_is_closed_also_fails_what_was_said_into_it() -> None:
    peer = Peer()
    peer.register()
    peer.session.state.capabilities |= {"hubbub/quiet"}
    peer.session.say("#d", "from outside")
    peer.sent()
    peer.receive("@label=n1 :s 477 ann #d :You need an account")
    assert peer.said() == [("ann", "from outside", "failed")]
