"""Who is where: coming, going, and what a channel is called."""

from __future__ import annotations

import pytest

from hubbub.client.events import (
    ChatMessage,
    JoinRefused,
    Presence,
    PresenceChanged,
    RoomClosed,
    RoomOpened,
    RoomRenamed,
    Told,
    TopicChanged,
)
from hubbub.client.timeline.transcript import text_of
from tests.client.desk import Account
from tests.client.harness import CAPABILITIES, Peer, told


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
    assert [type(event) for event in events] == [JoinRefused, ChatMessage]
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


def members(peer: Peer) -> dict[str, str]:
    return {member.nick: member.prefix for member in peer.session.rooms[0].members.values()}


def test_modes_that_take_a_word_do_not_take_anothers() -> None:
    peer = Peer()
    peer.enter()
    peer.receive(":s 353 ann = #c :ann bob carl")
    peer.receive("@msgid=1 :op!u@h MODE #c +bkl-l+o-t+v bad!*@* key 5 bob carl")
    assert members(peer) == {"ann": "", "bob": "@", "carl": "+"}
    peer.receive("@msgid=2 :op!u@h MODE #c +v bob", "@msgid=3 :op!u@h MODE #c -o nobody")
    assert members(peer)["bob"] == "@+"
    # Of the modes of a person nothing is to be taken up, and half a line is none.
    assert peer.receive(":ann!u@h MODE ann +i", ":op!u@h MODE #c", "@msgid=4 MODE #c +o")[:-1] == []


def test_a_kick_says_by_whom_and_why_where_more_than_the_nick_was_given() -> None:
    peer = Peer()
    peer.enter()
    peer.receive(":s 353 ann = #c :ann bob carl")
    events = peer.receive("@msgid=1 :op!u@h KICK #c bob :rude", "@msgid=2 :op!u@h KICK #c carl :op")
    assert told(events) == ["op kicked bob (rude)", "op kicked carl"]
    assert set(members(peer)) == {"ann"}


def test_who_is_thrown_out_has_not_asked_to_leave_and_who_parts_has() -> None:
    closed = []
    for asks, message in ((False, "@msgid=1 :op!u@h KICK #c ann"), (True, ":ann!u@h PART #c :bye")):
        peer = Peer()
        peer.enter()
        if asks:
            peer.session.leave("#c", "bye")
        closed += peer.receive(message)
    assert [(each.reason, each.asked) for each in closed if isinstance(each, RoomClosed)] == [
        ("op kicked you", False),
        ("bye", True),
    ]


def test_a_topic_is_taken_up_and_of_a_channel_elsewhere_told() -> None:
    peer = Peer()
    peer.enter()
    events = peer.receive(":s 332 ann #c :old", "@msgid=1 :op!u@h TOPIC #c :new")
    assert [(e.nick, e.topic) for e in events if isinstance(e, TopicChanged)] == [
        ("", "old"),
        ("op", "new"),
    ]
    assert peer.session.rooms[0].topic == "new"
    assert told(peer.receive(":s 332 ann #d :there")) == ["topic of #d: there"]


def test_who_is_away_where_and_as_whom_is_known_without_a_word() -> None:
    peer = Peer()
    peer.enter()
    peer.receive(":s 353 ann = #c :ann bob")
    assert peer.receive(
        ":bob!b@h AWAY :lunch", ":bob!b@h CHGHOST robert new.host", ":bob!b@h ACCOUNT bobby"
    ) == []  # fmt: skip
    member = peer.session.rooms[0].members["bob"]
    assert (member.away, member.user, member.host, member.account) == (
        "lunch", "robert", "new.host", "bobby",
    )  # fmt: skip
    peer.receive(":bob!b@h AWAY", ":bob!b@h ACCOUNT *")
    member = peer.session.rooms[0].members["bob"]
    assert (member.away, member.account) == ("", "")


def test_our_own_source_is_what_the_server_shows_of_us() -> None:
    peer = Peer()
    peer.enter()
    assert peer.session.state.source == "ann!u@h"
    peer.receive(":ann!u@h CHGHOST user cloak.test", ":ann!user@cloak.test NICK anna")
    assert (peer.session.state.source, peer.session.nick) == ("anna!user@cloak.test", "anna")


def test_who_is_in_no_channel_is_told_of_the_own_nick() -> None:
    peer = Peer()
    peer.register()
    assert told(peer.receive(":ann!u@h NICK anna")) == ["you are anna now"]


@pytest.mark.parametrize("numeric", ["471", "473", "474", "475", "477"])
def test_a_channel_that_stays_closed_gives_up_what_was_to_be_said_there(numeric: str) -> None:
    peer = Peer()
    peer.register()
    peer.session.join("#d")
    peer.session.say("#d", "hello")
    refused, said = peer.receive(f":s {numeric} ann #d :No")
    assert isinstance(refused, JoinRefused)
    assert isinstance(said, ChatMessage)
    assert (refused.room, refused.code, said.delivery.value) == ("#d", numeric, "failed")
    peer.session.disconnected(peer.now)
    peer.sent()
    peer.register()
    assert not any("JOIN" in sent for sent in peer.sent())


def test_a_refusal_of_a_channel_that_we_are_in_is_only_told_of() -> None:
    peer = Peer()
    peer.enter()
    (event,) = peer.receive(":s 477 ann #c :You need an account to speak")
    assert isinstance(event, Told)
    assert event.error
    assert peer.receive(":s 473 ann", ":s 473 ann bob :No") == []


def test_a_failure_to_join_closes_all_that_were_asked_for() -> None:
    peer = Peer()
    peer.enter()
    peer.session.join("#d")
    peer.session.join("#e")
    events = peer.receive(":s FAIL JOIN ACCOUNT_REQUIRED #d,#e :Log in first")
    assert [event.room for event in events if isinstance(event, JoinRefused)] == ["#d", "#e"]
    assert peer.session.rooms[0].wanted


def test_a_partner_is_still_the_same_conversation_under_another_nick() -> None:
    peer = Peer()
    peer.enter()
    peer.receive("@msgid=1 :bob!u@h PRIVMSG ann :psst")
    assert peer.receive(":bob!u@h NICK rob") == [RoomRenamed("bob", "rob", peer.now)]
    # A name that another conversation has is not taken from it.
    peer.receive("@msgid=2 :dan!u@h PRIVMSG ann :hi")
    assert peer.receive(":dan!u@h NICK rob") == []


def test_what_history_tells_of_comings_changes_nobody() -> None:
    peer = Peer()
    peer.enter()
    peer.receive(":s 353 ann = #c :ann bob")
    peer.session.look_back("#c", 10)
    peer.page(
        "#c",
        "@time=2025-12-31T00:00:00.000Z;msgid=o1 :bob!u@h PART #c :then",
        "@time=2025-12-31T00:00:01.000Z;msgid=o2 :bob!u@h NICK rob",
        "@time=2025-12-31T00:00:02.000Z;msgid=o3 :rob!u@h QUIT :gone",
        "@time=2025-12-31T00:00:03.000Z;msgid=o4 :op!u@h MODE #c +o ann",
        "@time=2025-12-31T00:00:04.000Z;msgid=o5 :op!u@h KICK #c ann :out",
        "@time=2025-12-31T00:00:05.000Z;msgid=o6 :op!u@h RENAME #was #c",
        "@time=2025-12-31T00:00:06.000Z;msgid=o7 :op!u@h TOPIC #c :old",
        "@time=2025-12-31T00:00:07.000Z;msgid=o8 :ann!u@h JOIN #c",
    )
    assert members(peer) == {"ann": "", "bob": ""}
    assert (peer.session.rooms[0].name, peer.session.rooms[0].topic) == ("#c", "")
