"""Commands about where one talks, and what one says there."""

from __future__ import annotations

from hubbub.client.timeline.transcript import text_of
from tests.client.desk import Desk
from tests.client.harness import line


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


def test_search_looks_through_what_is_loaded() -> None:
    desk = Desk()
    desk.peer.receive(line(1, "The Answer is 42"), line(2, "other"))
    desk.look()
    _, shown = desk.type("/search answer BOB")
    assert shown == ["2026-01-01 #c <bob> The Answer is 42", "1 found, the last 1 shown"]


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
