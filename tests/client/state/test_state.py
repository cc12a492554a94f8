"""What one session knows: whose a message is and where it belongs; and how much may wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.events import Event, Told
from hubbub.client.state.outgoing import Outgoing
from hubbub.client.state.rooms import Backfill
from hubbub.client.state.state import (
    HELD,
    QUESTIONS,
    ROOMS,
    State,
    Wishes,
    format_time,
    parse_time,
)
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import parse_text


def state(**wishes: object) -> State:
    made = State(Wishes("ann", **wishes), Outgoing(lambda: "n"), "ann")  # type: ignore[arg-type]
    made.now = 1000.0
    return made


def test_times_are_read_as_servers_write_them_and_nothing_else() -> None:
    assert parse_time("2026-01-31T12:34:56.789Z") == 1769862896.789
    assert parse_time("1970-01-01T00:00:00.000Z") == 0.0
    for text in ("", "Z", "2026-01-31T12:34:56.789", "yesterday", "2026-02-31T00:00:00Z", "٢Z"):
        assert parse_time(text) is None


@given(st.integers(0, 4_000_000_000_000))
def test_a_time_that_is_written_is_read_as_the_same(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert parse_time(format_time(seconds)) == pytest.approx(seconds, abs=0.0005)


def test_a_message_without_a_time_was_sent_now() -> None:
    assert state().time_of(parse_text("@time=never PING x")) == 1000.0


@pytest.mark.parametrize(
    ("line", "room"),
    [
        (":bob!b@h PRIVMSG #c :x", "#c"),
        (":bob!b@h PRIVMSG @#c :x", "#c"),
        (":bob!b@h PRIVMSG Ann :x", "bob"),
        (":ann!a@h PRIVMSG bob :x", "bob"),
    ],
)
def test_a_message_belongs_to_its_channel_or_to_the_other_person(line: str, room: str) -> None:
    message = parse_text(line)
    assert state().room_of(message, message.params[0]) == room


def test_in_the_history_of_a_conversation_all_belongs_to_it() -> None:
    made = state()
    made.old, made.page = True, "bob"
    assert made.room_of(parse_text(":bobby!b@h PRIVMSG annie :x"), "annie") == "bob"


def test_what_the_account_said_before_is_our_own_under_any_nick() -> None:
    made = state()
    made.login.account = "Ann"
    message = parse_text("@account=ann :annie!a@h PRIVMSG #c :x")
    assert not made.is_own(message)
    made.old = True
    assert made.is_own(message)
    assert not made.is_own(parse_text("@account=eve :ann!e@h PRIVMSG #c :x"))


@pytest.mark.parametrize(
    ("text", "is_mention"),
    [("Ann: hi", True), ("hi ann", True), ("annoying", False), ("joann", False),
     ("c++!", True), ("c+", False), ("", False)],
)  # fmt: skip
def test_only_whole_words_are_mentions(text: str, is_mention: bool) -> None:
    assert state(highlights=("c++", "")).mentions_me(text) is is_mention


def test_who_is_ignored_is_so_by_nick_or_mask() -> None:
    made = state(ignored=("troll", "*!*@bad.host"))
    heard = ("bob!b@h", "trolls!t@h")
    ignored = ("troll!t@h", "Troll!t@h", "bob!b@bad.host")
    assert all(made.is_ignored(source) for source in ignored)
    assert not any(made.is_ignored(source) for source in heard)


def test_others_open_no_more_rooms_than_there_may_be() -> None:
    made = state()
    for number in range(ROOMS):
        assert made.open_room(f"n{number}") is not None
    assert made.open_room("one-too-many") is None
    assert made.open_room("N1") is made.rooms.get("n1")


def test_live_events_wait_for_the_history_but_not_without_end() -> None:
    made, told = state(), list[Event]()
    room = made.open_room("#c")
    assert room is not None
    room.filling = Backfill(None, 50, 0.0)
    for number in range(HELD + 1):
        told.append(Told(str(number), 0.0, "#c"))
        made.emit_in(room, told[-1])
    assert (room.filling.held, made.events) == (told[:HELD], told[HELD:])
    made.old = True
    made.emit_in(room, told[0])
    assert made.events[-1] is told[0]


def test_a_question_too_many_counts_as_not_answered() -> None:
    made, answers = state(), list[str]()
    for _ in range(QUESTIONS + 1):
        made.ask("Password: ", lambda _, answer: answers.append(answer))
    assert (len(made.questions), answers) == (QUESTIONS, [""])


def test_on_the_way_out_nothing_is_left_to_tell() -> None:
    made = state()
    made.quitting = True
    made.tell("the server closed the connection")
    assert made.events == []


def test_what_may_have_to_be_given_again_is_remembered() -> None:
    made = state()
    made.send("TOKEN", "ADD", "ci")
    made.send("WHOIS", "bob")
    assert made.login.wanted is not None
    assert made.login.wanted.params == ("ADD", "ci")


def test_what_fits_a_line_is_reckoned_with_the_longest_source_that_may_be_ours() -> None:
    made = state()
    made.features.update(["NICKLEN=30"])
    guessed = made.wire().source
    made.source = "ann!a@h"
    known = made.wire().source
    assert len(known) < len(guessed) < LINE_BYTES
    assert len(known) >= len("ann!a@h") + 27


def test_multiline_is_what_the_server_allows_or_not_at_all() -> None:
    made = state()
    made.offered["draft/multiline"] = "max-bytes=100,max-lines=x,what"
    assert (made.wire().multiline_bytes, made.wire().multiline_lines) == (0, 0)
    made.capabilities = frozenset({"draft/multiline", "batch"})
    assert (made.wire().multiline_bytes, made.wire().multiline_lines) == (100, 24)


def test_how_far_one_has_read_is_told_by_persons_with_an_account() -> None:
    for person, account, has in ((True, "ann", True), (False, "ann", False), (True, "", False)):
        made = state(person=person)
        made.login.account = account
        made.capabilities = frozenset({"draft/read-marker"})
        assert made.marks is has
