"""One connection to a server: TLS, whose certificate it is, bytes to messages and back."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from hubbub.client.errors import CannotConnect, ChangedCertificate, LinkError, UnexpectedCertificate
from hubbub.client.link_state import ServerIdentity, Trust
from hubbub.client.network.address import ServerAddress
from hubbub.irc.framing import TAG_BYTES, LineBuffer, TooLong
from hubbub.irc.message import InvalidUTF8, MalformedLine, Message, parse, parse_text
from hubbub.irc.text import visible

CONNECT: Final = 15.0
"""Seconds until a connection must stand, TLS included."""
PLACE: Final = 5.0
"""Seconds that one of several addresses of a name has, before the next one is tried."""
CLOSE: Final = 2.0
"""Seconds that saying goodbye to a connection may take."""
UNSENT: Final = 256 * 1024
"""Bytes that wait to be sent, past which nothing more is taken."""
# What OpenSSL calls a first answer that is no TLS record.
_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG")
_LINE_BYTES: Final = 16 * 1024
_READ_BYTES: Final = 64 * 1024
_HAPPY_EYEBALLS: Final = 0.25


class Pins(Protocol):
    """Remember which certificate belongs to which server, both as known_servers has them."""

    place: str
    expected: str

    def known(self, server: str) -> str | None:
        """Return the fingerprint remembered for `HOST:PORT`."""

    def remember(self, server: str, fingerprint: str) -> None:
        """Replace what is remembered of `HOST:PORT`, so that it lasts from one run to the next."""


class ServerConnection:
    """Hold one connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, identity: ServerIdentity
    ) -> None:
        """Take over a connection that stands; `connect` makes one."""
        self._reader = reader
        self._writer = writer
        self.identity = identity

    @property
    def is_full(self) -> bool:
        """Say whether so much waits to be sent that nothing more should be added."""
        return self._writer.transport.get_write_buffer_size() > UNSENT

    def send(self, messages: Iterable[Message]) -> None:
        """Send messages; what a lost connection does not take is dropped."""
        data = b"".join(message.encode() for message in messages)
        if data and not self._writer.is_closing():
            self._writer.write(data)

    async def messages(self) -> AsyncIterator[list[Message]]:
        """Yield what the server says, as it comes; end when the connection does.

        Raises LinkError with the reason when it was not closed in order.
        """
        lines = LineBuffer(_LINE_BYTES, TAG_BYTES)
        while True:
            try:
                data = await self._reader.read(_READ_BYTES)
            except OSError as error:
                raise LinkError(_reason(error)) from None
            if not data:
                return
            received = (
                _message(line) for line in lines.feed(data) if not isinstance(line, TooLong)
            )
            yield [message for message in received if message is not None]

    def abort(self) -> None:
        """Drop the connection at once; `messages` ends."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection, and wait a moment for the server to agree."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), CLOSE)


async def connect(
    address: ServerAddress, pins: Pins, certificate: str = "", turn: int = 0
) -> ServerConnection:
    """Connect to a server, and make sure who it is before anything is said.

    `certificate` is a PEM file with the client's certificate and its key, which the server is
    shown. Of several addresses that a name has each `turn` begins with another. Raises
    CannotConnect or CertificateRefused.
    """
    way = _Way(address, certificate, turn)
    try:
        async with asyncio.timeout(CONNECT):
            if not address.tls:
                return await _open(way, None, Trust.NOBODY_ELSE)
            return await _connect_tls(way, pins)
    except TimeoutError:
        # Some servers wait for the end of what they take for a line of text.
        hint = f"; if it speaks no TLS there, try irc://{address.name}" if address.tls else ""
        raise CannotConnect(f"{address.name} does not answer{hint}") from None
    except ssl.SSLError as error:
        if error.reason in _NO_TLS:
            reason = f"{address.name} speaks no TLS there; try irc://{address.name}"
            raise CannotConnect(reason) from None
        raise CannotConnect(f"{address.name}: {_reason(error)}") from None
    except OSError as error:
        raise CannotConnect(f"{address.name}: {_reason(error)}") from None


@dataclass(frozen=True, slots=True)
class _Way:
    """Hold where to connect to, with which certificate, and with which of a name's addresses."""

    address: ServerAddress
    certificate: str
    turn: int

    async def streams(
        self, context: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection. Raise OSError."""
        host, port = self.address.host, self.address.port
        name = host if context else None
        if not self.turn:
            return await asyncio.open_connection(
                host, port, ssl=context, server_hostname=name, happy_eyeballs_delay=_HAPPY_EYEBALLS
            )
        found = await asyncio.get_running_loop().getaddrinfo(host, port)
        places = list(dict.fromkeys(str(each[4][0]) for each in found))
        first, failure = self.turn % len(places), OSError()
        for place in (*places[first:], *places[:first]):
            try:
                async with asyncio.timeout(PLACE):
                    return await asyncio.open_connection(
                        place, port, ssl=context, server_hostname=name
                    )
            except ssl.SSLError:
                raise
            except OSError as error:
                failure = error
        raise failure


def _known(address: ServerAddress, pins: Pins) -> str | None:
    """Return what is remembered of a server: of this place, or else of another one of it."""
    names = (address.name, *(other.name for other in address.others))
    return next(filter(None, map(pins.known, names)), None)


async def _connect_tls(way: _Way, pins: Pins) -> ServerConnection:
    address = way.address
    known = _known(address, pins)
    if not pins.expected and known is None:
        verified = await _verified(way)
        if verified is not None:
            return verified
    link = await _open(way, _trusting_context(way.certificate), Trust.KNOWN)
    shown = link.identity.fingerprint
    if shown == (pins.expected or known):
        if pins.known(address.name) != shown:
            pins.remember(address.name, shown)
        return link
    if not pins.expected and known is None:
        pins.remember(address.name, shown)
        link.identity = ServerIdentity(Trust.FIRST_USE, shown)
        return link
    await link.close()
    if pins.expected:
        raise UnexpectedCertificate(address.name, pins.expected, shown)
    # Its operator may have moved on to a certificate that everybody can verify.
    verified = await _verified(way)
    if verified is None:
        raise ChangedCertificate(address.name, known or "", shown, pins.place)
    return verified


async def _verified(way: _Way) -> ServerConnection | None:
    """Connect to a server whose certificate verifies, or return None."""
    try:
        context = _showing(ssl.create_default_context(), way.certificate)
        return await _open(way, context, Trust.VERIFIED)
    except ssl.SSLCertVerificationError:
        return None


def check_certificate(path: str) -> None:
    """Make sure that a file holds a certificate and its key. Raises OSError, or CannotConnect."""
    try:
        _showing(ssl.create_default_context(), path)
    except ssl.SSLError as error:
        text = "a PEM file with a certificate and its key, not encrypted, is needed"
        raise CannotConnect(f"{path}: {text} ({error.reason or error})") from None


def _showing(context: ssl.SSLContext, certificate: str) -> ssl.SSLContext:
    """Let the server be shown a certificate, where there is one."""
    if certificate:
        # A password of its own cannot be asked for while connecting; "" fails where one is needed.
        context.load_cert_chain(certificate, password="")
    return context


def _trusting_context(certificate: str) -> ssl.SSLContext:
    """Return a context that takes any certificate: its fingerprint is compared instead."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _showing(context, certificate)


async def _open(way: _Way, context: ssl.SSLContext | None, trust: Trust) -> ServerConnection:
    reader, writer = await way.streams(context)
    tls = writer.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls else b""
    fingerprint = hashlib.sha256(certificate).hexdigest() if certificate else ""
    return ServerConnection(reader, writer, ServerIdentity(trust, fingerprint))


def _message(line: bytes) -> Message | None:
    try:
        return parse(line)
    except InvalidUTF8:
        text = line.decode(errors="replace")
    except MalformedLine:
        # Some servers relay what they should not: show it rather than lose the line.
        text = "".join(visible(char) if char in "\0\r" else char for char in line.decode())
    try:
        return parse_text(text.rstrip("\r\n"))
    except MalformedLine:
        return None


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no TLS ({error.reason or error})"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if error.errno is None:
        # Attempts on several addresses are reported together.
        return "cannot be reached" if str(error) else type(error).__name__
    return error.strerror or str(error)
