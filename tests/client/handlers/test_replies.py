"""What the server answers, as sentences for a person."""

from __future__ import annotations

import pytest

from hubbub.client.events import (
    Told,
    TopicChanged,
)
from hubbub.client.timeline.transcript import text_of
from tests.client.desk import Desk
from tests.client.harness import Peer


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
