"""One client of the proxy and the server: what each says is passed on, and shown between."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine

from hubbub.wire.address import WireAddress
from hubbub.wire.ends.line import WireLine
from hubbub.wire.ends.tcp import Tap, connect
from hubbub.wire.ends.tls import TLSEnd
from hubbub.wire.proxying.trust import ServerTrust
from hubbub.wire.seen import Show, Way
from hubbub.wire.watching import Watch, watch


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
            await _either(
                _pass_on(near, far, watch(scheme, Way.SENT, of_both)),
                _pass_on(far, near, watch(scheme, Way.RECEIVED, of_both)),
            )
        finally:
            await far.close()
            await near.close()

    def _tls_for_client(self, show: Show) -> TLSEnd | None:
        return TLSEnd(self._server_context, show) if self._server_context is not None else None


async def _pass_on(source: WireLine, target: WireLine, watching: Watch) -> None:
    while data := await source.read():
        watching.feed(data)
        await target.write(data)


async def _either(*directions: Coroutine[None, None, None]) -> None:
    """Run two directions until one has ended, and raise what it raised."""
    tasks = [asyncio.create_task(direction) for direction in directions]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
