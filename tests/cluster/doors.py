"""A member's door that is open, and peers that answer whatever a test has them answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from hubbub.cluster.conversation import door_context
from hubbub.cluster.copying import Copies
from hubbub.cluster.joining import JoinDoor
from tests.cluster.founder import Founder


@asynccontextmanager
async def opened(founder: Founder, now: Callable[[], float] = float) -> AsyncIterator[JoinDoor]:
    """Open the door of a member; its address is `founder.door` then."""
    copies = Copies(founder.data_dir, founder.journal)
    door = JoinDoor(founder.data_dir, founder.admit, copies, now)
    founder.door = f"127.0.0.1:{await door.open('127.0.0.1', 0)}"
    try:
        yield door
    finally:
        await door.close()


@asynccontextmanager
async def hostile(data_dir: Path, *answers: bytes, endless: bytes = b"") -> AsyncIterator[str]:
    """Be a member, by its certificate, that answers so and hangs up; return its address.

    Where something is `endless` it is sent again and again before that.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # asyncio takes a connection's task that was cancelled, at the end of a test, for a fault.
        with suppress(OSError, asyncio.CancelledError):
            for each in answers:
                await reader.readline()
                writer.write(each)
                await writer.drain()
            while endless and not writer.transport.is_closing():
                writer.write(endless)
                await writer.drain()
                await asyncio.sleep(0)
        writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=door_context(data_dir))
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@asynccontextmanager
async def cutting(address: str, after: int) -> AsyncIterator[str]:
    """Pass connections on to an address, and cut the first one after so many bytes from there."""
    host, port = address.split(":")
    left = [after]

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_connection(host, int(port))

        async def back() -> None:
            with suppress(OSError):
                while data := await there.read(16_384):
                    left[0] -= len(data)
                    if 0 < -left[0] <= len(data):
                        break
                    writer.write(data)
                    await writer.drain()
            for each in (writer, onward):
                each.transport.abort()

        backwards = asyncio.create_task(back())
        with suppress(OSError):
            while data := await reader.read(16_384):
                onward.write(data)
        onward.transport.abort()
        await backwards

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
