"""What a program writes into a pipe, as lines that can be said."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hubbub.ui.input_lines import LINE_BYTES, InputLines


def test_lines_are_cut_where_no_character_is() -> None:
    lines = InputLines()
    text = "\u20ac" * LINE_BYTES
    found = [*lines.feed(text.encode()), *lines.end()]
    assert "".join(found) == text
    assert all(len(line.encode()) <= LINE_BYTES for line in found[:1])


def test_what_a_program_prints_is_no_request_to_anybodys_client() -> None:
    given = b"\x01VERSION\x01\n\x01ACTION waves\x01\na\r\n\r\nb"
    lines = InputLines()
    assert [*lines.feed(given), *lines.end()] == [
        "VERSION\x01",
        "\x01ACTION waves\x01",
        "a",
        "",
        "b",
    ]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_however_the_bytes_come_the_lines_are_the_same(data: bytes, cuts: list[int]) -> None:
    whole, pieces = InputLines(), InputLines()
    expected = [*whole.feed(data), *whole.end()]
    places = [0, *sorted(cuts), len(data)]
    found = [line for start, end in pairwise(places) for line in pieces.feed(data[start:end])]
    assert [*found, *pieces.end()] == expected
    assert not any("\n" in line for line in expected)


def test_an_end_of_either_kind_ends_a_line_and_the_last_needs_none() -> None:
    lines = InputLines()
    assert lines.feed(b"a\r\nb\nc\r") == ["a", "b"]
    assert lines.end() == ["c"]
    assert lines.end() == []


def test_what_is_no_text_becomes_signs_for_it() -> None:
    assert InputLines().feed(b"a\xffb\n") == ["a\ufffdb"]
