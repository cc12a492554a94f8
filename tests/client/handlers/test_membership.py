"""Who is where: coming, going, and what a channel is called."""

from __future__ import annotations

from hubbub.client.events import (
    JoinRefused,
    Presence,
    PresenceChanged,
    RoomClosed,
    RoomOpened,
    RoomRenamed,
    Said,
)
from hubbub.client.timeline.transcript import text_of
from tests.client.desk import Account
from tests.client.harness import CAPABILITIES, Peer


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


def test_who_is_away_or_not_connected_is_told_with_the_names() -> None:
    desk = Account()
    desk.peer.receive(":bob!u@h AWAY :Not connected", ":carl!u@h AWAY :lunch")
    desk.type("/names")
    assert desk.hear("366 ann #c :End") == ["3 in #c: @ann, bob (not connected), carl (away)"]
    desk.peer.receive(":bob!u@h AWAY", ":carl!u@h NICK karl")
    desk.type("/names")
    assert desk.hear("366 ann #c :End")[-1] == "3 in #c: @ann, bob, karl (away)"


def test_another_account_than_the_nick_is_named_on_joining() -> None:
    desk = Account()
    desk.peer.receive(":dan!u@h JOIN #c robert :Dan", ":eve!u@h JOIN #c eve :Eve")
    desk.console.lines = []
    desk.look()
    desk.console.lines += desk.console.view.flush()
    assert [text_of(line) for line in desk.console.lines] == [
        *("→ dan joined (robert)", "→ eve joined"),
    ]
