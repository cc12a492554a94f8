"""Lines of IRC are taken apart; nothing that comes breaks it, and its memory is bounded."""

from __future__ import annotations

from hypothesis import given

from hubbub.irc.message import parse
from hubbub.wire.decoding.irc_lines import IRCStream, describe_line
from hubbub.wire.seen import Seen, Way
from tests.wire.cuts import CHUNKS, PLACES, cut

LINE = b"@time=2026-01-01T00:00:00.000Z;+x=a\\sb :ann!~a@host PRIVMSG #x :hello, you\r\n"


def seen_in(*chunks: bytes, way: Way = Way.RECEIVED) -> list[Seen]:
    stream = IRCStream(way)
    return [seen for chunk in chunks for _, seen in stream.feed(chunk)]


def test_tags_source_and_parameters_stand_apart() -> None:
    [seen] = seen_in(LINE)
    assert (seen.name, seen.size) == ("PRIVMSG", len(LINE))
    assert seen.details == (
        ("tag time", "2026-01-01T00:00:00.000Z"),
        ("tag +x", "a b"),
        ("source", "nick ann, user ~a, host host"),
        ("parameters", ("#x", "hello, you")),
    )


def test_a_numeric_has_its_name() -> None:
    seen = describe_line(parse(b":srv 001 ann :Welcome"), Way.RECEIVED, 23)
    assert (seen.name, seen.subject) == ("001 RPL_WELCOME", "irc numeric")


def test_what_is_no_message_is_shown_of_a_server_and_hidden_of_a_client() -> None:
    [theirs] = seen_in(b"PASS \0x\r\n")
    [ours] = seen_in(b"PASS \0x\r\n", way=Way.SENT)
    assert ("text", "PASS \0x") in theirs.details
    assert "PASS" not in str(ours.details)


def test_a_line_without_end_is_not_kept() -> None:
    stream = IRCStream(Way.SENT)
    assert not [seen for _ in range(100) for seen in stream.feed(b"x" * 10_000)]
    [(message, seen)] = stream.feed(b"\r\n")
    assert (message, seen.name, seen.size) == (None, "line too long", None)


@given(PLACES)
def test_cuts_change_nothing(places: list[int]) -> None:
    data = LINE * 3 + b"PING :x\r\n"
    assert seen_in(*cut(data, places)) == seen_in(data)


@given(CHUNKS)
def test_any_bytes_are_stood(chunks: list[bytes]) -> None:
    seen_in(*chunks)
    seen_in(*chunks, way=Way.SENT)
