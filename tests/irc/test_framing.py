"""Bytes into lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc.framing import LineBuffer, TooLong

Lines = list[bytes | TooLong]

PIECES = st.sampled_from([b"PING a", b"\r\n", b"\n", b"\r", b"x" * 30, b"@t=1 ", b"\0"])
STREAMS = st.lists(PIECES, max_size=30).map(b"".join)


def feed(buffer: LineBuffer, *chunks: bytes) -> Lines:
    lines: Lines = []
    for chunk in chunks:
        lines.extend(buffer.feed(chunk))
    return lines


def small() -> LineBuffer:
    return LineBuffer(line_bytes=40, tag_bytes=10)


def expected(stream: bytes) -> Lines:
    """Split whole, as a reader without chunks would."""
    lines: Lines = []
    for piece in stream.split(b"\n")[:-1]:
        line = piece[:-1] if piece.endswith(b"\r") else piece
        head, blank, _ = line.partition(b" ")
        tags = head + b" " if line.startswith(b"@") else b""
        if len(tags) > 10 or len(line) - len(tags) > 38:
            lines.append(TooLong(tags if blank and len(tags) <= 10 else b""))
        elif line:
            lines.append(line)
    return lines


@given(STREAMS, st.lists(st.integers(1, 7), min_size=1, max_size=20))
def test_chunks_make_no_difference(stream: bytes, sizes: list[int]) -> None:
    chunks, start, turn = [], 0, 0
    while start < len(stream):
        size = sizes[turn % len(sizes)]
        chunks.append(stream[start : start + size])
        start, turn = start + size, turn + 1
    assert feed(small(), *chunks) == feed(small(), stream) == expected(stream)


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_what_is_kept_is_bounded(chunks: list[bytes]) -> None:
    buffer = small()
    for chunk in chunks:
        buffer.feed(chunk)
        assert len(buffer.partial) <= 50


def test_a_line_may_have_512_bytes_and_its_tags_4096() -> None:
    buffer = LineBuffer()
    tags = b"@" + b"t" * 4094 + b" "
    line = b"PRIVMSG #a :".ljust(510, b"x")
    assert buffer.feed(line + b"\r\n") == [line]
    assert buffer.feed(line + b"x\r\n") == [TooLong()]
    assert buffer.feed(tags + line + b"\r\n") == [tags + line]
    assert buffer.feed(tags + line + b"x\r\n") == [TooLong(tags)]
    assert buffer.feed(b"@t" + tags[1:] + line + b"\r\n") == [TooLong()]


def test_an_endless_line_is_told_of_once_and_what_follows_is_read() -> None:
    buffer = small()
    lines = feed(buffer, *[b"y" * 100] * 100, b"\r\nPING a\r\n")
    assert lines == [TooLong(), b"PING a"]


def test_the_tags_of_an_endless_line_are_kept_and_no_more() -> None:
    buffer = small()
    lines = feed(buffer, b"@t=1 ", *[b"y" * 100] * 100, b"\r\n")
    assert lines == [TooLong(b"@t=1 ")]


def test_empty_lines_are_passed_over() -> None:
    assert small().feed(b"\r\n\n\r\nPING\n") == [b"PING"]
