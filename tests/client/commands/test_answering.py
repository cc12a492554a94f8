"""Commands about one message: which is meant, and what is sent."""

from __future__ import annotations

import pytest

from tests.client.desk import Desk
from tests.client.harness import line


@pytest.fixture
def desk() -> Desk:
    """Return a desk at which ann, bob and carl have said something."""
    desk = Desk()
    desk.peer.session.state.capabilities |= {"hubbub/message-edit"}
    desk.peer.receive(
        line(1, "one", "bob"), line(2, "mine", "ann"), line(3, "two", "bob"), line(4, "x", "carl")
    )
    desk.look()
    return desk


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/react 👍", "@+draft/reply=m4;+draft/react=👍 TAGMSG #c"),
        ("/react 👍 @bob", "@+draft/reply=m3;+draft/react=👍 TAGMSG #c"),
        ("/react 👍 @bob one", "@+draft/reply=m1;+draft/react=👍 TAGMSG #c"),
        ("/unreact 👍", "@+draft/reply=m4;+draft/unreact=👍 TAGMSG #c"),
        ("/edit my word", "EDITMSG #c m2 :my word"),
    ],
)
def test_the_message_that_is_meant_is_named(desk: Desk, typed: str, sent: str) -> None:
    assert desk.type(typed) == ([sent], [])


def test_an_answer_names_what_it_answers(desk: Desk) -> None:
    (sent,), _ = desk.type("/reply @bob yes")
    assert "+draft/reply=m3" in sent
    assert sent.endswith("PRIVMSG #c :yes")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("/react 👍 @zed", "zed has said"),
        ("/react 👍 nowhere", "said anything like that"),
        ("/reply @bob", "usage: /reply"),
        (f"/react {'x' * 65}", "too long for a reaction"),
    ],
)
def test_what_is_wrong_is_said(desk: Desk, typed: str, why: str) -> None:
    sent, shown = desk.type(typed)
    assert sent == []
    assert why in shown[0]


def test_where_nothing_can_be_edited_that_is_said() -> None:
    assert "no message can be edited" in Desk().type("/edit x")[1][0]


def test_what_others_change_and_answer_is_shown(desk: Desk) -> None:
    desk.console.lines.clear()
    desk.peer.receive(
        "@time=2026-01-01T00:01:09.000Z;msgid=e1 :bob!u@h EDITMSG #c m3 :three",
        line(10, "sure", "carl", "+draft/reply=m3"),
    )
    desk.look()
    shown = ["".join(part.text for part in one) for one in desk.console.lines]
    assert shown == [
        "bob edited the message from 00:01: three",
        "<carl> ↳ bob: three │ sure",
    ]


def test_history_brings_texts_as_they_stand_and_counts_reactions() -> None:
    desk = Desk()
    desk.type("/history 5")
    desk.peer.page(
        "#c",
        line(1, "fixed", "bob", "hubbub/edited=2026-01-01T00:02:00.000Z"),
        *(
            f"@draft/chathistory-context;msgid=r{n};+draft/reply=m1;+draft/react={way}"
            f" :{who}!u@h TAGMSG #c"
            for n, (who, way) in enumerate([("ann", "👍"), ("carl", "👍"), ("carl", "🎉")])
        ),
        line(2, "next", "bob"),
    )
    desk.look()
    shown = ["".join(part.text for part in one) for one in desk.console.lines]
    assert "<bob> fixed (edited)" in shown
    at = shown.index("👍 2 🎉 1 to bob: fixed")
    assert shown[at + 1] == "<bob> next"
