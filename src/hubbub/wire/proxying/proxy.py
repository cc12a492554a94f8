"""A listener between any client and a server of one's own."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

import asyncssh

from hubbub.client.network.trust import display
from hubbub.server.self_signed import make_self_signed
from hubbub.wire.address import is_loopback
from hubbub.wire.ends.tcp import Tap, connected, name_of
from hubbub.wire.failures import CannotReach, WireFailure
from hubbub.wire.proxying.relay import IRCRelay
from hubbub.wire.proxying.ssh_relay import SSHRelay
from hubbub.wire.proxying.trust import ServerTrust
from hubbub.wire.seen import Show, Way, note
from hubbub.wire.showing.told import Sightings

CLIENTS: Final = 32
"""How many clients are served at once; more are sent away with a word to who watches."""


class Relay(Protocol):
    """Pass on what one client and the server say."""

    async def run(self, client: Tap, shows: tuple[Show, Show, Show], seconds: float) -> None:
        """Pass on until either side ends."""


class WireProxy:
    """Listen, and for each client connect to the server."""

    def __init__(self, trust: ServerTrust, sightings: Sightings, seconds: float) -> None:
        """Prepare to listen; `seconds` bound each handshake."""
        self._trust = trust
        self._address = trust.address
        self._sightings = sightings
        self._seconds = seconds
        self._show = sightings.on()
        self._count = 0
        self._clients: set[asyncio.Task[None]] = set()

    async def run(self, host: str, port: int) -> None:
        """Serve until cancelled. Raise CannotReach where it cannot listen."""
        relay = self._relay(host)
        try:
            server = await asyncio.start_server(
                lambda reader, writer: self._accept(relay, reader, writer), host, port
            )
        except OSError as error:
            raise CannotReach(
                f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}"
            ) from None
        place = name_of(server.sockets[0].getsockname())
        self._show(
            note(
                f"listening on {place} for clients of {self._address.scheme}://{self._address.name};"
                " Ctrl-C ends it",
                "proxy",
            )
        )
        if not is_loopback(host):
            self._show(note("anybody who reaches this port comes through here to the server"))
        try:
            await asyncio.Event().wait()
        finally:
            # Not by `async with`, which would wait until the clients go by themselves.
            server.close()
            for client in self._clients:
                client.cancel()
            await asyncio.gather(*self._clients, return_exceptions=True)

    def _relay(self, host: str) -> Relay:
        if self._address.scheme == "ssh":
            key = asyncssh.generate_private_key("ssh-ed25519")
            self._show(note(f"host key made for this run: {key.get_fingerprint()}", "own key"))
            return SSHRelay(self._address, self._trust, key)
        context = None
        if self._address.tls:
            context_for, shown = own_certificate(("localhost", host))
            self._show(note(f"certificate made for this run: SHA-256 {shown}", "own key"))
            return IRCRelay(self._address, self._trust, context_for)
        return IRCRelay(self._address, self._trust, context)

    def _accept(
        self, relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if len(self._clients) >= CLIENTS:
            self._show(note(f"one more client than {CLIENTS}: sent away"))
            writer.transport.abort()
            return
        self._count += 1
        task = asyncio.create_task(self._serve(relay, reader, writer, self._count))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)
        # Not in the task: one that is cancelled before its first step closes nothing.
        task.add_done_callback(lambda _: writer.transport.abort())

    async def _serve(
        self,
        relay: Relay,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        number: int,
    ) -> None:
        sides = (f"{number} client", f"{number} server", f"{number}")
        of_client, of_server, of_both = (self._sightings.on(side) for side in sides)
        of_client(connected(writer))
        try:
            tap = Tap(reader, writer, of_client, Way.RECEIVED)
            await relay.run(tap, (of_client, of_server, of_both), self._seconds)
            of_both(note("ended"))
        except WireFailure as failure:
            of_both(note(f"ended: {failure}"))


def own_certificate(hosts: tuple[str, ...]) -> tuple[ssl.SSLContext, str]:
    """Return a server's context with a certificate of its own, and that one's fingerprint."""
    certificate, key = make_self_signed(dict.fromkeys(hosts), datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The library reads keys from files only: one that nobody else can open, and for a moment.
    with tempfile.TemporaryDirectory(prefix="hubbub-wire-") as folder:
        path = Path(folder) / "own.pem"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(certificate + key)
        context.load_cert_chain(path)
    der = ssl.PEM_cert_to_DER_cert(certificate.decode())
    return context, display(hashlib.sha256(der).hexdigest())
