"""Tests of what is shown when: the room on the screen, and what was missed elsewhere."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.events import (
    Delivery,
    Presence,
    PresenceChanged,
    RoomOpened,
    Said,
    Speech,
    Told,
    TopicChanged,
)
from hubbub.client.nick_colours import CONTRAST, PALETTE, colour_of, contrast
from hubbub.client.preferences import Preferences, dump, load
from hubbub.client.transcript import Transcript, plain_lines, text_of
from hubbub.client.view import LONGEST, QUIET, View
from hubbub.irc.text import is_safe


def view(preferences: Preferences | None = None) -> View:
    """Return a view with #one on the screen, and #two."""
    made = View(Transcript(UTC, False), str.lower, preferences or Preferences())
    for room in ("#one", "#two"):
        made.receive(RoomOpened(room, 0.0), 0.0)
    return made


def said(room: str, text: str, nick: str = "bob", **more: object) -> Said:
    return Said(room, nick, text, Speech.MESSAGE, 60.0, **more)  # type: ignore[arg-type]


def shown(made: View, *events: Said | PresenceChanged | TopicChanged) -> list[str]:
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


def test_own_messages_show_what_became_of_them() -> None:
    made = view()
    assert shown(
        made,
        said("#one", "ok", "ann", delivery=Delivery.CONFIRMED),
        said("#one", "no", "ann", delivery=Delivery.FAILED, reason="banned"),
        said("#one", "eh", "ann", delivery=Delivery.UNSURE, reason="lost"),
        said("bob", "psst", "ann", delivery=Delivery.CONFIRMED),
    ) == [
        "<ann> ok",
        "<ann> no  ✗ not sent: banned",
        "<ann> eh  ? perhaps not sent: lost",
        "[to bob] <ann> psst",
    ]


def test_several_lines_cannot_be_taken_for_others() -> None:
    made = view()
    assert shown(made, said("#one", "a\n<ann> b")) == ["<bob> a", "│ <ann> b"]
    assert plain_lines(said("#one", "a\nb")) == ["<bob> a", "<bob> b"]


@given(st.text(), st.text(), st.text())
def test_every_line_is_safe(nick: str, room: str, text: str) -> None:
    made = Transcript(UTC)
    events = (
        Said(room, nick, text, Speech.ACTION, 0.0, Delivery.FAILED, reason=text),
        PresenceChanged(room, nick, Presence.PART, text, 0.0),
        TopicChanged(room, nick, text, 0.0),
        Told(text, 1e300, room),
    )
    lines = [line for event in events for line in made.draw(event, label=room)]
    lines += made.fold([PresenceChanged(room, nick, Presence.NICK, text, 0.0)] * 5)
    for line in lines:
        for fragment in line:
            assert fragment.text.isprintable() or not set("\x1b\n\r\x07\x9b\u202e") & set(
                fragment.text
            )
    assert all(is_safe(line) or "marks" in line for line in plain_lines(events[0]))


def test_nicks_have_a_colour_of_their_own_that_can_be_read() -> None:
    assert colour_of("Ann") == colour_of("ann") == colour_of("ann_")
    assert len({colour_of(f"nick{number}") for number in range(200)}) > len(PALETTE) / 2
    for colour in PALETTE:
        red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
        assert contrast((red, green, blue), (0, 0, 0)) >= CONTRAST
        assert contrast((red, green, blue), (255, 255, 255)) >= CONTRAST


def test_preferences_survive_and_broken_ones_do_no_harm() -> None:
    changed = Preferences(bell="all", history=5, highlights=("a", "b"), ignored=("x!*@*",))
    assert load(dump(changed)) == changed
    for text in ("", "[]", "{", '{"bell": 3, "history": -1, "ignored": "x", "what": 1}'):
        assert load(text) == Preferences()
