"""Commands about where one talks, and what one says there."""

from __future__ import annotations

import pytest

from hubbub.client.timeline.transcript import text_of
from tests.client.desk import Desk
from tests.client.harness import line


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/me waves", "PRIVMSG #c :\x01ACTION waves\x01"),
        ("/msg bob hi there", "PRIVMSG bob :hi there"),
        ("/join d", "JOIN #d"),
        ("/join #d key", "JOIN #d key"),
        ("/part #c bye all", "PART #c :bye all"),
        ("/part", "PART #c"),
        ("/part c", "PART #c"),
        ("/query bob hi", "PRIVMSG bob :hi"),
        ("/close C bye all", "PART #c :bye all"),
        ("/notice bob take note", "NOTICE bob :take note"),
    ],
)
def test_what_is_said_and_where_one_goes_is_sent(typed: str, sent: str) -> None:
    lines, _ = Desk().type(typed)
    assert [text.rpartition("label=n1 ")[2] for text in lines] == [sent]


def test_a_name_that_is_a_channel_and_a_person_is_not_guessed_at() -> None:
    desk = Desk()
    desk.type("/msg c")
    desk.type("/join #c")
    sent, shown = desk.type("/part c")
    assert sent == []
    assert shown[0].startswith("/part #c leaves the channel; to close the conversation")
    desk.peer.session.state.nick = "c"
    assert desk.type("/mode c +i")[0] == []
    assert desk.type("/mode #c +i")[0] == ["MODE #c +i"]


def test_a_conversation_opens_with_its_history() -> None:
    desk = Desk()
    desk.peer.receive("@time=2026-01-01T00:01:09.000Z;msgid=9 :bob!u@h PRIVMSG ann :live")
    desk.look()
    sent, shown = desk.type("/msg bob")
    assert sent == ["CHATHISTORY LATEST bob * 50"]
    assert shown == ["──── bob ────"]
    desk.peer.page("bob", line(1, "before", channel="ann"))
    desk.look()
    assert [text_of(each) for each in desk.console.lines][-2:] == ["<bob> before", "<bob> live"]
    desk.type("/join #c")
    assert desk.type("/msg bob")[0] == []


def test_what_is_taken_back_is_asked_about_first() -> None:
    desk = Desk()
    desk.peer.session.state.capabilities |= {"draft/message-redaction"}
    desk.peer.receive(line(1, "my slip", "ann"), line(2, "rude", "bob"), line(3, "fine", "ann"))
    desk.look()
    for typed, msgid in (("/redact", "m3"), ("/unsay SLIP", "m1"), ("/redact @bob", "m2")):
        assert desk.type(typed)[0] == []
        question = desk.peer.session.question
        assert question is not None
        assert question.shown
        desk.peer.session.answer("n")
        assert desk.peer.sent() == []
        desk.type(typed)
        desk.peer.session.answer("y")
        assert desk.peer.sent() == [f"REDACT #c {msgid}"]
    assert "nothing like that here" in desk.type("/redact nowhere")[1][0]
    desk.peer.session.state.capabilities -= {"draft/message-redaction"}
    assert "no message can be taken back" in desk.type("/redact")[1][0]


def test_rooms_are_switched_and_closed() -> None:
    desk = Desk()
    desk.type("/msg bob")
    assert desk.console.view.current == "bob"
    assert desk.type("/topic x")[1] == ["this is no channel; go to one with /join #channel"]
    desk.type("/part")
    assert desk.console.view.current == "#c"
    desk.type("/join #d")
    desk.peer.join("#d", time=5)
    desk.look()
    assert desk.console.view.current == "#d"
    desk.peer.sent()
    assert desk.type("/join #c") == ([], ["──── #c ────"])


def test_the_first_of_several_channels_is_gone_to() -> None:
    desk = Desk()
    assert desk.type("/join #x1,x2 one,two")[0] == ["JOIN #x1 one", "JOIN #x2 two"]
    for number, channel in enumerate(("#x1", "#x2")):
        desk.peer.join(channel, time=5 + number)
    desk.look()
    assert desk.console.view.current == "#x1"
    desk.peer.sent()
    assert desk.type("/join #C,#x1,#x3")[0] == ["JOIN #x3"]
    assert desk.console.view.current == "#c"


def test_nothing_is_said_or_fetched_where_one_is_nowhere() -> None:
    desk = Desk()
    desk.console.view.close("#c")
    for typed in ("/me waves", "/history"):
        assert desk.type(typed) == ([], ["you are in no channel; go to one with /join #channel"])
    assert desk.type("/part") == ([], ["you are in no channel"])


@pytest.mark.parametrize(
    "count", ["0", "-1", "x", "٣", "9" * 5000, "000000001" + "9" * 8, "000000001" + "9" * 5000]
)
def test_what_is_no_count_fetches_nothing(count: str) -> None:
    sent, shown = Desk().type(f"/history {count}")
    assert (sent, len(shown)) == ([], 1)
    assert shown[0].startswith("usage: /history [COUNT]; COUNT is from 1 to ")


def test_what_was_said_earlier_is_fetched_where_the_server_keeps_it() -> None:
    desk = Desk()
    for count in ("7", "0000000007"):
        assert desk.type(f"/history {count}")[0][0].endswith(" 7")
    desk.peer.session.state.capabilities = frozenset()
    assert desk.type("/history") == ([], ["this server keeps no history"])
    desk.peer.session.disconnected(desk.peer.now)
    assert desk.type("/history") == ([], ["not connected"])


def test_without_a_connection_a_channel_is_left_at_once() -> None:
    desk = Desk()
    desk.peer.session.disconnected(desk.peer.now)
    desk.type("/part")
    assert desk.console.view.panes == []
    assert desk.peer.session.rooms == []


def test_more_than_may_wait_is_not_taken_and_that_is_said() -> None:
    desk = Desk()
    desk.peer.session.disconnected(desk.peer.now)
    shown: list[str] = []
    while not shown:
        shown = desk.type("hello")[1]
    assert shown == ["too many messages wait to be sent; this one was not taken"]
