"""For clients without server-time: the time in the text, and from the server, so no bot obeys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import TopicSet
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.showing.without_server_time import notices
from hubbub.irc.framing import LINE_BYTES

ORIGIN = Origin(SessionId(1, 1, 1), 1)
TIME = 1_769_860_800_123_456
STAMP = "[2026-01-31 12:00 UTC] "


def told(text: str | None, command: str = "PRIVMSG") -> list[str]:
    """Return the texts of the notices that show a message."""
    said = Said(ORIGIN, "ann!a@h", "", command, "#a")
    body = Body(text) if text is not None else None
    messages = list(notices(Entry(7, TIME, "id7", said, body), "#a", "hub.test"))
    assert {message.source for message in messages} <= {"hub.test"}
    assert {(message.command, message.params[0]) for message in messages} <= {("NOTICE", "#a")}
    assert all(len(message.encode()) <= LINE_BYTES for message in messages)
    return [message.params[1] for message in messages]


def test_who_said_it_and_when_stands_before_it() -> None:
    assert told("hello") == [f"{STAMP}<ann> hello"]
    assert told("hello", "NOTICE") == [f"{STAMP}-ann- hello"]
    assert told("\x01ACTION waves\x01") == [f"{STAMP}* ann waves"]


def test_each_line_of_several_is_a_notice_and_blank_ones_are_left_out() -> None:
    assert told("one\n\ntwo\rand on") == [
        f"{STAMP}<ann> {line}" for line in ("one", "two", "and on")
    ]


def test_what_was_erased_or_is_no_message_is_not_shown() -> None:
    assert told(None) == []
    topic = Entry(7, TIME, "id7", TopicSet(ORIGIN, "ann!a@h", "#a", "new"))
    assert list(notices(topic, "#a", "hub.test")) == []


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\x01"), max_size=1500))
def test_a_long_line_is_shown_whole_in_several(text: str) -> None:
    head = f"{STAMP}<ann> "
    found = told(text)
    assert all(one.startswith(head) for one in found)
    assert "".join(one.removeprefix(head) for one in found) == text
