"""Tests of splitting what was typed into messages that fit."""

from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.events import Speech
from hubbub.client.graphemes import shorten, split_bytes, width
from hubbub.client.state.outgoing import Draft, Outgoing, Wire, command, units
from hubbub.irc.framing import LINE_BYTES

SOURCE = "somebody!username@host.example.org"
TEXTS = st.text(st.sampled_from("ab é日👩‍👧\u0301 ") | st.characters(codec="utf-8"), max_size=1500)


@given(TEXTS, st.integers(4, 500))
def test_parts_fit_and_join_to_the_whole(text: str, limit: int) -> None:
    parts = split_bytes(text, limit)
    assert "".join(parts) == text
    assert all(0 < len(part.encode()) <= limit for part in parts)


def test_no_part_ends_inside_a_grapheme_and_words_stay_whole() -> None:
    family = "👨‍👩‍👧‍👦"
    assert split_bytes(family * 3, 60) == [family * 2, family]
    assert split_bytes("e\u0301" * 5, 7) == ["e\u0301e\u0301"] * 2 + ["e\u0301"]
    assert split_bytes("alpha beta gamma", 12) == ["alpha beta ", "gamma"]


def test_widths_and_shortening() -> None:
    assert [width(text) for text in ("abc", "日本", "e\u0301", "👩‍👧", "")] == [3, 4, 1, 2, 0]
    assert shorten("日本語", 6) == "日本語"
    assert shorten("日本語", 5) == "日本…"
    assert shorten("abc", 0) == ""


@given(TEXTS, st.sampled_from(Speech), st.booleans())
def test_every_line_fits_as_others_see_it(text: str, speech: Speech, multiline: bool) -> None:
    limits = {"multiline_bytes": 400, "multiline_lines": 5} if multiline else {}
    wire = Wire(SOURCE, tags=True, labels=True, echo=True, **limits)
    clean = text.replace("\0", "").replace("\r", "")
    numbers = count()
    outgoing = Outgoing(lambda: str(next(numbers)))
    for unit in units(Draft("#channel", clean, speech), wire, outgoing.new_nonce):
        lines = 0
        for message in outgoing.messages(unit, wire, 0.0):
            if message.command == command(speech):
                seen = message.format().removeprefix("@").partition(" ")[2]
                assert len(f":{SOURCE} {seen}\r\n".encode()) <= LINE_BYTES
                lines += 1
        assert lines <= 5 or not multiline
        assert len(unit.text.encode()) <= 400 or len(unit.parts) == 1 or not multiline


@given(TEXTS)
def test_a_multiline_message_holds_what_was_typed(text: str) -> None:
    wire = Wire(SOURCE, echo=True, multiline_bytes=100_000, multiline_lines=100_000)
    clean = text.replace("\0", "").replace("\r", "")
    found = list(units(Draft("#c", clean), wire, lambda: "n"))
    if clean.strip("\n"):
        assert [unit.text for unit in found] == [clean]
    else:
        assert found == []
