"""What a program writes into a pipe, as lines that can be said."""

from __future__ import annotations

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
