"""Commands about a channel: the one on the screen, unless another can be meant."""

from __future__ import annotations

import pytest

from tests.client.desk import Desk


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/topic about this", "TOPIC #c :about this"),
        ("/names", "NAMES #c"),
        ("/kick bob be nice", "KICK #c bob :be nice"),
        ("/mode +t", "MODE #c +t"),
        ("/mode ann +i", "MODE ann +i"),
        ("/mode #d", "MODE #d"),
        ("/invite dan", "INVITE dan #c"),
        ("/INVITE dan #d", "INVITE dan #d"),
        ("/topic #d about that", "TOPIC #d :about that"),
        ("/topic #d", "TOPIC #d"),
        ("/names d", "NAMES #d"),
        ("/mode c +i", "MODE #c +i"),
        ("/mode", "MODE #c"),
        ("/mode -o bob", "MODE #c -o bob"),
        ("/invite dan d", "INVITE dan #d"),
        ("/kick #d bob", "KICK #d bob"),
    ],
)
def test_what_concerns_a_channel_is_sent(typed: str, sent: str) -> None:
    lines, _ = Desk().type(typed)
    assert [text.rpartition("label=n1 ")[2] for text in lines] == [sent]


def test_a_topic_is_shown_from_what_is_known_where_one_is_in() -> None:
    desk = Desk()
    assert desk.type("/topic") == ([], ["there is no topic"])
    desk.peer.receive("@msgid=1 :op!u@h TOPIC #c :about cakes")
    assert desk.type("/topic #c") == ([], ["topic: about cakes"])
    assert desk.type("/topic #elsewhere") == (["TOPIC #elsewhere"], [])


@pytest.mark.parametrize("typed", ["/topic x", "/names", "/kick bob", "/mode", "/invite dan"])
def test_in_a_conversation_a_channel_has_to_be_named(typed: str) -> None:
    desk = Desk()
    desk.type("/msg bob")
    desk.peer.sent()
    assert desk.type(typed) == ([], ["this is no channel; go to one with /join #channel"])


def test_without_a_connection_nothing_is_sent_and_that_is_said() -> None:
    desk = Desk()
    desk.peer.session.disconnected(desk.peer.now)
    for typed in ("/names", "/topic x", "/kick bob", "/mode +t", "/invite dan"):
        sent, shown = desk.type(typed)
        assert sent == []
        assert shown[0].startswith("not connected")


def test_a_reason_for_a_kick_is_one_or_none() -> None:
    desk = Desk()
    assert desk.type("/kick bob   ")[0] == ["KICK #c bob"]
    assert desk.type("/kick bob  be  nice")[0] == ["KICK #c bob :be  nice"]


def test_the_own_modes_are_meant_by_the_own_nick() -> None:
    desk = Desk()
    assert desk.type("/mode ANN")[0] == ["MODE ANN"]
    assert desk.type("/mode bob +i")[1] == [
        "modes of what? of the channel: /mode #bob +i; here: /mode +bob +i"
    ]
