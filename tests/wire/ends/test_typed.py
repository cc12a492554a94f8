"""Lines of standard input come as they are; one without end is taken as several."""

from __future__ import annotations

import asyncio
import os

from hubbub.wire.ends.typed import LINE_BYTES, typed_lines


def lines_of(data: bytes) -> list[str]:
    read, write = os.pipe()

    async def collect() -> list[str]:
        return [line async for line in typed_lines(read)]

    try:
        os.write(write, data)
        os.close(write)
        return asyncio.run(collect())
    finally:
        os.close(read)


def test_lines_come_without_their_endings() -> None:
    assert lines_of(b"NICK a\r\n\n\x01x\xff\nlast") == ["NICK a", "", "\x01x\ufffd", "last"]


def test_a_line_without_end_is_taken_as_several() -> None:
    lines = lines_of(b"x" * (2 * LINE_BYTES + 10))
    assert sum(map(len, lines)) == 2 * LINE_BYTES + 10
    assert len(lines) > 1
