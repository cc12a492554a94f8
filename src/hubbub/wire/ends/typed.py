"""Lines of standard input, as they are typed or come out of a program."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Final

AHEAD: Final = 100
"""How many lines are read ahead; then whoever writes has to wait."""
LINE_BYTES: Final = 16 * 1024
"""A longer line is taken as several."""


async def typed_lines(descriptor: int) -> AsyncIterator[str]:
    """Yield the lines that come from a file descriptor, without their endings, until it ends."""
    lines: asyncio.Queue[bytes | None] = asyncio.Queue(AHEAD)
    loop = asyncio.get_running_loop()

    def put(line: bytes | None) -> None:
        asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

    def read() -> None:
        # Both say that the loop is gone, and with it whoever would take the line.
        with suppress(RuntimeError, CancelledError):
            for line in _lines_of(descriptor):
                put(line)
            put(None)

    # A thread, for no loop can wait for a regular file; it is not waited for at the end.
    threading.Thread(target=read, daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line.decode(errors="replace").rstrip("\r")


def _lines_of(descriptor: int) -> Iterator[bytes]:
    rest = b""
    # Not through sys.stdin: its lock, held by a waiting thread, would abort the program's end.
    while data := _read(descriptor):
        *whole, rest = (rest + data).split(b"\n")
        yield from whole
        if len(rest) > LINE_BYTES:
            yield rest
            rest = b""
    if rest:
        yield rest


def _read(descriptor: int) -> bytes:
    with suppress(OSError):
        return os.read(descriptor, LINE_BYTES)
    return b""
