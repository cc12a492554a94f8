"""Tests of what is shown when: the room on the screen, and what was missed elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from hubbub.client.events import (
    ChatMessage,
    DeliveryStatus,
    Event,
    HistoryShown,
    NotShown,
    Presence,
    PresenceChanged,
    Reacted,
    ReadElsewhere,
    RoomOpened,
    RoomRenamed,
    Speech,
    TakenBack,
    TopicChanged,
)
from hubbub.client.preferences import Preferences
from hubbub.client.timeline.transcript import Transcript, text_of
from hubbub.client.timeline.view import LONGEST, QUIET, View

DAY = 86400.0


def view(preferences: Preferences | None = None) -> View:
    """Return a view with #one on the screen, and #two."""
    made = View(Transcript(UTC, False), str.lower, preferences or Preferences())
    for room in ("#one", "#two"):
        made.receive(RoomOpened(room, 0.0), 0.0)
    return made


def said(room: str, text: str, nick: str = "bob", **more: object) -> ChatMessage:
    return ChatMessage(room, nick, text, Speech.MESSAGE, 60.0, **more)  # type: ignore[arg-type]


def shown(made: View, *events: Event) -> list[str]:
    return [text_of(line) for event in events for line in made.receive(event, 0.0)]


def test_other_rooms_are_counted_and_shown_on_going_there() -> None:
    made = view()
    assert shown(made, said("#one", "here"), said("#two", "there")) == ["<bob> here"]
    assert [(pane.name, pane.unread, pane.mentions) for pane in made.panes] == [
        ("#one", 0, 0),
        ("#two", 1, 0),
    ]
    assert made.next_unread() == "#two"
    assert [text_of(line) for line in made.switch("#TWO")] == ["──── #two ────", "<bob> there"]
    assert made.panes[1].unread == 0
    assert made.read_until() == {"#one": 60.0, "#two": 60.0}


def test_what_is_meant_for_us_is_shown_at_once_and_rings() -> None:
    made = view()
    assert shown(made, said("#two", "ann!", mention=True)) == ["[#two] <bob> ann!"]
    assert (made.take_bell(), made.take_bell()) == (True, False)
    quiet = view(Preferences(bell="off"))
    shown(quiet, said("#one", "ann!", mention=True))
    assert not quiet.take_bell()
    loud = view(Preferences(bell="all"))
    shown(loud, said("#one", "anything"))
    assert loud.take_bell()


def test_many_comings_and_goings_are_one_line() -> None:
    made = view()
    for number in range(9):
        event = PresenceChanged("#one", f"n{number}", Presence.JOIN, "", 0.0)
        assert made.receive(event, number * 0.01) == []
    made.receive(TopicChanged("#one", "n1", "new", 0.0), 0.2)
    assert made.tick(0.5) == []
    assert [text_of(line) for line in made.tick(0.2 + QUIET)] == [
        "→ n0, n1, n2, n3, n4, n5 and 3 more joined · topic: new"
    ]


def test_few_are_a_line_each_before_what_is_said_next_and_never_wait_long() -> None:
    made = view()
    bob = PresenceChanged("#one", "bob", Presence.QUIT, "gone", 0.0)
    made.receive(bob, 0.0)
    assert shown(made, said("#one", "x", "ann")) == ["← bob quit (gone)", "<ann> x"]
    made.receive(bob, 0.0)
    made.receive(bob, LONGEST - 0.01)
    assert len(made.tick(LONGEST)) == 2
    assert shown(view(Preferences(notices="all")), bob) == ["← bob quit (gone)"]
    assert shown(view(Preferences(notices="off")), bob, said("#one", "x")) == ["<bob> x"]


def test_who_came_and_went_before_is_shown_only_where_all_of_it_is_wanted() -> None:
    before = [
        PresenceChanged("#one", "dan", Presence.JOIN, "", 1.0, old=True),
        PresenceChanged("#one", "dan", Presence.NICK, "don", 2.0, old=True),
        PresenceChanged("#one", "don", Presence.QUIT, "", 3.0, old=True),
    ]
    made = view()
    assert [*shown(made, *before), *map(text_of, made.flush())] == ["~ dan is now don"]
    made = view(Preferences(notices="all"))
    assert len(shown(made, *before)) == 3


def test_own_messages_show_what_became_of_them() -> None:
    made = view()
    assert shown(
        made,
        said("#one", "ok", "ann", delivery=DeliveryStatus.CONFIRMED),
        said("#one", "no", "ann", delivery=DeliveryStatus.FAILED, reason="banned"),
        said("#one", "eh", "ann", delivery=DeliveryStatus.UNSURE, reason="lost"),
        said("bob", "psst", "ann", delivery=DeliveryStatus.CONFIRMED),
    ) == [
        "<ann> ok",
        "<ann> no  ✗ not sent: banned",
        "<ann> eh  ? perhaps not sent: lost",
        "[to bob] <ann> psst",
    ]


def dated() -> View:
    """Return a view that shows times, with #one on the screen, on the second of January 1970."""
    made = View(Transcript(UTC), str.lower, Preferences())
    made.receive(RoomOpened("#one", DAY), 0.0)
    return made


def at(time: float, text: str, **more: object) -> ChatMessage:
    return ChatMessage("#one", "bob", text, Speech.MESSAGE, time, **more)  # type: ignore[arg-type]


def test_each_day_is_named_once_in_live_and_in_history() -> None:
    made = View(Transcript(UTC), str.lower, Preferences())
    quit_ = PresenceChanged("#one", "carl", Presence.QUIT, "", 3 * DAY)
    assert [text_of(line) for line in made.receive(RoomOpened("#one", DAY), 0.0)] == [
        "— Friday, 2 January 1970 —",
        "00:00 you are in #one",
    ]
    assert shown(made, at(60.0, "old", old=True), at(DAY + 60, "new"), at(DAY + 120, "newer")) == [
        "— Thursday, 1 January 1970 —",
        "00:01 <bob> old",
        "— Friday, 2 January 1970 —",
        "00:01 <bob> new",
        "00:02 <bob> newer",
    ]
    assert shown(made, quit_, at(3 * DAY, "x")) == [
        "— Sunday, 4 January 1970 —",
        "00:00 ← carl quit",
        "00:00 <bob> x",
    ]


def test_a_message_that_was_taken_back_is_kept_nowhere() -> None:
    made = dated()
    shown(made, at(DAY, "secret", msgid="1"), said("#two", "hidden", msgid="2"))
    assert shown(made, Reacted("#two", "ann", "+1", "2", DAY)) == []
    assert shown(made, TakenBack("#one", "op", "1", "rude", DAY + 60)) == [
        "00:01 bob's message from 00:00 was taken back by op (rude)"
    ]
    assert made.panes[1].unread == 1
    assert shown(made, TakenBack("#two", "op", "2", "", DAY + 60)) == []
    assert made.panes[1].unread == 0
    assert shown(made, TakenBack("#one", "op", "9", "", DAY + 60)) == [
        "00:01 a message was taken back by op"
    ]
    assert list(made.search("secret")) == list(made.search("hidden")) == []
    lines = [text_of(line) for line in made.switch("#two")]
    assert not any("hidden" in line for line in lines)
    assert "00:01 <bob> (taken back by op)" in lines
    assert "00:00 ann reacts with +1 to bob: (taken back)" in lines


def test_reactions_are_lines_that_say_to_what() -> None:
    made = dated()
    shown(made, at(DAY, "shall we?", msgid="1"))
    assert shown(
        made,
        Reacted("#one", "ann", "👍", "1", DAY),
        Reacted("#one", "ann", "👍", "1", DAY, undone=True),
        Reacted("#one", "ann", "👎", "0", DAY),
    ) == [
        "00:00 ann reacts with 👍 to bob: shall we?",
        "00:00 ann takes back 👍 to bob: shall we?",
        "00:00 ann reacts with 👎 to an earlier message",
    ]


def test_what_another_device_has_shown_is_counted_no_more_and_still_shown() -> None:
    made = view()
    shown(made, said("#two", "a"), replace(said("#two", "b", mention=True), time=90.0))
    made.receive(NotShown("#two", 40, False, 90.0), 0.0)
    assert made.panes[1].unread == 42
    made.receive(NotShown("#one", 40, False, 90.0), 0.0)
    assert made.panes[0].unread == 0
    made.receive(ReadElsewhere("#two", 59.0, 99.0), 0.0)
    assert made.panes[1].unread == 42
    made.receive(ReadElsewhere("#two", 60.0, 99.0), 0.0)
    assert (made.panes[1].unread, made.panes[1].mentions) == (1, 1)
    made.receive(ReadElsewhere("#two", 90.0, 99.0), 0.0)
    assert (made.panes[1].unread, made.panes[1].mentions) == (0, 0)
    assert [text_of(line) for line in made.switch("#two")][1:3] == ["<bob> a", "<bob> b"]
    assert made.receive(ReadElsewhere("#nowhere", 1.0, 1.0), 0.0) == []


def test_a_partner_with_another_nick_is_still_who_one_writes_to() -> None:
    made = view()
    shown(made, said("bob", "hi"))
    made.switch("bob")
    assert shown(made, RoomRenamed("bob", "rob", 0.0)) == ["~ bob is now rob"]
    assert made.current == "rob"
    assert shown(made, said("rob", "me", "rob")) == ["<rob> me"]
    assert [pane.name for pane in made.panes] == ["#one", "#two", "rob"]


def test_what_was_said_before_stands_before_what_came_meanwhile() -> None:
    made = view()
    made.on_going = lambda name: name == "bob"
    shown(made, replace(said("bob", "live"), time=90.0))
    assert [text_of(line) for line in made.switch("bob")] == ["──── bob ────"]
    assert shown(made, replace(said("bob", "later"), time=95.0)) == []
    assert shown(made, said("bob", "before", old=True)) == []
    assert shown(made, HistoryShown("bob", 99.0)) == ["<bob> before", "<bob> live", "<bob> later"]
    assert shown(made, replace(said("bob", "then"), time=99.0)) == ["<bob> then"]
    assert [each.text for each in made.said_here()] == ["before", "live", "later", "then"]
    assert made.panes[-1].unread == 0


def test_the_channel_that_was_asked_for_is_shown_and_not_the_first_that_comes() -> None:
    made = View(Transcript(UTC, False), str.lower, Preferences())
    made.expect("#Lobby")
    for room in ("#other", "#lobby", "#third"):
        made.receive(RoomOpened(room, 0.0), 0.0)
    assert made.current == "#lobby"


def test_what_is_shown_is_told_as_read_and_nothing_else() -> None:
    made, read = view(), []
    made.on_read = lambda name, until: read.append((name, until))
    shown(made, said("#two", "elsewhere"), said("#one", "here"), said("#one", "here"))
    assert read == [("#one", 60.0)]
    made.switch("#two")
    assert read[1:] == [("#two", 60.0)]


def test_where_nothing_was_said_all_was_read_up_to_ones_coming() -> None:
    made, read = View(Transcript(UTC, False), str.lower, Preferences()), []
    made.on_read = lambda name, until: read.append((name, until))
    for room in ("#one", "#two", "#three"):
        shown(made, RoomOpened(room, 50.0))
    shown(made, HistoryShown("#one", 60.0), HistoryShown("#two", 60.0))
    assert read == [("#one", 50.0)]
    made.switch("#two")
    assert read == [("#one", 50.0), ("#two", 50.0)]
    shown(made, said("#three", "before", old=True), HistoryShown("#three", 70.0))
    made.switch("#three")
    assert read[2:] == [("#three", 60.0)]
