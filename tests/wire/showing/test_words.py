"""In words: a headline, its details below, within the terminal's width, colours only if wanted."""

from __future__ import annotations

import pytest

from hubbub.wire.seen import OnLayer, Seen, Way, note
from hubbub.wire.showing.lessons import Lessons
from hubbub.wire.showing.told import TimedSight
from hubbub.wire.showing.words import InWords

HELLO = Seen(
    OnLayer.TLS, "ClientHello", Way.SENT, 517, (("ciphers", ("A", "B")), ("name", "x\x1b[2J"))
)


def test_a_headline_and_details() -> None:
    assert InWords().text(TimedSight(0.0125, "", HELLO)) == (
        "   0.013 -> tls       ClientHello, 517 bytes\n"
        "      ciphers: A | B\n"
        "      name: x\u241b[2J\n"
    )


def test_a_connection_and_what_we_say_ourselves() -> None:
    assert (
        InWords().text(TimedSight(1, "2 client", note("ended"))) == "   1.000 2 client ** ended\n"
    )


@pytest.mark.parametrize("columns", [30, 70])
def test_nothing_is_wider_than_the_terminal(columns: int) -> None:
    seen = Seen(OnLayer.IRC, "X", details=(("long", "word " * 100 + "y" * 300),))
    lines = InWords(columns=columns).text(TimedSight(0, "", seen)).splitlines()
    assert len(lines) > 8
    assert max(map(len, lines)) <= columns


def test_colours_surround_what_is_safe() -> None:
    text = InWords(coloured=True).text(TimedSight(0, "", HELLO))
    assert "\x1b[35m" in text
    assert "\x1b[2J" not in text


def test_a_lesson_is_told_once() -> None:
    words = InWords(lessons=Lessons())
    first, second = (words.text(TimedSight(0, "", HELLO)) for _ in range(2))
    assert "    | The client begins" in first
    assert "|" not in second.replace("A | B", "")
