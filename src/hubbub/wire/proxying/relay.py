"""One client of the proxy and the server: what each says is passed on, and shown between."""

from __future__ import annotations

import asyncio
import ssl

from hubbub.wire.address import WireAddress
from hubbub.wire.ends.line import WireLine
from hubbub.wire.ends.tcp import Tap, connect
from hubbub.wire.ends.tls import TLSEnd
from hubbub.wire.proxying.trust import ServerTrust
from hubbub.wire.seen import Show, Way
from hubbub.wire.watching import LineWatch, watch


class IRCRelay:
    """Pass on IRC, with or without TLS and WebSocket: what a client of the address speaks."""

    def __init__(
        self, address: WireAddress, trust: ServerTrust, server_context: ssl.SSLContext | None
    ) -> None:
        """Prepare for one client; the context holds the proxy's certificate, None without TLS."""
        self._address = address
        self._trust = trust
        self._server_context = server_context

    async def run(self, client: Tap, shows: tuple[Show, Show, Show], seconds: float) -> None:
        """Pass on until either side ends; `shows` are for the client's line, the server's, both.

        Raise WireFailure.
        """
        of_client, of_server, of_both = shows
        near = WireLine(client, self._tls_for_client(of_client))
        await near.open(seconds)
        tap = await connect(self._address, of_server, seconds)
        tls = (
            TLSEnd(self._trust.context(), of_server, self._address.host)
            if self._address.tls
            else None
        )
        far = WireLine(tap, tls)
        try:
            await far.open(seconds)
            if tls is not None:
                self._trust.check_certificate(tls.certificate)
            scheme = self._address.scheme
            await _both_ways(near, far, (of_both, scheme), seconds)
        finally:
            await far.close()
            await near.close()

    def _tls_for_client(self, show: Show) -> TLSEnd | None:
        return TLSEnd(self._server_context, show) if self._server_context is not None else None


async def _both_ways(
    near: WireLine, far: WireLine, watched: tuple[Show, str], seconds: float
) -> None:
    """Pass on until either side ends; a client that only has no more to say hears the answers."""
    show, scheme = watched
    up = asyncio.create_task(_pass_on(near, far, watch(scheme, Way.SENT, show)))
    down = asyncio.create_task(_pass_on(far, near, watch(scheme, Way.RECEIVED, show)))
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        if up.done():
            up.result()
            if far.finish():
                await asyncio.wait((down,), timeout=seconds)
        if down.done():
            down.result()
    finally:
        up.cancel()
        down.cancel()
        await asyncio.gather(up, down, return_exceptions=True)


async def _pass_on(source: WireLine, target: WireLine, watching: LineWatch) -> None:
    while data := await source.read():
        watching.feed(data)
        await target.write(data)
