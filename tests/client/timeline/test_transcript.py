"""Events as lines of safe text."""

from __future__ import annotations

from datetime import UTC, date, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.events import (
    AccountNeeded,
    ChatMessage,
    ConnectionRefused,
    DeliveryStatus,
    Earlier,
    Event,
    JoinRefused,
    LeftOut,
    NewSinceYouLeft,
    NotShown,
    Presence,
    PresenceChanged,
    Reacted,
    Registered,
    RoomClosed,
    RoomOpened,
    RoomRenamed,
    SecondFactorKey,
    Silent,
    Speech,
    TakenBack,
    TokenGiven,
    TokenGone,
    Told,
    TopicChanged,
)
from hubbub.client.timeline.transcript import (
    Role,
    Transcript,
    day_rule,
    plain_lines,
    text_of,
)
from hubbub.irc.text import is_safe

BARE = Transcript(UTC, times=False)


def said(text: str, **more: object) -> ChatMessage:
    return ChatMessage("#c", "bob", text, Speech.MESSAGE, 60.0, **more)  # type: ignore[arg-type]


def drawn(event: Event, transcript: Transcript = BARE, label: str = "") -> list[str]:
    return [text_of(line) for line in transcript.draw(event, label)]


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Registered("ann", "Net", 0.0), "you are ann on Net"),
        (RoomOpened("#c", 0.0), "you are in #c"),
        (RoomOpened("#c", 0.0, again=True), "you are in #c again"),
        (RoomClosed("#c", "you left", 0.0), "you are no longer in #c: you left"),
        (JoinRefused("#c", "it is full", 0.0), "cannot join #c: it is full"),
        (TopicChanged("#c", "op", "\x02new", 0.0), "op sets the topic: new"),
        (TopicChanged("#c", "", "old", 0.0), "topic: old"),
        (RoomRenamed("#a", "#b", 0.0, "better"), "~ #a is now #b (better)"),
        (NotShown("#c", 7, False, 0.0), "7 earlier unread messages are not shown: /history 7"),
        (NotShown("#c", 7, True, 0.0), "7 or more earlier unread messages are not shown"),
        (NewSinceYouLeft("#c", 0.0), "──── new since you left ────"),
        (LeftOut("#c", 0.0), "──── more was said here than could be loaded ────"),
        (Earlier("#c", 0.0), "──── earlier in #c ────"),
        (Earlier("#c", 0.0, over=True), "──── that was earlier ────"),
        (ConnectionRefused("banned", 0.0), "banned"),
        (AccountNeeded("/register makes one", 0.0), "/register makes one"),
        (Silent(0.0), "the server does not answer"),
        (PresenceChanged("#c", "bob", Presence.JOIN, "", 0.0), "→ bob joined"),
        (PresenceChanged("#c", "bob", Presence.PART, "bye", 0.0), "← bob left (bye)"),
        (PresenceChanged("#c", "bob", Presence.NICK, "rob", 0.0), "~ bob is now rob"),
    ],
)
def test_each_event_is_a_sentence(event: Event, text: str) -> None:
    assert drawn(event)[0].startswith(text)


def test_what_cannot_be_done_is_drawn_as_an_error_and_the_rest_is_not() -> None:
    def role(event: Event) -> Role:
        return BARE.draw(event)[0][-1].role

    assert {role(JoinRefused("#c", "x", 0.0)), role(Silent(0.0))} == {Role.ERROR}
    assert role(Told("x", 0.0, error=True)) is Role.ERROR
    assert {role(Told("x", 0.0)), role(RoomOpened("#c", 0.0))} == {Role.NOTICE}
    assert role(said("x", mention=True)) is Role.MENTION


def test_a_token_is_never_drawn() -> None:
    assert drawn(TokenGiven("ann", "chat@here", "hub_secret", 0.0)) == []
    assert drawn(TokenGone("ann", 0.0)) == []


def test_the_key_of_two_factors_is_a_code_to_scan_and_to_type() -> None:
    first, *code, last = drawn(SecondFactorKey("ABCD", "otpauth://totp/ann?secret=ABCD", 0.0))
    assert (first, last) == ("Scan this with your app for one-time passwords", "its key is ABCD")
    assert len({len(row) for row in code}) == 1
    long = SecondFactorKey("ABCD", "otpauth://" + "x" * 5000, 0.0)
    assert drawn(long) == ["Tell your app this key", "its key is ABCD"]


def test_the_time_is_that_of_the_zone_and_can_be_left_away() -> None:
    east = Transcript(timezone(timedelta(hours=2)))
    assert drawn(said("x"), east) == ["02:01 <bob> x"]
    assert drawn(said("x")) == ["<bob> x"]
    assert east.day(23 * 3600.0) == date(1970, 1, 2)


def test_a_time_that_is_none_does_no_harm() -> None:
    assert drawn(Told("x", 1e300), Transcript(UTC)) == ["--:-- x"]
    assert Transcript(UTC).day(1e300) is None


def test_another_room_is_named_before_what_happened_there() -> None:
    assert drawn(said("x"), label="#other") == ["[#other] <bob> x"]
    assert drawn(Told("x", 0.0), label="#other") == ["[#other] x"]


def test_the_way_of_saying_is_seen() -> None:
    for speech, text in (
        (Speech.MESSAGE, "<@bob> x"),
        (Speech.NOTICE, "-@bob- x"),
        (Speech.ACTION, "* @bob x"),
    ):
        assert drawn(ChatMessage("#c", "bob", "x", speech, 60.0, prefix="@")) == [text]


def test_several_lines_cannot_be_taken_for_others() -> None:
    assert drawn(said("a\n<ann> b")) == ["<bob> a", "│ <ann> b"]
    assert drawn(said("a\nb"), Transcript(UTC)) == ["00:01 <bob> a", "      │ b"]
    assert plain_lines(said("a\nb")) == ["<bob> a", "<bob> b"]
    assert plain_lines(Told("x", 0.0)) == []


def test_what_was_taken_back_is_drawn_without_its_text() -> None:
    assert drawn(said("secret", taken_back="op")) == ["<bob> (taken back by op)"]
    about = said("secret", taken_back="op")
    assert drawn(Reacted("#c", "ann", "+1", "m", 0.0, about=about)) == [
        "ann reacts with +1 to bob: (taken back)"
    ]


def test_few_changes_are_a_line_each_and_many_are_one() -> None:
    def come(count: int) -> list[PresenceChanged | TopicChanged]:
        return [PresenceChanged("#c", f"n{n}", Presence.JOIN, "", 60.0) for n in range(count)]

    assert [text_of(line) for line in BARE.fold(come(2))] == ["→ n0 joined", "→ n1 joined"]
    went = PresenceChanged("#c", "bob", Presence.QUIT, "", 60.0)
    events = [*come(8), went, TopicChanged("#c", "op", "new", 60.0)]
    assert [text_of(line) for line in Transcript(UTC).fold(events)] == [
        "00:01 → n0, n1, n2, n3, n4, n5 and 2 more joined · ← bob quit · topic: new"
    ]


def test_a_day_is_named_in_full() -> None:
    assert text_of(day_rule(date(2026, 3, 9))) == "— Monday, 9 March 2026 —"


@given(st.text(), st.text(), st.text())
def test_every_line_is_safe(nick: str, room: str, text: str) -> None:
    made = Transcript(UTC)
    events = (
        ChatMessage(room, nick, text, Speech.ACTION, 0.0, DeliveryStatus.FAILED, reason=text),
        PresenceChanged(room, nick, Presence.PART, text, 0.0),
        TopicChanged(room, nick, text, 0.0),
        Told(text, 1e300, room),
        RoomRenamed(room, nick, 0.0),
        Earlier(room, 0.0),
        TakenBack(
            room, nick, "1", text, 0.0, about=ChatMessage(room, nick, "", Speech.MESSAGE, 0.0)
        ),
        Reacted(
            room, nick, text, "1", 0.0, about=ChatMessage(room, nick, text, Speech.MESSAGE, 0.0)
        ),
    )
    lines = [line for event in events for line in made.draw(event, label=room)]
    lines += made.fold([PresenceChanged(room, nick, Presence.NICK, text, 0.0)] * 5)
    for line in lines:
        for fragment in line:
            assert fragment.text.isprintable() or not set("\x1b\n\r\x07\x9b\u202e") & set(
                fragment.text
            )
    assert all(is_safe(line) or "marks" in line for line in plain_lines(events[0]))
