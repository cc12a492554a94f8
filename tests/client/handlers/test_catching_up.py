"""What the server says is new, as a person learns it."""

from __future__ import annotations

from hubbub.client.events import MentionsListed, UnreadCounted, WhatIsNew
from tests.client.harness import CAPABILITIES, Peer

CAPS = f"{CAPABILITIES} hubbub/catch-up draft/read-marker sasl"
TIME = "timestamp=2026-01-01T00:00:00.000Z"


def person(again: bool = False) -> Peer:
    """Return a session of an account at which somebody sits, that has registered, perhaps twice."""
    peer = Peer(CAPS, person=True, account="ann")
    peer.session.state.login.credentials.account = ""
    peer.register()
    if again:
        peer.sent()
        peer.session.disconnected(peer.now)
        peer.register()
    return peer


def batch(*lines: str, kind: str = "hubbub/catch-up") -> list[str]:
    """Return what the server says as one batch."""
    tagged = [f"@batch=b;{line[1:]}" if line[0] == "@" else f"@batch=b {line}" for line in lines]
    return [f":s BATCH +b {kind}", *tagged, ":s BATCH -b"]


def test_who_comes_asks_what_is_new_and_who_comes_back_does_not() -> None:
    assert "CATCHUP" in person().sent()
    assert "CATCHUP" not in person(again=True).sent()
    script = Peer(CAPS, account="ann")
    script.register()
    assert "CATCHUP" not in script.sent()


def test_conversations_come_with_what_was_meant_for_one() -> None:
    peer = person()
    (event,) = peer.receive(
        *batch(
            f"@hubbub/pinned :s CATCHUP #c 1000 1 {TIME}",
            "@msgid=m1 :bob!u@h PRIVMSG #c :ann?",
            f":s CATCHUP bob 2 2 {TIME}",
            "@msgid=m2 :bob!u@h PRIVMSG ann :\x01ACTION waves\x01",
            ":s CATCHUP #d none at all",
        )
    )
    assert isinstance(event, WhatIsNew)
    first, second = event.found
    assert (first.name, first.unread, first.mentions, first.pinned) == ("#c", 1000, 1, True)
    assert [(one.room, one.text, one.msgid) for one in first.said] == [("#c", "ann?", "m1")]
    assert [(one.room, one.text) for one in second.said] == [("bob", "waves")]


def test_who_is_ignored_is_not_shown_as_meaning_one() -> None:
    peer = person()
    peer.session.state.wishes.ignored = ("bob",)
    lines = batch(f":s CATCHUP #c 1 1 {TIME}", "@msgid=m1 :bob!u@h PRIVMSG #c :ann?")
    (event,) = peer.receive(*lines)
    assert isinstance(event, WhatIsNew)
    assert event.found[0].said == ()


def test_mentions_go_on_where_they_ended() -> None:
    peer = person()
    (event,) = peer.receive(*batch("@msgid=m9 :bob!u@h PRIVMSG #c :ann?", kind="hubbub/mentions"))
    assert isinstance(event, MentionsListed)
    assert peer.session.state.mentions_from == "m9"


def test_what_is_left_unread_is_counted_by_the_server() -> None:
    (event,) = person().receive(f":s CATCHUP #c 3 1 {TIME}")
    assert isinstance(event, UnreadCounted)
    assert (event.room, event.unread, event.mentions) == ("#c", 3, 1)
