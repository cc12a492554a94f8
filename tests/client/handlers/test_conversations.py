"""Tests of direct messages: what came while we were away, in the right room, counted once."""

from __future__ import annotations

from hubbub.client.events import ChatMessage, NewSinceYouLeft, NotShown, ReadElsewhere, Told
from hubbub.client.handlers.conversations import LEAST, MARKING, PATIENCE
from hubbub.client.handlers.history import COUNTED
from tests.client.harness import CAPABILITIES, Peer

MARKERS = f"{CAPABILITIES} draft/read-marker account-tag"
TARGETS = ":irc.test BATCH +t draft/chathistory-targets"


def direct(number: int, text: str, nick: str = "bob", to: str = "ann", tags: str = "") -> str:
    """Return a direct message as the server sends it; its time is made of the number."""
    extra = f";{tags}" if tags else ""
    return (
        f"@time=2026-01-01T00:01:{number:02d}.000Z;msgid=d{number}{extra} "
        f":{nick}!u@h PRIVMSG {to} :{text}"
    )


def stamp(number: int) -> str:
    return f"2026-01-01T00:01:{number:02d}.000Z"


def person(
    seen: dict[str, float] | None = None, capabilities: str = MARKERS, account: str = "ann"
) -> Peer:
    peer = Peer(capabilities, seen=seen, person=True, account=account)
    peer.now = 1767225600.0 + 3600
    peer.register()
    return peer


def name_targets(peer: Peer, **times: int) -> None:
    """Let the server say with whom something was said, and when last."""
    peer.receive(TARGETS)
    for name, number in times.items():
        peer.receive(f"@batch=t :irc.test CHATHISTORY TARGETS {name} {stamp(number)}")
    peer.receive(":irc.test BATCH -t")


def told(peer: Peer) -> list[str]:
    return [event.text for event in peer.events if isinstance(event, Told)]


def unread(peer: Peer) -> list[str]:
    return [event.text for event in peer.events if isinstance(event, ChatMessage) and event.unread]


def test_who_wrote_meanwhile_is_asked_for_loaded_and_told_of() -> None:
    peer = person()
    assert "CHATHISTORY TARGETS timestamp=2025-12-02T01:00:00.000Z" in " ".join(peer.sent())
    name_targets(peer, bob=3, carl=9)
    assert peer.sent() == ["MARKREAD bob"]
    peer.receive(f":irc.test MARKREAD bob timestamp={stamp(1)}")
    assert peer.sent() == ["CHATHISTORY LATEST bob * 50"]
    peer.page("bob", direct(1, "old"), direct(2, "one"), direct(3, "two"))
    assert unread(peer) == ["one", "two"]
    assert told(peer)[-1] == "bob wrote to you while you were away (2): /msg bob"
    assert sum(isinstance(event, NewSinceYouLeft) for event in peer.events) == 1
    # Of carl everything was read on another device.
    assert peer.sent() == ["MARKREAD carl"]
    peer.receive(f":irc.test MARKREAD carl timestamp={stamp(9)}")
    assert peer.sent() == []
    assert not any("carl" in text for text in told(peer))


def test_nothing_is_asked_of_a_conversation_in_which_nothing_is_unread() -> None:
    peer = person()
    peer.sent()
    peer.receive(
        TARGETS,
        f"@batch=t;hubbub/unread=0 :irc.test CHATHISTORY TARGETS carl {stamp(3)}",
        f"@batch=t;hubbub/unread=2 :irc.test CHATHISTORY TARGETS bob {stamp(4)}",
        ":irc.test BATCH -t",
    )
    assert peer.sent() == ["MARKREAD bob"]
    peer.receive(f":irc.test MARKREAD bob timestamp={stamp(9)}")
    assert peer.sent() == []


def test_without_markers_what_we_answered_was_read() -> None:
    peer = person(capabilities=CAPABILITIES)
    peer.sent()
    name_targets(peer, bob=4)
    peer.page("bob", direct(1, "q"), direct(2, "a", "ann", "bob"), direct(3, "x"), direct(4, "y"))
    assert unread(peer) == ["x", "y"]
    assert told(peer)[-1] == "bob wrote to you while you were away (2): /msg bob"


def test_a_script_that_spoke_for_us_has_read_nothing() -> None:
    peer = person()
    peer.sent()
    name_targets(peer, bob=4)
    peer.receive(f":irc.test MARKREAD bob timestamp={stamp(1)}")
    script = direct(4, "report", "ann", "bob", "+hubbub/quiet")
    peer.page("bob", direct(1, "q"), direct(2, "x"), direct(3, "y"), script)
    assert unread(peer) == ["x", "y"]
    assert told(peer)[-1] == "bob wrote to you while you were away (2): /msg bob"


def test_what_this_device_has_shown_is_no_news() -> None:
    peer = person(seen={"bob": 1767225600.0 + 64})
    peer.sent()
    name_targets(peer, bob=4)
    peer.receive(":irc.test MARKREAD bob *")
    assert peer.sent() == ["MARKREAD bob"]
    assert peer.session.rooms == []


def test_what_was_seen_live_is_not_shown_again_after_the_connection_was_lost() -> None:
    peer = person()
    peer.sent()
    peer.receive(direct(1, "seen"))
    peer.session.disconnected(peer.now)
    peer.register()
    asked = [line for line in peer.sent() if "TARGETS" in line]
    # From a minute before the newest time that the server told.
    assert "timestamp=2026-01-01T00:00:01.000Z" in asked[0]
    name_targets(peer, bob=2)
    peer.receive(":irc.test MARKREAD bob *")
    peer.page("bob", direct(1, "seen"), direct(2, "missed"))
    assert [text for _, text, _ in peer.said()] == ["seen", "missed"]
    assert told(peer)[-1] == "bob wrote to you while you were away (1): /msg bob"


def test_more_than_a_page_is_counted() -> None:
    peer = Peer(MARKERS, history=2, person=True, account="ann")
    peer.now = 1767225600.0 + 3600
    peer.register()
    peer.sent()
    name_targets(peer, bob=59)
    peer.receive(":irc.test MARKREAD bob *")
    peer.page("bob", *(direct(number, f"t{number}") for number in range(40, 60)))
    assert peer.sent()[-1] == "CHATHISTORY BEFORE bob msgid=d40 100"
    peer.page("bob", *(direct(number, f"t{number}") for number in range(30, 40)))
    (not_shown,) = [event for event in peer.events if isinstance(event, NotShown)]
    assert (not_shown.count, not_shown.more) == (10, False)
    assert told(peer)[-1] == "bob wrote to you while you were away (30): /msg bob"
    assert COUNTED > 500


def test_what_came_while_we_were_here_is_not_said_to_be_missing() -> None:
    peer = Peer(MARKERS, history=2, person=True, account="ann")
    peer.now = 1767225600.0 + 3600
    peer.register()
    peer.receive(*(direct(number, f"t{number}") for number in range(2, 40)))
    peer.sent()
    assert peer.session.converse("bob")
    peer.receive(":irc.test MARKREAD bob *")
    latest = range(40 - LEAST, 40)
    peer.page("bob", *(direct(number, f"t{number}") for number in latest))
    assert peer.sent()[-1].startswith("CHATHISTORY BEFORE bob")
    peer.page("bob", *(direct(number, f"t{number}") for number in range(40 - LEAST)))
    (not_shown,) = [event for event in peer.events if isinstance(event, NotShown)]
    assert (not_shown.count, not_shown.more) == (2, False)


def test_a_server_that_does_not_answer_holds_nobody_up() -> None:
    peer = person()
    peer.sent()
    name_targets(peer, bob=2, carl=3)
    peer.session.tick(peer.now + PATIENCE + 1)
    assert "CHATHISTORY LATEST bob * 50" in peer.sent()
    peer.receive(":irc.test FAIL CHATHISTORY MESSAGE_ERROR LATEST bob :broken")
    assert "MARKREAD carl" in peer.sent()
    peer.receive(":irc.test FAIL MARKREAD INVALID_PARAMS carl :no")
    assert "CHATHISTORY LATEST carl * 50" in peer.sent()


def test_scripts_catch_up_with_nothing_and_mark_nothing() -> None:
    peer = Peer(MARKERS)
    peer.enter()
    peer.receive(direct(1, "x"))
    peer.session.read("bob", 1767225661.0)
    peer.session.tick(peer.now + MARKING + 1)
    assert not any("TARGETS" in line or "MARKREAD" in line for line in peer.sent())


def test_guests_catch_up_with_nothing_and_mark_nothing() -> None:
    peer = person(account="")
    assert not any("TARGETS" in line for line in peer.sent())
    peer.receive(direct(1, "x"))
    peer.session.read("bob", 1767225661.0)
    peer.session.tick(peer.now + MARKING + 1)
    assert not any("MARKREAD" in line for line in peer.sent())


def test_what_is_shown_is_marked_as_read_every_few_seconds() -> None:
    peer = person()
    peer.receive(direct(1, "x"), direct(2, "y"))
    peer.sent()
    for number in (1, 2):
        peer.session.read("bob", 1767225660.0 + number)
    peer.session.tick(peer.now + MARKING + 1)
    assert peer.sent() == [f"MARKREAD bob timestamp={stamp(2)}"]
    peer.session.read("bob", 1767225663.0)
    peer.session.tick(peer.now + MARKING + 2)
    assert peer.sent() == []
    peer.session.quit()
    assert peer.sent() == [f"MARKREAD bob timestamp={stamp(3)}", "QUIT"]


def test_what_another_device_has_shown_is_taken_up() -> None:
    peer = person()
    peer.receive(direct(1, "x"))
    peer.events.clear()
    peer.receive(f":irc.test MARKREAD BOB timestamp={stamp(1)}")
    (event,) = peer.events
    assert isinstance(event, ReadElsewhere)
    assert (event.room, event.until) == ("bob", 1767225661.0)
    peer.sent()
    peer.session.tick(peer.now + MARKING + 1)
    assert peer.sent() == []
    assert peer.receive(":irc.test MARKREAD bob *", ":irc.test MARKREAD nobody *") == []


def test_a_conversations_history_stays_in_it_whatever_both_were_called() -> None:
    peer = person()
    peer.session.converse("bob")
    peer.page(
        "bob",
        direct(1, "to my old nick", "bobby", "annie", "account=bob"),
        direct(2, "mine then", "annie", "bobby", "account=Ann"),
        direct(3, "now", "bob", "ann", "account=bob"),
    )
    assert [(event.room, event.own) for event in peer.events if isinstance(event, ChatMessage)] == [
        ("bob", False),
        ("bob", True),
        ("bob", False),
    ]


def test_a_conversation_with_oneself_and_ones_other_devices() -> None:
    peer = person()
    peer.receive(direct(1, "note", "ann", "ann"), direct(2, "elsewhere", "ann", "bob"))
    assert [(event.room, event.own) for event in peer.events if isinstance(event, ChatMessage)] == [
        ("ann", True),
        ("bob", True),
    ]


def test_answers_of_services_open_no_room() -> None:
    peer = person()
    peer.events.clear()
    peer.receive(
        ":NickServ!NickServ@irc.test NOTICE ann :HELP, what there is",
        ":fooserv!mallory@elsewhere NOTICE ann :give me your password",
    )
    first, second = peer.events
    assert isinstance(first, Told)
    assert (first.text, first.room) == ("-NickServ- HELP, what there is", "")
    assert isinstance(second, ChatMessage)
    assert [room.name for room in peer.session.rooms] == ["fooserv"]
