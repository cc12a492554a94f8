"""Tests of how long lines become rows."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.events import ChatMessage, Speech
from hubbub.client.graphemes import width
from hubbub.client.timeline.transcript import Fragment, Line, Role, Transcript, text_of
from hubbub.client.timeline.wrapping import NARROWEST, wrap
from hubbub.irc.text import spans


def rows(text: str, columns: int, times: bool = True) -> list[str]:
    said = ChatMessage("#one", "bob", text, Speech.MESSAGE, 60.0)
    return [
        text_of(row) for line in Transcript(UTC, times).draw(said) for row in wrap(line, columns)
    ]


@pytest.mark.parametrize(
    ("text", "times", "expected"),
    [
        (
            "the quick brown fox jumps over",
            True,
            ["00:01 <bob> the quick brown", "        fox jumps over"],
        ),
        (
            "one\nthe quick brown fox jumps over",
            True,
            ["00:01 <bob> one", "      │ the quick brown fox", "        jumps over"],
        ),
        ("the quick brown fox jumps over", False, ["<bob> the quick brown fox", "  jumps over"]),
        # A word moves whole where it fits a row; a longer one begins where there is room.
        (
            "see https://chat.example/",
            True,
            ["00:01 <bob> see https://chat", "        .example/"],
        ),
        ("see http://chat/now", True, ["00:01 <bob> see", "        http://chat/now"]),
        ("x" * 30, True, ["00:01 <bob> xxxxxxxxxxxxxxxx", "        xxxxxxxxxxxxxx"]),
        ("日本語日本語日本語", True, ["00:01 <bob> 日本語日本語日本", "        語"]),
    ],
)
def test_rows_hang_below_the_text(text: str, times: bool, expected: list[str]) -> None:
    assert rows(text, 28, times) == expected


def test_the_look_of_every_piece_stays() -> None:
    line = (Fragment("12:34 ", Role.TIME), Fragment("aaa bbb", Role.NOTICE), Fragment("ccc ddd"))
    assert wrap(line, 12) == [
        (Fragment("12:34 ", Role.TIME), Fragment("aaa", Role.NOTICE)),
        (Fragment("    ", Role.TIME), Fragment("bbb", Role.NOTICE), Fragment("ccc")),
        (Fragment("    ", Role.TIME), Fragment("ddd")),
    ]


@given(
    st.text(st.sampled_from("ab  c\u0301日👍🇩🇪\u200d\x02\x034é"), max_size=120),
    st.integers(0, 60),
)
def test_no_row_is_too_wide_and_only_blanks_are_left_out(text: str, columns: int) -> None:
    line: Line = (
        Fragment("12:34 ", Role.TIME),
        *(Fragment(span.text, Role.TEXT, span.style) for span in spans(text)),
    )
    found = wrap(line, columns)
    assert all(width(text_of(row)) <= max(columns, NARROWEST) for row in found)
    kept = "".join(text_of(row) for row in found)
    assert kept.replace(" ", "") == text_of(line).replace(" ", "")
