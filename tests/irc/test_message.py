"""Messages between bytes and parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc.message import (
    InvalidUTF8,
    MalformedLine,
    Message,
    format_tags,
    parse,
    parse_tags,
    parse_text,
    read_tags,
    unescape,
)

FORBIDDEN = "\0\r\n"
TEXT = st.text(st.characters(exclude_characters=FORBIDDEN, codec="utf-8"))
MIDDLE = st.text(
    st.characters(exclude_characters=f"{FORBIDDEN} ", codec="utf-8"), min_size=1
).filter(lambda word: word[0] != ":")
COMMAND = st.from_regex(r"[A-Z]{1,10}|[0-9]{3}", fullmatch=True)
TAG_NAME = st.from_regex(r"\+?([a-z0-9.-]{1,8}/)?[A-Za-z0-9-]{1,12}", fullmatch=True)
TAG_VALUE = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
MESSAGES = st.builds(
    lambda command, middle, trailing, source, tags: Message(
        command, (*middle, *trailing), source, tags
    ),
    COMMAND,
    st.lists(MIDDLE, max_size=14),
    st.lists(TEXT, max_size=1),
    st.none() | MIDDLE.map(lambda word: word.lstrip("@") or "source"),
    st.dictionaries(TAG_NAME, TAG_VALUE, max_size=5),
)


@given(MESSAGES)
def test_a_message_survives_the_wire(message: Message) -> None:
    assert parse(message.encode()) == message


@given(st.binary(max_size=600))
def test_any_line_is_a_message_or_an_error(line: bytes) -> None:
    try:
        message = parse(line)
    except (MalformedLine, InvalidUTF8):
        return
    assert message.command == message.command.upper()
    again = parse(message.encode())
    assert (again.command, again.params) == (message.command, message.params)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"PING", Message("PING")),
        (b"ping a", Message("PING", ("a",))),
        (b"PRIVMSG #a :", Message("PRIVMSG", ("#a", ""))),
        (b"PRIVMSG  #a   :b c ", Message("PRIVMSG", ("#a", "b c "))),
        (b"PRIVMSG #a ::)", Message("PRIVMSG", ("#a", ":)"))),
        (b":n!u@h PRIVMSG #a b:c\r\n", Message("PRIVMSG", ("#a", "b:c"), "n!u@h")),
        (b"@a=1;+b;c= :s QUIT", Message("QUIT", (), "s", {"a": "1", "+b": "", "c": ""})),
        (b"@a=1  PING x ", Message("PING", ("x",), None, {"a": "1"})),
        ("PRIVMSG #ü :höflich".encode(), Message("PRIVMSG", ("#ü", "höflich"))),
    ],
)
def test_what_a_line_says(line: bytes, message: Message) -> None:
    assert parse(line) == message


@pytest.mark.parametrize("line", [b"", b" ", b"@a=1", b":source", b": ", b"PING \0", b"A\rB"])
def test_a_line_without_a_command_is_malformed(line: bytes) -> None:
    with pytest.raises(MalformedLine):
        parse(line)


def test_a_line_that_is_no_utf8_names_its_command() -> None:
    with pytest.raises(InvalidUTF8) as caught:
        parse(b"privmsg #a :\xff")
    assert caught.value.command == "PRIVMSG"


def test_a_line_feed_cannot_be_smuggled_in() -> None:
    with pytest.raises(MalformedLine):
        parse_text("PRIVMSG #a :hello\nQUIT")


@pytest.mark.parametrize(
    ("escaped", "value"),
    [(r"\:\s\\\r\n", "; \\\r\n"), (r"a\b", "ab"), ("a\\", "a"), ("", ""), ("=", "=")],
)
def test_escapes_in_tags(escaped: str, value: str) -> None:
    assert unescape(escaped) == value


def test_of_a_tag_given_twice_the_last_one_counts() -> None:
    assert parse_tags("a=1;a=2;;=x") == {"a": "2"}


def test_no_tags_take_no_room() -> None:
    assert format_tags({}) == ""
    assert format_tags({"a": "", "b": "c d"}) == r"@a;b=c\sd "


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (Message("PRIVMSG", ("#a", "b")), "PRIVMSG #a :b"),
        (Message("MODE", ("#a", "+o", "b")), "MODE #a +o b"),
        (Message("353", ("a", "b c"), "s"), ":s 353 a :b c"),
        (Message("AWAY"), "AWAY"),
        (Message("353", ("a", "")), "353 a :"),
    ],
)
def test_how_a_message_is_written(message: Message, line: str) -> None:
    assert message.format() == line


def test_the_nick_of_a_message() -> None:
    assert Message("PING", (), "n!u@h").nick == "n"
    assert Message("PING").nick == ""


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        (b"@label=a PRIVMSG #c :\xff", {"label": "a"}),
        (b"@label=a;+x=\\s \0", {"label": "a", "+x": " "}),
        (b"@label=a", {}),
        (b"@label=\xff PING", {}),
        (b"@label=\0 PING", {}),
        (b"PING @label=a", {}),
    ],
)
def test_the_tags_of_what_is_no_message(line: bytes, tags: dict[str, str]) -> None:
    assert dict(read_tags(line)) == tags
