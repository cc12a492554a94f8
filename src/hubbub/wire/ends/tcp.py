"""A TCP connection of which every read and write is told."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any, Final

from hubbub.wire.address import WireAddress
from hubbub.wire.failures import CannotReach, CutOff
from hubbub.wire.seen import OnLayer, Seen, Show, Way

READ_BYTES: Final = 64 * 1024
CLOSE_SECONDS: Final = 2.0
"""How long saying goodbye to a connection may take."""
_HAPPY_EYEBALLS: Final = 0.25
OPPOSITE: Final = {Way.SENT: Way.RECEIVED, Way.RECEIVED: Way.SENT}


class Tap:
    """Read and write one TCP connection, and show each time how many bytes went which way.

    `outgoing` is the way of what is written here: what a server writes the client receives.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        show: Show,
        outgoing: Way = Way.SENT,
    ) -> None:
        """Take over a connection that stands."""
        self._reader = reader
        self._writer = writer
        self._show = show
        self._outgoing = outgoing

    async def read(self) -> bytes:
        """Return what came, b"" at the end. Raise CutOff."""
        incoming = OPPOSITE[self._outgoing]
        try:
            data = await self._reader.read(READ_BYTES)
        except OSError as error:
            raise CutOff(f"the connection broke: {error.strerror or error}") from None
        what = Seen(OnLayer.TCP, "bytes", incoming, len(data)) if data else None
        self._show(what or Seen(OnLayer.TCP, "ended", incoming))
        return data

    async def write(self, data: bytes) -> None:
        """Send bytes, and wait where the other side is slow. Raise CutOff."""
        if not data:
            return
        self._show(Seen(OnLayer.TCP, "bytes", self._outgoing, len(data)))
        self._writer.write(data)
        try:
            await self._writer.drain()
        except OSError as error:
            raise CutOff(f"the connection broke: {error.strerror or error}") from None

    def finish(self) -> None:
        """Say that nothing more is sent; what the other side has to say still comes."""
        if self._writer.can_write_eof() and not self._writer.is_closing():
            self._writer.write_eof()

    async def close(self) -> None:
        """Close it, and wait a moment for what is on its way."""
        self._writer.close()
        try:
            await asyncio.wait_for(self._writer.wait_closed(), CLOSE_SECONDS)
        except TimeoutError:
            self._writer.transport.abort()
        except OSError:
            # It has gone already.
            return


async def connect(address: WireAddress, show: Show, seconds: float) -> Tap:
    """Connect, and show where to and how long it took. Raise CannotReach."""
    try:
        async with asyncio.timeout(seconds):
            await _look_up(address, show)
            began = time.monotonic()
            reader, writer = await asyncio.open_connection(
                address.host, address.port, happy_eyeballs_delay=_HAPPY_EYEBALLS
            )
    except TimeoutError:
        raise CannotReach(f"{address.name} does not answer within {seconds:g} s") from None
    except OSError as error:
        raise CannotReach(f"{address.name}: {_reason(error)}") from None
    except UnicodeError:
        raise CannotReach(f"{address.name}: no name service has such a name") from None
    show(connected(writer, time.monotonic() - began))
    return Tap(reader, writer, show)


def connected(writer: asyncio.StreamWriter, seconds: float | None = None) -> Seen:
    """Say between which addresses a connection stands, and how long it took."""
    facts = [
        ("from", name_of(writer.get_extra_info("sockname"))),
        ("to", name_of(writer.get_extra_info("peername"))),
    ]
    if seconds is not None:
        facts.append(("took", f"{seconds * 1000:.1f} ms"))
    return Seen(OnLayer.TCP, "connected", details=tuple(facts))


def name_of(place: Any) -> str:
    """Return what a socket calls an address as `host:port`."""
    if not isinstance(place, tuple) or len(place) < 2:
        return "unknown"
    return f"[{place[0]}]:{place[1]}" if ":" in str(place[0]) else f"{place[0]}:{place[1]}"


async def _look_up(address: WireAddress, show: Show) -> None:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    places = tuple(dict.fromkeys(name_of(each[4]) for each in found))
    if places != (address.name,):
        facts = (("name", address.host), ("addresses", places))
        show(Seen(OnLayer.TCP, "looked up", details=facts))


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused: nobody listens there"
    return error.strerror or str(error) or type(error).__name__
