"""A line: TCP, with TLS on it or not; plain bytes of the application come out and go in."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hubbub.wire.ends.tcp import CLOSE_SECONDS, Tap
from hubbub.wire.ends.tls import TLSEnd
from hubbub.wire.failures import AnotherProtocol, CutOff, FellSilent


class WireLine:
    """Read and write one connection above TLS."""

    def __init__(self, tap: Tap, tls: TLSEnd | None) -> None:
        """Take over a TCP connection; `open` makes it ready."""
        self._tap = tap
        self._tls = tls
        self._early = b""

    async def open(self, seconds: float) -> None:
        """Go through the handshake of TLS, if there is one.

        Raise AnotherProtocol, CutOff, or FellSilent.
        """
        if self._tls is None:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._handshake(self._tls)
        except TimeoutError:
            raise FellSilent(
                f"the TLS handshake was not done within {seconds:g} s; if there is no TLS "
                "there, the other side may wait for the end of a line"
            ) from None

    async def _handshake(self, tls: TLSEnd) -> None:
        await self._tap.write(tls.start())
        while not tls.established:
            data = await self._tap.read()
            if not data:
                raise CutOff("the other side ended the connection in the midst of the handshake")
            self._early = await self._decipher(tls, data)

    async def _decipher(self, tls: TLSEnd, data: bytes) -> bytes:
        try:
            out, plain = tls.received(data)
        except AnotherProtocol:
            await self._tap.write(tls.last_words)
            raise
        await self._tap.write(out)
        return plain

    async def read(self) -> bytes:
        """Return what came for the application, b"" at the end. Raise CutOff, AnotherProtocol."""
        if self._early:
            early, self._early = self._early, b""
            return early
        if self._tls is None:
            return await self._tap.read()
        while not self._tls.ended:
            data = await self._tap.read()
            if not data:
                return b""
            if plain := await self._decipher(self._tls, data):
                return plain
        return b""

    async def write(self, data: bytes) -> None:
        """Send bytes of the application. Raise CutOff."""
        await self._tap.write(data if self._tls is None else self._tls.sent(data))

    def finish(self) -> bool:
        """Say that nothing more is sent, where that can be said; say whether it can."""
        if self._tls is None:
            self._tap.finish()
        return self._tls is None

    async def close(self) -> None:
        """Say goodbye on each layer, to whoever listens."""
        if self._tls is not None and self._tls.established:
            with suppress(CutOff, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._tap.write(self._tls.close())
        await self._tap.close()
